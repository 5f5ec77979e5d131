"""A day by half hours: what its calls came to, how long they were worked on, how busy operators were.

Read from the journal once a minute at most: a half hour that is over for LATE is kept and never asked again.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import math
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from kindline.journal import prepared
from kindline.switchboard import figures
from kindline.switchboard.figures import Figures, Stay, Terms

STEP, HOUR, DAY = dt.timedelta(minutes=30), dt.timedelta(hours=1), dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)
LATE = dt.timedelta(minutes=10)
"""So long after its end a half hour is looked at again: a fact that was written late is not missed."""
BUSY, WAITING = ["talking", "hold", "wrap_up"], ["ready", "ringing"]
DONE = """
SELECT count(*) FILTER (WHERE kind = 'call_ended'),
    coalesce(sum((data->>'talk_s')::float) FILTER (WHERE kind = 'call_ended'), 0)
    + coalesce(sum((data->>'duration_s')::float) FILTER (WHERE kind = 'wrap_up_ended'), 0),
    count(*) FILTER (WHERE kind = 'hold_ended'),
    coalesce(sum((data->>'duration_s')::float) FILTER (WHERE kind = 'hold_ended'), 0),
    count(*) FILTER (WHERE kind = 'transfer_completed' AND data->>'mode' = 'attended'),
    count(*) FILTER (WHERE kind = 'transfer_completed' AND data->>'mode' = 'blind'),
    coalesce(sum((data->>'count')::int) FILTER (WHERE kind = 'calls_blocked'), 0),
    count(*) FILTER (WHERE kind = 'wrap_up_ended'),
    coalesce(sum((data->>'duration_s')::float) FILTER (WHERE kind = 'wrap_up_ended'), 0)
FROM journal_fact WHERE at >= %(since)s AND at < %(until)s
    AND (kind IN ('wrap_up_ended', 'hold_ended', 'transfer_completed', 'calls_blocked')
        OR (kind = 'call_ended' AND data->>'outcome' = 'answered'))
"""
ARRIVED = """
SELECT date_trunc('minute', at), count(*) FROM journal_fact
WHERE kind = 'call_arrived' AND at >= %(since)s AND at < %(until)s GROUP BY 1
"""
BEFORE = """
SELECT DISTINCT ON (subject_id) subject_id, data->>'state' FROM journal_fact
WHERE kind = 'operator_state_changed' AND at >= %(since)s AND at < %(until)s ORDER BY subject_id, at DESC, id DESC
"""
STATES = """
WITH change AS (
    SELECT operator, state, %(since)s::timestamptz AS at, 0::bigint AS id
    FROM jsonb_to_recordset(%(before)s::jsonb) AS known(operator text, state text)
    UNION ALL
    SELECT subject_id, data->>'state', at, id FROM journal_fact
    WHERE kind = 'operator_state_changed' AND at >= %(since)s AND at < %(until)s
), stretch AS (
    SELECT operator, state, at, lead(at) OVER (PARTITION BY operator ORDER BY at, id) AS until FROM change
), timed AS (
    SELECT *, extract(epoch FROM coalesce(until, %(until)s) - at)::float AS s FROM stretch
)
SELECT operator, max(state) FILTER (WHERE until IS NULL),
    coalesce(sum(s) FILTER (WHERE state = ANY(%(busy)s)), 0),
    coalesce(sum(s) FILTER (WHERE state = ANY(%(waiting)s)), 0)
