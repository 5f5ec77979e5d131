"""Schedules of shifts: entered for many at once, changed, copied to the next week, removed; each change is a fact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from kindline.journal import actions as journal
from kindline.journal.actions import NewFact
from kindline.staff import shift_plans
from kindline.staff.acting import actor
from kindline.staff.models import Employee, Shift, ShiftBreak
from kindline.staff.queries import AT_THE_PHONE
from kindline.staff.shift_plans import WEEK, Piece, Plan, UnfitShiftError

Refused = tuple[Plan, UnfitShiftError]
"""A shift that stands, and why it cannot be so on another day."""


class ClashError(Exception):
    """Shifts of one person would overlap. `found`: the place of the plan, and what it meets; nothing was kept."""

    def __init__(self, found: Sequence[tuple[int, Plan]]) -> None:
        self.found = tuple(found)
        super().__init__(f"{len(self.found)} shifts overlap others of the same person")


class OtherwiseError(Exception):
    """The shift is not what was seen of it any more: `plan` is what it is now; nothing was kept."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        super().__init__("somebody has changed the shift meanwhile")


def between(since: dt.datetime, until: dt.datetime, employees: Collection[int] | None = None) -> QuerySet[Shift]:
    """Shifts with a moment in a time, of everybody or of some, in their order, with their breaks."""
    rows = Shift.objects.filter(start_at__lt=until, end_at__gt=since)
    if employees is not None:
        rows = rows.filter(employee__in=employees)
    return rows.order_by("start_at", "pk").select_related("employee").prefetch_related("breaks")


def plan_of(shift: Shift) -> Plan:
    """A shift as it is planned; its breaks must be at hand (`between`)."""
    breaks = sorted(Piece(one.start_at, one.end_at, one.kind) for one in shift.breaks.all())
    return Plan(shift.employee_id, shift.start_at, shift.end_at, tuple(breaks))


def mark(plan: Plan) -> str:
    """A shift with its breaks as one text, to know whether it is still so."""
    return ", ".join((f"{plan.start_at.isoformat()}/{plan.end_at.isoformat()}", *(_said(one) for one in plan.breaks)))


@transaction.atomic
def enter(*, plans: Sequence[Plan], replace: bool = False, employee: Employee, now: dt.datetime) -> int:
    """Keep these shifts, all or none; `replace`: what stands in their way goes. Returns how many.

    Raises: ClashError.
    """
    _lock({one.employee for one in plans})
    if found := met(plans, replace=replace):
        raise ClashError(found)
    if replace:
        _remove(_in_the_way(plans), employee, now)
    _keep("shift_entered", _written(plans), plans, employee, now)
    return len(plans)


def met(plans: Sequence[Plan], *, replace: bool = False) -> list[tuple[int, Plan]]:
    """Which plans (by their place) overlap another or, unless they replace it, a shift that stands; and that one."""
    standing = [] if replace else [plan_of(one) for one in _standing(plans)]
    return list(shift_plans.clashes(plans, standing))


@transaction.atomic
def change(*, shift: Shift, plan: Plan, employee: Employee, now: dt.datetime, seen: str = "") -> Shift:
    """Let a shift of the same person have other times or breaks; `seen` is the mark of what it was taken to be.

    Raises: ClashError; OtherwiseError if it is not as it was seen; Shift.DoesNotExist if it went.
    """
    _lock({shift.employee_id})
    held = Shift.objects.select_for_update().get(pk=shift.pk)
    if seen and seen != mark(plan_of(held)):
        raise OtherwiseError(plan_of(held))
    others = [plan_of(one) for one in _standing([plan]) if one.pk != held.pk]
    if found := list(shift_plans.clashes([plan], others)):
        raise ClashError(found)
    _put(held, plan, employee, now)
    return held


@transaction.atomic
def remove(*, shifts: QuerySet[Shift], employee: Employee, now: dt.datetime) -> int:
    """Take shifts away; returns how many there still were."""
    _lock(shifts.values_list("employee_id", flat=True))
    return _remove(list(shifts.prefetch_related("breaks")), employee, now)


@transaction.atomic
def end_if_left(*, employee: Employee, by: Employee | None, now: dt.datetime) -> int:
    """If somebody is here, or at the telephone, no more, his shift ends now and later ones are taken away.

    Otherwise what nobody can follow would be counted, and could not be seen. Returns how many shifts it was.
    """
    if employee.is_active and employee.has_role(*AT_THE_PHONE):
        return 0
    _lock({employee.pk})
    left = list(Shift.objects.filter(employee=employee, end_at__gt=now).prefetch_related("breaks"))
    for one in left:
        if one.start_at < now:
            _put(one, shift_plans.ended(plan_of(one), now), by, now)
    _remove([one for one in left if one.start_at >= now], by, now)
    return len(left)


