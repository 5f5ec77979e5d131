"""Planned and spent time of operators: utilisation and shrinkage of paid time, adherence to the shifts.

Shifts say what is planned, the journal's facts of states what was done. Who has no shift on a day is not left out: the
time that he is signed in then stands for paid time, and there is no adherence of it.
"""

from __future__ import annotations

import datetime as dt
import math
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from typing import TypeVar

from django.conf import settings

from kindline.journal import prepared
from kindline.staff import shift_plans, shifts
from kindline.staff.shift_plans import WORK, Piece, Plan
from kindline.switchboard.half_hours import BUSY, DAY, LATE, MINUTE, WAITING, ratio, together

WORK_PAUSES = ("training", "meeting", "technical")
"""Reasons of a pause that are work: in planned work they are as it is planned."""
CALLS, OTHER_WORK, LISTENING, PAUSE, AWAY = "calls", "other_work", "listening", "pause", "away"
"""What an operator does: calls (ready for them, too); a pause of work; listens to another's call; a pause; nothing."""
CALLING = frozenset({CALLS})
SIGNED_IN = frozenset({CALLS, OTHER_WORK, LISTENING, PAUSE})
IN_WORK, IN_A_BREAK = frozenset({CALLS, OTHER_WORK, LISTENING}), frozenset({OTHER_WORK, PAUSE})
"""In which of these an operator is as planned: in planned work, and in a planned break."""
Span = tuple[dt.datetime, dt.datetime]
Turn = tuple[dt.datetime, str]
Turns = dict[int, list[Turn]]
"""What each operator turned to, and when."""
TURNS = """
WITH change AS (
    SELECT subject_id, at, id, CASE
        WHEN data->>'state' = ANY(%(calls)s) THEN 'calls'
        WHEN data->>'state' = 'watching' THEN 'listening'
        WHEN data->>'state' = 'paused' AND data->>'reason' = ANY(%(work)s) THEN 'other_work'
        WHEN data->>'state' = 'paused' THEN 'pause' ELSE 'away' END AS doing
    FROM journal_fact WHERE kind = 'operator_state_changed' AND at >= %(since)s AND at < %(until)s
), turn AS (
    SELECT *, lag(doing) OVER (PARTITION BY subject_id ORDER BY at, id) AS was FROM change
)
SELECT subject_id, at, doing FROM turn WHERE was IS DISTINCT FROM doing ORDER BY at, id
"""


@dataclass(frozen=True, slots=True)
class Doing:
    """What an operator did from one moment to another."""

    what: str
    start_at: dt.datetime
    end_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Spent:
    """Planned and spent time; seconds. Sums of several are one too. A share of nothing is None."""

    planned_s: float = 0.0
    """Of shifts, breaks included, as far as it has passed."""
    followed_s: float = 0.0
    """Of planned time: in the planned state."""
    paid_s: float = 0.0
    """Of planned time: all but breaks that are not paid."""
    worked_s: float = 0.0
    """Of paid time: on calls, after them, ready for them."""
    beyond_s: float = 0.0
    """The same outside of paid time, on days with a shift."""
    signed_in_s: float = 0.0
    """On days without a shift: what stands for paid time."""
    signed_in_worked_s: float = 0.0
    """Of that: on calls, after them, ready for them."""

    @property
    def utilisation(self) -> float | None:
        """The part of paid time in which operators were busy with calls or ready for them."""
        return ratio(self.worked_s + self.signed_in_worked_s, self.paid_s + self.signed_in_s)

    @property
    def shrinkage(self) -> float | None:
        """The rest of it: pauses, listening, and paid time in which they were not signed in."""
        used = self.utilisation
        return None if used is None else 1 - used

    @property
    def adherence(self) -> float | None:
        """The part of planned time in the planned state."""
        return ratio(self.followed_s, self.planned_s)


Stretch = TypeVar("Stretch", Doing, Plan)
By = dict[int, Spent]
"""Of each operator, by the key of the employee."""


def period(first: dt.date, last: dt.date, zone: dt.tzinfo, now: dt.datetime) -> By:
    """Planned and spent time of everybody in these days of the organisation's clock, until now at most."""
    midnights = midnights_of(first, last, zone)
    return spent(turned(midnights[0] - DAY, min(midnights[-1], now)), midnights, now)


def midnights_of(first: dt.date, last: dt.date, zone: dt.tzinfo) -> list[dt.datetime]:
    """At which these days begin, and the last one ends; in UTC, so that their differences are time that passes."""
    days = (first + DAY * n for n in range((last - first).days + 2))
    return [dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC) for day in days]


def spent(turns: Turns, midnights: Sequence[dt.datetime], now: dt.datetime) -> By:
    """The same of the days between these midnights, from what operators turned to."""
    done = {who: doings(found, midnights[0], min(midnights[-1], now)) for who, found in turns.items()}
    plans = by_person(shifts.plan_of(one) for one in shifts.between(midnights[0], midnights[-1]))
    days = list(pairwise(midnights))
    return {
        who: together((of_day(done.get(who, ()), plans.get(who, ()), one, now) for one in days), Spent)
        for who in {*done, *plans}
    }


