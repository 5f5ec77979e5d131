"""The shifts of the invented operators, this week and the next: early, usual and late ones in turn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kindline.staff import shift_plans, shifts
from kindline.staff.models import Employee, Role
from kindline.staff.shift_plans import Clocks, Plan, planned
from kindline.standard.profile import Profile

PATTERNS = ((8, 12, 15), (9, 13, 16), (9, 14, 11), (11, 15, 18))
"""The hours at which a shift of nine hours, its lunch of an hour and its break begin."""
LONG = 9
TRAINING = 2
"""On this day of the week (Wednesday) the last hour of a usual shift is a training."""
WEEKS, WORKDAYS = 2, 5


def make(profile: Profile, now: dt.datetime) -> int:
    """Enter them in the supervisor's name; returns how many."""
    by_role = list(Employee.objects.order_by("number"))
    operators = [one for one in by_role if one.roles[:1] == [Role.OPERATOR]]
    leading = next(one for one in by_role if Role.SUPERVISOR in one.roles)
    monday = shift_plans.monday(now.astimezone(profile.zone).date())
    plans = [one for n, operator in enumerate(operators) for one in _plans(operator, n, monday, profile.zone)]
    return shifts.enter(plans=plans, employee=leading, now=now)


def _plans(operator: Employee, turn: int, monday: dt.date, zone: dt.tzinfo) -> Iterator[Plan]:
    """One's two weeks; in the second he has the next pattern."""
    for week in range(WEEKS):
        start, lunch, rest = PATTERNS[(turn + week) % len(PATTERNS)]
        for weekday in range(WORKDAYS):
            breaks = [_break("lunch", lunch, 60), _break("break", rest, 15)]
            if weekday == TRAINING and start == PATTERNS[1][0]:
                breaks.append(Clocks("training", dt.time(start + LONG - 1), dt.time(start + LONG)))
            day = monday + dt.timedelta(weeks=week, days=weekday)
            yield planned(operator.pk, day, dt.time(start), dt.time(start + LONG), breaks, zone)


def _break(kind: str, hour: int, length_min: int) -> Clocks:
    return Clocks(kind, dt.time(hour), dt.time(hour + length_min // 60, length_min % 60))