def copy_week(
    *, monday: dt.date, people: Collection[int], zone: dt.tzinfo, replace: bool, employee: Employee, now: dt.datetime
) -> tuple[int, list[Refused]]:
    """Enter the shifts of a week anew a week later, at the same time by the clock.

    Returns how many, and which were left out since the clock of that week has no such time. Raises: ClashError.
    """
    since, until = week(monday, zone)
    copied: list[Plan] = []
    left: list[Refused] = []
    for plan in (plan_of(one) for one in between(since, until, people).filter(start_at__gte=since)):
        try:
            copied.append(shift_plans.moved(plan, WEEK.days, zone))
        except UnfitShiftError as error:
            left.append((plan, error))
    return enter(plans=copied, replace=replace, employee=employee, now=now), left


def week(monday: dt.date, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    """The moments at which a week of the organisation's clock begins and ends."""
    since, until = (dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC) for day in (monday, monday + WEEK))
    return since, until


def _lock(employees: Iterable[int]) -> None:
    rows = Employee.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=set(employees))
    list(rows.order_by("pk").values_list("pk"))


def _standing(plans: Sequence[Plan]) -> list[Shift]:
    if not plans:
        return []
    since, until = min(one.start_at for one in plans), max(one.end_at for one in plans)
    return list(between(since, until, {one.employee for one in plans}))


def _in_the_way(plans: Sequence[Plan]) -> list[Shift]:
    """Standing shifts that a plan of the same person meets."""
    of_person: dict[int, list[Plan]] = {}
    for one in plans:
        of_person.setdefault(one.employee, []).append(one)
    return [
        shift
        for shift in _standing(plans)
        if any(one.meets(shift.start_at, shift.end_at) for one in of_person[shift.employee_id])
    ]


def _written(plans: Sequence[Plan]) -> list[Shift]:
    made = Shift.objects.bulk_create(
        Shift(employee_id=one.employee, start_at=one.start_at, end_at=one.end_at) for one in plans
    )
    _breaks(made, plans)
    return made


def _put(shift: Shift, plan: Plan, by: Employee | None, now: dt.datetime) -> None:
    """Let a shift that stands be as it is planned anew."""
    shift.start_at, shift.end_at = plan.start_at, plan.end_at
    shift.breaks.all().delete()
    shift.save(update_fields=["start_at", "end_at"])
    _breaks([shift], [plan])
    _keep("shift_changed", [shift], [plan], by, now)


def _breaks(shifts: Sequence[Shift], plans: Sequence[Plan]) -> None:
    ShiftBreak.objects.bulk_create(
        ShiftBreak(shift=shift, kind=one.kind, start_at=one.start_at, end_at=one.end_at)
        for shift, plan in zip(shifts, plans, strict=True)
        for one in plan.breaks
    )


def _remove(shifts: Sequence[Shift], employee: Employee | None, now: dt.datetime) -> int:
    _keep("shift_removed", shifts, [plan_of(one) for one in shifts], employee, now)
    Shift.objects.filter(pk__in=[one.pk for one in shifts]).delete()
    return len(shifts)


def _keep(
    kind: str, shifts: Sequence[Shift], plans: Sequence[Plan], employee: Employee | None, now: dt.datetime
) -> None:
    told = zip(shifts, plans, strict=True)
    journal.record_many(
        [NewFact(kind, "employee", plan.employee, actor(employee), _data(shift, plan), now) for shift, plan in told]
    )


def _data(shift: Shift, plan: Plan) -> dict[str, Any]:
    breaks = [_said(one) for one in plan.breaks]
    return {"shift": shift.pk, "start": plan.start_at, "end": plan.end_at, "breaks": breaks}


def _said(one: Piece) -> str:
    return f"{one.kind} {one.start_at.isoformat()}/{one.end_at.isoformat()}"


__all__ = [
    "ClashError",
    "OtherwiseError",
    "Refused",
    "UnfitShiftError",
    "between",
    "change",
    "copy_week",
    "end_if_left",
    "enter",
    "mark",
    "met",
    "plan_of",
    "remove",
    "week",
]
