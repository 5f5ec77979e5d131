"""The load of the telephone from facts: how many called, how they fared, when it was busiest (krc-2-35, krc-2-54)."""

from __future__ import annotations

import datetime as dt
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from kindline.journal import queries as journal
from kindline.switchboard.figures import percentile

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
Busy = tuple[dt.datetime, int]
"""When a busy hour began, and how many calls arrived in it."""


@dataclass(frozen=True, slots=True)
class PhoneDay:
    """The clients' calls that arrived on a local day, and what became of them; times in seconds."""

    day: dt.date
    arrived: int = 0
    answered: int = 0
    abandoned: int = 0
    voicemail: int = 0
    wait_average_s: float | None = None
    wait_median_s: float | None = None
    wait_p90_s: float | None = None
    """Of the same calls: the wait that half of them, and nine of ten, did not exceed."""
    busy: Busy | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """Days with their busy hours, the busy hour of them all, and the calls by hour of the day."""

    days: tuple[PhoneDay, ...]
    usual: tuple[dt.time, float] | None
    """From when the busiest hour of the day usually runs, and its calls on an average day."""
    hours: tuple[float, ...]
    """Calls on an average day that arrive in each hour of the clock, from midnight."""


def load(first: dt.date, last: dt.date, zone: ZoneInfo) -> Load:
    """The load of the local days from `first` to `last`. Clause: krc-2-35, krc-2-54."""
    since, until = (dt.datetime.combine(day, dt.time(), zone) for day in (first, last + DAY))
    found = journal.facts_between(since, until, kind="call_arrived").values_list("subject_id", "at")
    arrivals = {subject: at.astimezone(zone) for subject, at in found}
    outcomes = _told(since, until, "call_ended", "outcome", arrivals)
    waits = _told(since, until, "call_answered", "wait_s", arrivals)
    by_day: dict[dt.date, dict[str, dt.datetime]] = {}
    for subject, at in arrivals.items():
        by_day.setdefault(at.date(), {})[subject] = at
    dates = [first + DAY * n for n in range((last - first).days + 1)]
    days = tuple(_day(date, by_day.get(date, {}), outcomes, waits) for date in dates)
    return Load(days, _usual(arrivals.values(), len(days)), _hours(arrivals.values(), len(days)))


def _told(
    since: dt.datetime, until: dt.datetime, kind: str, field: str, arrivals: Mapping[str, dt.datetime]
) -> dict[str, Any]:
    """A field of a kind of fact, by the call; a call that arrives before midnight may end after it."""
    found = journal.facts_between(since, until + DAY, kind=kind).values_list("subject_id", f"data__{field}")
    return {subject: value for subject, value in found if subject in arrivals and value is not None}


def _day(
    day: dt.date, arrivals: Mapping[str, dt.datetime], outcomes: Mapping[str, str], waits: Mapping[str, float]
) -> PhoneDay:
    counts = Counter(outcomes.get(subject, "") for subject in arrivals)
    waited = sorted(float(waits[subject]) for subject in arrivals if subject in waits)
    return PhoneDay(
        day, len(arrivals), counts["answered"], counts["abandoned"], counts["voicemail"],
        round(sum(waited) / len(waited), 1) if waited else None, percentile(waited, 0.5), percentile(waited, 0.9),
        busiest_hour(arrivals.values()),
    )  # fmt: skip


def _usual(arrivals: Iterable[dt.datetime], days: int) -> tuple[dt.time, float] | None:
    """The busiest hour when all days are laid over each other by the clock."""
    day = dt.date(2000, 1, 1)
    found = busiest_hour(dt.datetime.combine(day, at.time()) for at in arrivals)
    return (found[0].time().replace(second=0, microsecond=0), found[1] / days) if found else None


def _hours(arrivals: Iterable[dt.datetime], days: int) -> tuple[float, ...]:
    counts = Counter(at.hour for at in arrivals)
    return tuple(counts[hour] / days for hour in range(24))


def busiest_hour(moments: Iterable[dt.datetime]) -> Busy | None:
    """The earliest sliding sixty minutes that hold most of the moments, from the first of them."""
    window: deque[dt.datetime] = deque()
    best: Busy | None = None
    for moment in sorted(moments):
        window.append(moment)
        while moment - window[0] >= HOUR:
            window.popleft()
        if best is None or len(window) > best[1]:
            best = window[0], len(window)
    return best
