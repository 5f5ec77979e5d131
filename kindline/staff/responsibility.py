"""Who answers for keeping the standard, who has read it, and who controls it by order (krc-7-01..03)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from kindline.journal import actions as journal
from kindline.journal.checking import storable
from kindline.staff.actions import actor
from kindline.staff.models import Acknowledgement, ControlOrder, Employee, Role
from kindline.standard.profile import Profile

SERVING = (Role.OPERATOR, Role.COUNTER)
"""Whoever serves clients answers for the standard, whatever his unit (voe-1-04)."""


def responsible() -> QuerySet[Employee]:
    """Active employees of units that interact with clients, and all who serve them (krc-7-01, krc-7-02, voe-1-04)."""
    mine = Q(unit__interacts_with_clients=True) | Q(roles__overlap=list(SERVING))
    found = Employee.objects.filter(mine, is_active=True).select_related("unit")
    return found.order_by("unit__name", "surname", "given_name", "pk")


def readers(profile: Profile) -> dict[int, dt.datetime]:
    """Who has read the version in force, and when, by the key of the employee."""
    found = Acknowledgement.objects.filter(profile=profile.id, version=profile.version)
    return dict(found.values_list("employee", "made_at"))


@transaction.atomic
def acknowledge(*, profile: Profile, employee: Employee, now: dt.datetime) -> Acknowledgement:
    """The employee has read the version in force and answers for keeping it; reading twice is kept once (krc-7-01)."""
    made, fresh = Acknowledgement.objects.get_or_create(
        employee=employee, profile=profile.id, version=profile.version, defaults={"made_at": now}
    )
    if fresh:
        data, subject = {"profile": profile.id, "version": profile.version}, employee.pk
        journal.record(
            kind="standard_acknowledged", subject_type="employee", subject_id=subject, actor=actor(employee), data=data,
            at=now,
        )  # fmt: skip
    return made


@transaction.atomic
def name_controllers(
    *,
    profile: Profile,
    number: str,
    signed_on: dt.date,
    valid_from: dt.date,
    persons: Sequence[Employee],
    employee: Employee,
    now: dt.datetime,
) -> ControlOrder:
    """Enter an order that names those who control the standard; earlier ones stay to be read (krc-7-03).

    Raises: ValidationError naming each field: no number, nobody named, in force before it was signed, entered already.
    """
    number = storable(number.strip())
    wrong = {
        "number": "" if number else "write the number of the order",
        "persons": "" if persons else "name at least one person",
        "valid_from": "in force before it was signed" if valid_from < signed_on else "",
    }
    if ControlOrder.objects.filter(profile=profile.id, number=number, signed_on=signed_on).exists():
        wrong["number"] = "this order is entered already"
    if any(wrong.values()):
        raise ValidationError({field: said for field, said in wrong.items() if said})
    made = ControlOrder.objects.create(
        profile=profile.id, number=number, signed_on=signed_on, valid_from=valid_from, by=employee, made_at=now
    )
    made.persons.set(persons)
    data = {"order": number, "employees": [one.pk for one in persons]}
    journal.record(
        kind="controllers_named", subject_type="standard", subject_id=profile.id, actor=actor(employee), data=data,
        at=now, clauses=["krc-7-03"] if "krc-7-03" in profile.clauses else [],
    )  # fmt: skip
    return made


def orders(profile_id: str) -> QuerySet[ControlOrder]:
    """Every order, the latest in force first."""
    return ControlOrder.objects.filter(profile=profile_id).prefetch_related("persons").order_by("-valid_from", "-pk")


def order_in_force(profile_id: str, day: dt.date) -> ControlOrder | None:
    """The order that holds on a day."""
    return orders(profile_id).filter(valid_from__lte=day).first()


def controllers(profile_id: str, day: dt.date) -> list[Employee]:
    """Who controls the standard on a day: those named by the order in force who are still here (krc-7-03)."""
    order = order_in_force(profile_id, day)
    return [one for one in order.persons.all() if one.is_active] if order else []
