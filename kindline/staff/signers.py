"""Who has the power to sign: a list of names with dates, ground and bounds; each change ends in a fact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from kindline.journal import actions as journal
from kindline.journal import prepared
from kindline.staff import by_order
from kindline.staff.actions import actor
from kindline.staff.by_order import UnfitPowerError, said
from kindline.staff.models import Deputy, Employee, Signer, Unit

IS_KEPT = "SELECT true FROM staff_signer WHERE profile = %s AND struck_at IS NULL LIMIT 1"


@dataclass(frozen=True, slots=True)
class Held:
    """A power in somebody's hands: his own, or, where he is a deputy, that of the one who is away."""

    power: Signer
    deputy: Deputy | None = None

    @property
    def employee(self) -> Employee:
        """Who signs with it."""
        return self.deputy.deputy if self.deputy else self.power.employee


@dataclass(frozen=True, slots=True)
class Powers:
    """The list of a standard on a day: whether one is kept at all, the powers that hold then, and the deputies."""

    is_kept: bool
    rows: tuple[Signer, ...]
    deputies: tuple[Deputy, ...] = ()

    def held(self) -> Iterator[Held]:
        """Every power in every hand; one's own before those of others."""
        yield from (Held(one) for one in self.rows)
        for deputy in self.deputies:
            yield from (Held(one, deputy) for one in self.rows if one.employee_id == deputy.absent_id)

    def of(self, employee: Employee) -> list[Signer]:
        """The powers with which one person signs: his own, and those of whom he is the deputy."""
        return [one.power for one in self.held() if one.employee.pk == employee.pk]

    def may(self, employee: Employee, kind: str, unit: int | None) -> bool:
        """Whether this person may sign for an appeal of that kind and unit."""
        return self.ground(employee, kind, unit) is not None

    def ground(self, employee: Employee, kind: str, unit: int | None) -> Held | None:
        """By which power he would sign: his own where it reaches so far, else that of one who is away."""
        return next((one for one in self.reaching(kind, unit) if one.employee.pk == employee.pk), None)

    def reaching(self, kind: str, unit: int | None) -> Iterator[Held]:
        """The powers that reach appeals of that kind and unit."""
        return (one for one in self.held() if covers(one.power, kind, unit))

    def who(self, kind: str, unit: int | None) -> list[Employee]:
        """Everybody who may."""
        return list({one.employee.pk: one.employee for one in self.reaching(kind, unit)}.values())


def covers(power: Signer, kind: str, unit: int | None) -> bool:
    """Whether a power reaches appeals of that kind and unit; where none are named it reaches all."""
    units = {one.pk for one in power.units.all()}
    return (not power.kinds or kind in power.kinds) and (not units or unit in units)


def powers(profile_id: str, day: dt.date | None) -> Powers:
    """The list as it holds on a day; without a day whatever stands in it. Those who are gone have no power."""
    if not prepared.one_row(IS_KEPT, [profile_id]):
        return Powers(is_kept=False, rows=())
    rows = list(standing(profile_id).select_related(None).select_related("employee__unit"))
    held = [one for one in rows if one.employee.is_active and (day is None or holds_on(one, day))]
    deputies = _deputies(profile_id) if held else []
    return Powers(True, tuple(held), tuple(one for one in deputies if day is None or holds_on(one, day)))


def _deputies(profile_id: str) -> QuerySet[Deputy]:
    rows = Deputy.objects.filter(profile=profile_id, struck_at=None, deputy__is_active=True)
    return rows.select_related("absent", "deputy").order_by("valid_from", "pk")


def holds_on(power: Signer | Deputy, day: dt.date) -> bool:
    """Whether a power, or a deputising, that was not struck out holds on a day."""
    return power.valid_from <= day and (power.valid_to is None or day <= power.valid_to)


def standing(profile_id: str) -> QuerySet[Signer]:
    """The list: all that was not struck out, also what has ended or is still to come."""
    return everything(profile_id).filter(struck_at=None)


def everything(profile_id: str) -> QuerySet[Signer]:
    """Every power that was ever entered, by name."""
    found = Signer.objects.filter(profile=profile_id).select_related("employee__unit", "made_by", "struck_by")
    return found.prefetch_related("units").order_by("employee__surname", "employee__given_name", "-valid_from", "pk")


@transaction.atomic
def name_signer(
    *,
    profile_id: str,
    person: Employee | None,
    valid_from: dt.date | None,
    valid_to: dt.date | None,
    order: str,
    kinds: Sequence[str] = (),
    units: Collection[Unit] = (),
    employee: Employee,
    now: dt.datetime,
) -> Signer:
    """Give somebody the power to sign; the first name makes the list, and roles count no more (krc-5.8-10, krc-6.1-44).

    Raises: UnfitPowerError naming the field.
    """
    if person is None or not person.is_active:
        raise UnfitPowerError("person")
    order, valid_from = by_order.checked(order, valid_from, valid_to)
    made = Signer.objects.create(
        profile=profile_id, employee=person, valid_from=valid_from, valid_to=valid_to, order=order, kinds=list(kinds),
        made_by=employee, made_at=now,
    )  # fmt: skip
    made.units.set(units)
    data = {"profile": profile_id, "order": order, "from_day": valid_from.isoformat(), "until_day": said(valid_to)}
    _keep("signer_named", made, employee, now, data | {"kinds": made.kinds, "units": [one.pk for one in units]})
    return made


@transaction.atomic
def end_power(*, power: Signer, valid_to: dt.date | None, employee: Employee, now: dt.datetime) -> Signer:
    """Say the last day of a power; none: it holds until it is ended. Raises: UnfitPowerError."""
    held = by_order.ended(power, valid_to)
    _keep("signer_changed", held, employee, now, {"until_day": said(valid_to)})
    return held


@transaction.atomic
def strike(*, power: Signer, why: str, employee: Employee, now: dt.datetime) -> Signer:
    """Take a power off the list with the reason: it was entered by mistake, or revoked. Raises: UnfitPowerError."""
    held, said_why = by_order.struck(power, why, employee, now)
    if said_why:
        _keep("signer_struck", held, employee, now, {"why": said_why})
    return held


def _keep(kind: str, power: Signer, employee: Employee, now: dt.datetime, data: dict[str, Any]) -> None:
    journal.record(
        kind=kind, subject_type="employee", subject_id=power.employee_id, actor=actor(employee),
        data=data | {"power": power.pk}, at=now,
    )  # fmt: skip