FROM timed GROUP BY operator
"""
Sums = TypeVar("Sums", bound=Any)
States = Mapping[str, str]
"""In which state each operator is at a moment."""


@dataclass(frozen=True, slots=True)
class Work:
    """What operators did in a time; seconds. Sums of several times are times too. A share of nothing is None."""

    handled: int = 0
    handling_s: float = 0.0
    """Talk with its holds, and the work after it, of calls and wrap-ups that ended then."""
    holds: int = 0
    held_s: float = 0.0
    """Of holds that ended then."""
    attended: int = 0
    blind: int = 0
    """Transfers that came about, by their mode."""
    blocked: int = 0
    """Calls that an engine refused: it had as many as it takes."""
    busy_s: float = 0.0
    waiting_s: float = 0.0
    wrap_ups: int = 0
    wrapped_s: float = 0.0
    """Of the work after calls that ended then."""

    @property
    def aht_s(self) -> float | None:
        """Talk, hold and wrap-up a handled call."""
        return ratio(self.handling_s, self.handled)

    @property
    def acw_s(self) -> float | None:
        """From the end of a contact until the operator was ready, on the average."""
        return ratio(self.wrapped_s, self.wrap_ups)

    @property
    def occupancy(self) -> float | None:
        """The part of the time at work in which operators were busy with calls."""
        return ratio(self.busy_s, self.busy_s + self.waiting_s)

    @property
    def hold_episode_s(self) -> float | None:
        """How long one hold lasted."""
        return ratio(self.held_s, self.holds)

    @property
    def hold_call_s(self) -> float | None:
        """How long a handled call was on hold."""
        return ratio(self.held_s, self.handled)

    @property
    def attended_rate(self) -> float | None:
        """Attended transfers a handled call."""
        return ratio(self.attended, self.handled)

    @property
    def blind_rate(self) -> float | None:
        """Blind transfers a handled call."""
        return ratio(self.blind, self.handled)


def ratio(part: float, whole: float) -> float | None:
    """A share; None of nothing."""
    return part / whole if whole > 0 else None


@dataclass(frozen=True, slots=True)
class Half:
    """One half hour, from `start`."""

    start: dt.datetime
    figures: Figures
    work: Work


@dataclass(frozen=True)
class Kept:
    """A day as far as it has been read: work by the start of the half hour, arrivals by the minute."""

    at: dt.datetime
    work: Mapping[dt.datetime, Work] = field(default_factory=dict)
    arrivals: Mapping[dt.datetime, int] = field(default_factory=dict)

    @functools.cached_property
    def total(self) -> Work:
        """The work of the whole day."""
        return together(self.work.values(), Work)

    @functools.cached_property
    def busiest(self) -> tuple[dt.datetime, int] | None:
        """The busiest sixty whole minutes, the earliest of several: from when, and how many calls arrived; or none."""
        return busiest(self.arrivals)


class Today:
    """The present day, kept by a process."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._midnight: dt.datetime | None = None
        self._forget(dt.datetime.min.replace(tzinfo=dt.UTC))

    def _forget(self, midnight: dt.datetime) -> None:
        self._kept: Kept | None = None
        self._final, self._before = midnight, dict[str, str]()
        self._work: dict[dt.datetime, Work] = {}
        self._arrivals: Counter[dt.datetime] = Counter()

    def read(self, midnight: dt.datetime, now: dt.datetime) -> Kept:
        """The day since midnight, at most a minute old."""
        midnight = midnight.astimezone(dt.UTC)
        with self._turn:
            if self._midnight != midnight:
                self._forget(midnight)
                self._midnight, self._before = midnight, before(midnight)
            if self._kept is None or not dt.timedelta() <= now - self._kept.at < MINUTE:
                self._kept = self._ask(now.astimezone(dt.UTC))
            return self._kept

    def _ask(self, now: dt.datetime) -> Kept:
        work, arrivals, known = dict(self._work), self._arrivals.copy(), self._before
        for start in starts(self._final, now):
            end = min(start + STEP, now)
            work[start], known, came = half(start, end, known)
            arrivals.update(came)
            if start + STEP + LATE <= now:
                self._final, self._before = start + STEP, known
                self._work, self._arrivals = dict(work), arrivals.copy()
        return Kept(now, work, arrivals)


def past(midnight: dt.datetime, end: dt.datetime) -> Kept:
    """A day that is over."""
    return Today().read(midnight, end)


def starts(since: dt.datetime, until: dt.datetime) -> Iterable[dt.datetime]:
    """The half hours that begin in a time."""
    return (since + STEP * n for n in range(max(0, -((since - until) // STEP))))


def half(start: dt.datetime, end: dt.datetime, known: States) -> tuple[Work, dict[str, str], dict[dt.datetime, int]]:
    """The work of one half hour, the operators' states at its end, and the arrivals by the minute."""
    span = {"since": start, "until": end}
    [[handled, handling_s, holds, held_s, attended, blind, blocked, wrap_ups, wrapped_s]] = prepared.rows(DONE, span)
    told = json.dumps([{"operator": one, "state": state} for one, state in known.items()])
    rows = prepared.rows(STATES, {**span, "before": told, "busy": BUSY, "waiting": WAITING})
    busy_s, waiting_s = (math.fsum(row[place] for row in rows) for place in (2, 3))
    arrived = {at.astimezone(dt.UTC): count for at, count in prepared.rows(ARRIVED, span)}
    work = Work(
        handled, float(handling_s), holds, float(held_s), attended, blind, blocked, busy_s, waiting_s, wrap_ups,
        float(wrapped_s),
    )  # fmt: skip
    return work, {row[0]: row[1] for row in rows}, arrived


def before(moment: dt.datetime) -> dict[str, str]:
    """In which state operators were at a moment; who has changed none for a day is not at work."""
    return dict(prepared.rows(BEFORE, {"since": moment - DAY, "until": moment}))


def together(parts: Iterable[Sums], kind: type[Sums]) -> Sums:
    """Several times as one: the sum of each of their fields."""
    made = list(parts)
    whole: Sums = kind(*(sum(getattr(one, each.name) for one in made) for each in fields(kind)))
    return whole


def busiest(arrivals: Mapping[dt.datetime, int]) -> tuple[dt.datetime, int] | None:
    """The earliest sixty minutes that hold most arrivals, from a minute in which one came."""
    counted = {start: sum(arrivals.get(start + MINUTE * n, 0) for n in range(60)) for start in sorted(arrivals)}
    return max(counted.items(), key=lambda one: one[1], default=None)


def halves(stays: Sequence[Stay], kept: Kept, terms: Terms, midnight: dt.datetime) -> list[Half]:
    """The half hours of a day so far: stays of all queues by the moment at which they ended."""
    midnight = midnight.astimezone(dt.UTC)
    ended: dict[dt.datetime, list[Stay]] = {}
    for stay in stays:
        ended.setdefault(midnight + (stay.at - midnight) // STEP * STEP, []).append(stay)
    return [
        Half(start, figures.of_all(ended.get(start, []), terms), kept.work.get(start, Work()))
        for start in starts(midnight, kept.at)
    ]
