"""The floor beside its schedule: who should be here now and is not, who is here without a shift."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from kindline.staff import queries as staff
from kindline.staff import shift_plans, shifts
from kindline.staff.models import Employee, Shift
from kindline.staff.shift_plans import WORK
from kindline.switchboard.models import Operator, OperatorState


@dataclass(frozen=True, slots=True)
class Missing:
    """Somebody whose shift asks for him now, and since when he is away from planned work."""

    employee: Employee
    since: dt.datetime


@dataclass(frozen=True, slots=True)
class Beside:
    """What differs from the schedule now; nothing does where nobody has a shift today."""

    missing: tuple[Missing, ...] = ()
    unplanned: tuple[Employee, ...] = ()


def beside(day: tuple[dt.datetime, dt.datetime], now: dt.datetime) -> Beside:
    """The floor now beside the shifts of a day, given by its two midnights."""
    if not Shift.objects.filter(start_at__lt=day[1], end_at__gt=day[0]).exists():
        return Beside()
    here = staff.with_role(*staff.AT_THE_PHONE).order_by()
    on_shift = list(shifts.between(now, now + dt.timedelta(microseconds=1)).filter(employee__in=here))
    rows = Operator.objects.filter(employee__in=here).select_related("employee").order_by("employee__surname")
    operators = {one.employee_id: one for one in rows}
    missing = (one for shift in on_shift for one in _missing(shift, operators.get(shift.employee_id), now))
    planned = {one.employee_id for one in on_shift}
    signed_in = (one for one in operators.values() if one.state != OperatorState.OFFLINE)
    unplanned = (one.employee for one in signed_in if one.employee_id not in planned)
    return Beside(tuple(sorted(missing, key=lambda one: one.since)), tuple(unplanned))


def _missing(shift: Shift, operator: Operator | None, now: dt.datetime) -> Iterator[Missing]:
    if operator is not None and operator.state != OperatorState.OFFLINE:
        return
    plan = shifts.plan_of(shift)
    left = max(plan.start_at, operator.since) if operator else plan.start_at
    parts = [one for one in shift_plans.pieces(plan) if one.kind == WORK and one.end_at > left]
    if any(one.start_at <= now < one.end_at for one in parts):
        yield Missing(shift.employee, max(left, parts[0].start_at))
