"""Shifts as tables show them: a week of people, a list of one's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.dates import WEEKDAYS_ABBR

from kindline.desk.shift_form import breaks_of, shown_day, span
from kindline.staff import shift_plans, shifts
from kindline.staff.models import Employee, Shift
from kindline.standard.profile import Profile
from kindline.switchboard.adherence import is_paid


@dataclass(frozen=True, slots=True)
class Shown:
    """A shift in words."""

    pk: int
    day: dt.date
    span: str
    ends_later: bool
    """On a later day than it begins."""
    breaks: tuple[str, ...]
    paid_s: float


@dataclass(frozen=True, slots=True)
class Row:
    """A person's week: what begins on each of its days, and how much of it is paid."""

    employee: Employee
    cells: tuple[tuple[str, tuple[Shown, ...]], ...]
    """The heading of the day, and its shifts."""
    hours: str


def shown(shift: Shift, zone: dt.tzinfo) -> Shown:
    """A shift on the organisation's clock."""
    plan = shifts.plan_of(shift)
    start, end = plan.start_at.astimezone(zone), plan.end_at.astimezone(zone)
    paid_s = sum(one.length_s for one in shift_plans.pieces(plan) if is_paid(one.kind))
    return Shown(
        shift.pk, start.date(), span(start, end, zone), end.date() > start.date(), tuple(breaks_of(plan, zone)), paid_s
    )


def heads(monday: dt.date) -> list[tuple[dt.date, str]]:
    """The days of a week with their headings."""
    days = (monday + dt.timedelta(n) for n in range(7))
    return [(day, f"{WEEKDAYS_ABBR[day.weekday()]} {shown_day(day)[:5]}") for day in days]


def week(monday: dt.date, people: Mapping[int, Employee], profile: Profile) -> list[Row]:
    """The week of these people."""
    found: dict[tuple[int, dt.date], list[Shown]] = {}
    since, until = shifts.week(monday, profile.zone)
    for one in shifts.between(since, until, people.keys()):
        here = shown(one, profile.zone)
        found.setdefault((one.employee_id, here.day), []).append(here)
    days = heads(monday)
    return [
        _row(person, [(title, tuple(found.get((key, day), ()))) for day, title in days])
        for key, person in people.items()
    ]


def _row(person: Employee, cells: Sequence[tuple[str, tuple[Shown, ...]]]) -> Row:
    return Row(person, tuple(cells), hours(one.paid_s for _title, cell in cells for one in cell))


def hours(lengths_s: Iterable[float]) -> str:
    """Hours and minutes in all: 8:05."""
    whole_min = round(sum(lengths_s) / 60)
    return f"{whole_min // 60}:{whole_min % 60:02}"
