"""A shift as it is planned: read from the organisation's clock, checked, moved by days, cut into its pieces. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

DAY = dt.timedelta(days=1)
WEEK = dt.timedelta(days=7)
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2100, 12, 31)
"""On which shifts may begin: days at the ends of the calendar have no day before, or after, in some zone."""
WORK = "work"
"""What is planned in a shift outside its breaks."""


class UnfitShiftError(Exception):
    """The shift cannot be planned so; `code` says why, `field` (`start`, `end`, `breaks`) where."""

    def __init__(self, code: str, field: str) -> None:
        self.code, self.field = code, field
        super().__init__(f"{field}: {code}")


@dataclass(frozen=True, slots=True, order=True)
class Piece:
    """A time in which one thing is planned: work, or a kind of break."""

    start_at: dt.datetime
    end_at: dt.datetime
    kind: str = WORK

    @property
    def length_s(self) -> float:
        """How long it is, in seconds that pass."""
        return (self.end_at - self.start_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Plan:
    """Somebody's shift with its breaks in their order; moments in UTC."""

    employee: int
    start_at: dt.datetime
    end_at: dt.datetime
    breaks: tuple[Piece, ...] = ()

    def meets(self, start_at: dt.datetime, end_at: dt.datetime) -> bool:
        """Whether it has a moment in common with a time; what only touches it has none."""
        return self.start_at < end_at and start_at < self.end_at


@dataclass(frozen=True, slots=True)
class Clocks:
    """A break as it is typed: its kind, from when until when on the clock."""

    kind: str
    start: dt.time
    end: dt.time


def planned(
    employee: int, day: dt.date, start: dt.time, end: dt.time, breaks: Iterable[Clocks], zone: dt.tzinfo
) -> Plan:
    """A shift that begins on `day` by the clock of `zone`; an end that is not after the start is on the next day.

    Of a time that comes twice, as clocks are put back, the first is meant.
    Raises: UnfitShiftError with `same` (no length), `no_such_time` (clocks are put forward over it), `outside` (a
    break is not within the shift), `overlapping` (breaks are).
    """
    if start == end:
        raise UnfitShiftError("same", "end")
    begins = moment(day, start, zone, "start")
    ends = moment(day if end > start else day + DAY, end, zone, "end")
    found = sorted(_break(one, day, start, zone) for one in breaks)
    if any(not begins <= one.start_at < one.end_at <= ends for one in found):
        raise UnfitShiftError("outside", "breaks")
    if any(one.end_at > other.start_at for one, other in pairwise(found)):
        raise UnfitShiftError("overlapping", "breaks")
    return Plan(employee, begins, ends, tuple(found))


def _break(one: Clocks, day: dt.date, start: dt.time, zone: dt.tzinfo) -> Piece:
    """What lies before the shift's start on the clock is after midnight."""
    begins, ends = (
        moment(day if clock >= start else day + DAY, clock, zone, "breaks") for clock in (one.start, one.end)
    )
    return Piece(begins, ends, one.kind)


def moment(day: dt.date, clock: dt.time, zone: dt.tzinfo, field: str) -> dt.datetime:
    """A time of a day's clock in UTC. Raises: UnfitShiftError where the clock leaves it out."""
    local = dt.datetime.combine(day, clock.replace(fold=0), zone)
    found = local.astimezone(dt.UTC)
    if found.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise UnfitShiftError("no_such_time", field)
    return found


def moved(plan: Plan, days: int, zone: dt.tzinfo) -> Plan:
    """The same shift by the clock, so many days later. Raises: UnfitShiftError, as `planned` does."""
    start, end = (one.astimezone(zone) for one in (plan.start_at, plan.end_at))
    breaks = [
        Clocks(one.kind, one.start_at.astimezone(zone).time(), one.end_at.astimezone(zone).time())
        for one in plan.breaks
    ]
    return planned(plan.employee, start.date() + dt.timedelta(days), start.time(), end.time(), breaks, zone)


def ended(plan: Plan, at: dt.datetime) -> Plan:
    """The same shift, over at a moment within it."""
    begun = (Piece(one.start_at, min(one.end_at, at), one.kind) for one in plan.breaks if one.start_at < at)
    return Plan(plan.employee, plan.start_at, at, tuple(begun))


def pieces(plan: Plan) -> Iterator[Piece]:
    """Work and breaks, one after the other, without a gap."""
    at = plan.start_at
    for one in plan.breaks:
        if at < one.start_at:
            yield Piece(at, one.start_at)
        yield one
        at = one.end_at
    if at < plan.end_at:
        yield Piece(at, plan.end_at)


def clashes(plans: Sequence[Plan], standing: Iterable[Plan]) -> Iterator[tuple[int, Plan]]:
    """Which of the plans (by its place) meets an earlier one of the same person, or one that stands, and that one."""
    known: dict[int, list[Plan]] = {}
    for one in standing:
        known.setdefault(one.employee, []).append(one)
    for place, plan in enumerate(plans):
        of_person = known.setdefault(plan.employee, [])
        yield from ((place, one) for one in of_person if one.meets(plan.start_at, plan.end_at))
        of_person.append(plan)


def days(since: dt.date, until: dt.date, weekdays: Iterable[int]) -> list[dt.date]:
    """The days of these days of the week (Monday is 0), both ends included."""
    chosen = frozenset(weekdays)
    every = (since + dt.timedelta(n) for n in range((until - since).days + 1))
    return [day for day in every if day.weekday() in chosen]


def monday(day: dt.date) -> dt.date:
    """The first day of its week."""
    return day - dt.timedelta(day.weekday())
