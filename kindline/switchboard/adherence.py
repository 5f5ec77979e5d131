"""Planned and spent time of operators: utilisation and shrinkage of paid time, adherence to the shifts.

Shifts say what is planned, the journal's facts of states what was done. Who has no shift on a day is not left out: the
time that he is signed in then stands for paid time, and there is no adherence of it.
"""

from __future__ import annotations

import datetime as dt
import math
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.conf import settings

from kindline.journal import prepared
from kindline.staff import shift_plans, shifts
from kindline.staff.shift_plans import WORK, Piece, Plan
from kindline.switchboard.half_hours import BUSY, DAY, MINUTE, WAITING, ratio, together

WORK_PAUSES = ("training", "meeting", "technical")
"""Reasons of a pause that are work: in planned work they are as it is planned."""
CALLS, OTHER_WORK, LISTENING, PAUSE, AWAY = "calls", "other_work", "listening", "pause", "away"
"""What an operator does: calls (ready for them, too); a pause of work; listens to another's call; a pause; nothing."""
CALLING = frozenset({CALLS})
SIGNED_IN = frozenset({CALLS, OTHER_WORK, LISTENING, PAUSE})
IN_WORK, IN_A_BREAK = frozenset({CALLS, OTHER_WORK, LISTENING}), frozenset({OTHER_WORK, PAUSE})
"""In which of these an operator is as planned: in planned work, and in a planned break."""
Span = tuple[dt.datetime, dt.datetime]
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


By = dict[int, Spent]
"""Of each operator, by the key of the employee."""


def period(first: dt.date, last: dt.date, zone: dt.tzinfo, now: dt.datetime) -> By:
    """Planned and spent time of everybody in these days of the organisation's clock, until now at most."""
    midnights = [dt.datetime.combine(first + DAY * n, dt.time(), zone) for n in range((last - first).days + 2)]
    since, until = midnights[0], min(midnights[-1], now)
    done = doings(since, until) if since < until else {}
    plans = by_person(shifts.plan_of(one) for one in shifts.between(since, midnights[-1]))
    days = list(pairwise(midnights))
    return {
        who: together((of_day(done.get(who, ()), plans.get(who, ()), one, until) for one in days), Spent)
        for who in {*done, *plans}
    }


def by_person(plans: Iterable[Plan]) -> dict[int, list[Plan]]:
    """The shifts of each."""
    found: dict[int, list[Plan]] = {}
    for one in plans:
        found.setdefault(one.employee, []).append(one)
    return found


def doings(since: dt.datetime, until: dt.datetime) -> dict[int, list[Doing]]:
    """What operators did in a time; who has changed no state for a day before it counts as away."""
    values = {"since": since - DAY, "until": until, "calls": [*BUSY, *WAITING], "work": list(WORK_PAUSES)}
    turns: dict[int, list[tuple[dt.datetime, str]]] = {}
    for who, at, what in prepared.rows(TURNS, values):
        turns.setdefault(int(who), []).append((max(at, since), what))
    return {who: list(_stretches(found, until)) for who, found in turns.items()}


def _stretches(turns: Sequence[tuple[dt.datetime, str]], until: dt.datetime) -> Iterable[Doing]:
    ends = [at for at, _what in turns[1:]] + [until]
    return (Doing(what, at, end) for (at, what), end in zip(turns, ends, strict=True) if at < end)


def of_day(done: Sequence[Doing], plans: Sequence[Plan], day: Span, now: dt.datetime) -> Spent:
    """One operator's day, from its midnight to the next; what is planned later than now does not count yet."""
    midnight, next_midnight = day
    whole = Piece(midnight, max(midnight, min(next_midnight, now)))
    calls_s = _done_s(done, whole, CALLING)
    if not any(one.meets(midnight, next_midnight) for one in plans):
        return Spent(signed_in_s=_done_s(done, whole, SIGNED_IN), signed_in_worked_s=calls_s)
    parts = [_cut(part, whole) for plan in plans for part in shift_plans.pieces(plan)]
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


def _done_s(done: Iterable[Doing], part: Piece, what: frozenset[str]) -> float:
    """For how long of a piece one of these was done."""
    common = (
        min(one.end_at, part.end_at) - max(one.start_at, part.start_at)
        for one in done
        if one.what in what and one.start_at < part.end_at and part.start_at < one.end_at
    )
    return math.fsum(one.total_seconds() for one in common)


class Today:
    """The present day, kept by a process for a minute."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._kept: tuple[dt.date, dt.datetime, By] | None = None

    def read(self, zone: dt.tzinfo, now: dt.datetime) -> By:
        """Planned and spent time since midnight, at most a minute old."""
        with self._turn:
            day = now.astimezone(zone).date()
            if self._kept is None or self._kept[0] != day or not dt.timedelta() <= now - self._kept[1] < MINUTE:
                self._kept = day, now, period(day, day, zone, now)
            return self._kept[2]
