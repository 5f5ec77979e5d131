"""Who signs for whom while one who may sign is away: named, ended, struck out; each change ends in a fact."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from kindline.journal import actions as journal
from kindline.staff import by_order, signers
from kindline.staff.actions import actor
from kindline.staff.by_order import UnfitPowerError, said
from kindline.staff.models import Deputy, Employee


def everything(profile_id: str) -> QuerySet[Deputy]:
    """Every deputising that was ever entered, the latest first."""
    rows = Deputy.objects.filter(profile=profile_id).select_related("absent", "deputy", "struck_by")
    return rows.order_by("-valid_from", "absent__surname", "pk")


def absents(profile_id: str) -> list[Employee]:
    """Those whose power may be used by a deputy: whoever stands in the list of signers and still works here."""
    rows = signers.standing(profile_id)
    return list({one.employee_id: one.employee for one in rows if one.employee.is_active}.values())


@transaction.atomic
def name_deputy(
    *,
    profile_id: str,
    absent: Employee | None,
    deputy: Employee | None,
    valid_from: dt.date | None,
    valid_to: dt.date | None,
    order: str,
    employee: Employee,
    now: dt.datetime,
) -> Deputy:
    """Let somebody sign with the powers of one who is away, on these days (krc-5.8-10, krc-6.1-44).

    He signs in his own name and for the other; the powers of the one who is away bound what he may sign.
    Raises: UnfitPowerError naming the field.
    """
    if absent is None or absent.pk not in {one.pk for one in absents(profile_id)}:
        raise UnfitPowerError("absent")
    if deputy is None or not deputy.is_active or deputy.pk == absent.pk:
        raise UnfitPowerError("deputy")
    order, valid_from = by_order.checked(order, valid_from, valid_to)
    made = Deputy.objects.create(
        profile=profile_id, absent=absent, deputy=deputy, valid_from=valid_from, valid_to=valid_to, order=order,
        made_by=employee, made_at=now,
    )  # fmt: skip
    days = {"from_day": valid_from.isoformat(), "until_day": said(valid_to)}
    _keep("deputy_named", made, employee, now, {"profile": profile_id, "order": order, **days})
    return made


@transaction.atomic
def end_deputy(*, deputy: Deputy, valid_to: dt.date | None, employee: Employee, now: dt.datetime) -> Deputy:
    """Say the last day: the one who was away is back sooner or later. Raises: UnfitPowerError."""
    held = by_order.ended(deputy, valid_to)
    _keep("deputy_changed", held, employee, now, {"until_day": said(valid_to)})
    return held


@transaction.atomic
def strike_deputy(*, deputy: Deputy, why: str, employee: Employee, now: dt.datetime) -> Deputy:
    """Take a deputising off the list with the reason. Raises: UnfitPowerError."""
    held, said_why = by_order.struck(deputy, why, employee, now)
    if said_why:
        _keep("deputy_struck", held, employee, now, {"why": said_why})
    return held


def _keep(kind: str, row: Deputy, employee: Employee, now: dt.datetime, data: dict[str, Any]) -> None:
    journal.record(
        kind=kind, subject_type="employee", subject_id=row.deputy_id, actor=actor(employee),
        data=data | {"absent": row.absent_id, "deputising": row.pk}, at=now,
    )  # fmt: skip
