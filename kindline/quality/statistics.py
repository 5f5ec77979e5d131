"""Numbers of the phone for reports: how many, how quickly, how many lost, when it was busiest (krc-2-54, krc-2-35)."""

from __future__ import annotations

import datetime as dt
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from kindline.journal import queries as journal
from kindline.journal.models import Fact

HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PhoneDay:
    """A span of time on the phone; times in seconds."""

    arrived: int
    answered: int
    abandoned: int
    voicemail: int
    wait_average_s: float | None
    talk_average_s: float | None
    busiest_from: dt.datetime | None
    busiest_calls: int


def phone(since: dt.datetime, until: dt.datetime) -> PhoneDay:
    """What happened on the phone from `since` to `until`."""
    arrivals = [fact.at for fact in journal.facts_between(since, until, kind="call_arrived")]
    ended = list(journal.facts_between(since, until, kind="call_ended"))
    outcomes = Counter(str(fact.data.get("outcome", "")) for fact in ended)
    answered = list(journal.facts_between(since, until, kind="call_answered"))
    busiest = busiest_hour(arrivals)
    return PhoneDay(
        arrived=len(arrivals),
        answered=outcomes["answered"],
        abandoned=outcomes["abandoned"],
        voicemail=outcomes["voicemail"],
        wait_average_s=_average(answered, "wait_s"),
        talk_average_s=_average(ended, "talk_s"),
        busiest_from=busiest[0] if busiest else None,
        busiest_calls=busiest[1] if busiest else 0,
    )


def busy_hour(day: dt.date, zone: ZoneInfo) -> tuple[dt.datetime, int] | None:
    """The sixty minutes of a local day in which most calls arrived: their start and the number of calls."""
    start = dt.datetime.combine(day, dt.time(0), zone)
    until = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(0), zone)
    return busiest_hour([fact.at for fact in journal.facts_between(start, until, kind="call_arrived")])


def busiest_hour(moments: Iterable[dt.datetime]) -> tuple[dt.datetime, int] | None:
    """The earliest sliding sixty minutes that hold most of the moments, from the first of them."""
    window: deque[dt.datetime] = deque()
    best: tuple[dt.datetime, int] | None = None
    for moment in sorted(moments):
        window.append(moment)
        while moment - window[0] >= HOUR:
            window.popleft()
        if best is None or len(window) > best[1]:
            best = window[0], len(window)
    return best


def _average(facts: Iterable[Fact], field: str) -> float | None:
    values = [float(fact.data[field]) for fact in facts if field in fact.data]
    return round(sum(values) / len(values), 1) if values else None