def by_person(plans: Iterable[Plan]) -> dict[int, list[Plan]]:
    """The shifts of each."""
    found: dict[int, list[Plan]] = {}
    for one in plans:
        found.setdefault(one.employee, []).append(one)
    return found


def turned(since: dt.datetime, until: dt.datetime, known: Turns | None = None) -> Turns:
    """What operators turned to in a time, after what is known of earlier times."""
    found = {who: list(turns) for who, turns in (known or {}).items()}
    values = {"since": since, "until": until, "calls": [*BUSY, *WAITING], "work": list(WORK_PAUSES)}
    for who, at, what in prepared.rows(TURNS, values):
        turns = found.setdefault(int(who), [])
        if not turns or turns[-1][1] != what:
            turns.append((at, what))
    return found


def doings(turns: Sequence[Turn], since: dt.datetime, until: dt.datetime) -> list[Doing]:
    """What an operator did in a time, one thing after the other; before his first turn he was away."""
    starts = [max(at, since) for at, _what in turns]
    made = zip(starts, [*starts[1:], until], turns, strict=True)
    return [Doing(what, start, end) for start, end, (_at, what) in made if start < end]


def of_day(done: Sequence[Doing], plans: Sequence[Plan], day: Span, now: dt.datetime) -> Spent:
    """One operator's day, from its midnight to the next; what is planned later than now does not count yet.

    What was done, and the shifts, may be those of many days: one after the other, none over another.
    """
    midnight, next_midnight = day
    whole = Piece(midnight, max(midnight, min(next_midnight, now)))
    calls_s = _done_s(done, whole, CALLING)
    todays = within(plans, midnight, next_midnight)
    if not todays:
        return Spent(signed_in_s=_done_s(done, whole, SIGNED_IN), signed_in_worked_s=calls_s)
    parts = [_cut(part, whole) for plan in todays for part in shift_plans.pieces(plan)]
    return _with_shift(done, [one for one in parts if one.length_s > 0], calls_s)


def _with_shift(done: Sequence[Doing], parts: Sequence[Piece], calls_s: float) -> Spent:
    paid = [one for one in parts if is_paid(one.kind)]
    worked_s = math.fsum(_done_s(done, one, CALLING) for one in paid)
    return Spent(
        planned_s=math.fsum(one.length_s for one in parts),
        followed_s=math.fsum(_done_s(done, one, as_planned(one.kind)) for one in parts),
        paid_s=math.fsum(one.length_s for one in paid),
        worked_s=worked_s,
        beyond_s=max(0.0, calls_s - worked_s),
    )


def is_paid(kind: str) -> bool:
    """Whether a piece of a shift is paid time (KINDLINE_PAID_BREAKS)."""
    return kind == WORK or kind in settings.PAID_BREAKS


def as_planned(kind: str) -> frozenset[str]:
    """What may be done while a piece of a shift is planned."""
    return IN_WORK if kind == WORK else IN_A_BREAK


def _cut(part: Piece, whole: Piece) -> Piece:
    return Piece(max(part.start_at, whole.start_at), min(part.end_at, whole.end_at), part.kind)


def within(stretches: Sequence[Stretch], since: dt.datetime, until: dt.datetime) -> Sequence[Stretch]:
    """Those of several, one after the other, that have a moment in a time; found without looking at all of them."""
    first = bisect_right(stretches, since, key=attrgetter("end_at"))
    return stretches[first : bisect_left(stretches, until, lo=first, key=attrgetter("start_at"))]


def _done_s(done: Sequence[Doing], part: Piece, what: frozenset[str]) -> float:
    """For how long of a piece one of these was done."""
    common = (
        min(one.end_at, part.end_at) - max(one.start_at, part.start_at)
        for one in within(done, part.start_at, part.end_at)
        if one.what in what
    )
    return math.fsum(one.total_seconds() for one in common)


class Today:
    """The present day, kept by a process: counted once a minute, and what is over for LATE is asked once (ADR 57)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._midnight: dt.datetime | None = None
        self._turns: Turns = {}
        self._final = self._at = dt.datetime.min.replace(tzinfo=dt.UTC)
        self._by: By = {}

    def read(self, zone: dt.tzinfo, now: dt.datetime) -> By:
        """Planned and spent time since midnight, at most a minute old."""
        today = now.astimezone(zone).date()
        midnights = midnights_of(today, today, zone)
        with self._lock:
            if self._midnight != midnights[0]:
                self._turns = turned(midnights[0] - DAY, midnights[0])
                self._final = midnights[0]
                self._by = self._ask(midnights, now)
                self._midnight = midnights[0]  # last: what could not be asked is asked again
            elif not dt.timedelta() <= now - self._at < MINUTE:
                self._by = self._ask(midnights, now)
            return self._by

    def _ask(self, midnights: Sequence[dt.datetime], now: dt.datetime) -> By:
        turns = turned(self._final, now, self._turns)
        self._at, self._final = now, max(self._final, now - LATE)
        self._turns = {who: [one for one in found if one[0] < self._final] for who, found in turns.items()}
        return spent(turns, midnights, now)
