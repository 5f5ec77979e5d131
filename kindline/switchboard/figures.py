"""The figures of the wallboard: pure, each with the formula that is printed beside it.

The engines of telephony disagree about what a service level is, so ours is printed with the others beside it. A zero
denominator is None: no data, never zero.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
ANSWERED, ABANDONED, OVERFLOW = "answered", "abandoned", "overflow"


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay of a client in a queue that has ended: how long he had waited in all, and what it came to."""

    contact: str
    queue: str
    wait_s: float
    outcome: str
    """answered, abandoned, voicemail, callback, overflow, fallback, node_lost."""
    at: dt.datetime = field(default=NEVER, compare=False)
    """When it ended, where that matters."""


@dataclass(frozen=True, slots=True)
class Terms:
    """T: within which a call should be answered; t: who gives up sooner did not really wait. None: not set."""

    answer_within_s: float | None
    short_s: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What a queue, or all of them, came to."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    abandoned_short: int = 0
    answered_in_time: int = 0
    left_in_time: int = 0
    abandoned_in_time: int = 0
    service_level: float | None = None
    level_answered_only: float | None = None
    """In time / completed: who gave up is ignored (the first of app_queue's two)."""
    level_with_abandoned: float | None = None
    """(Completed + abandoned in time) / (completed + abandoned): the second of app_queue's two."""
    level_left_queue: float | None = None
    """Left the queue in time, however / queued (as Amazon Connect counts)."""
    asa_s: float | None = None
    median_s: float | None = None
    p90_s: float | None = None
    abandonment: float | None = None
    abandonment_real: float | None = None
    """The same without those who gave up before t."""


def first_service(stays: Iterable[Stay]) -> list[Stay]:
    """What counts: each client until he was first answered, and each queue of his once: as he left it for good.

    A talk that was cut and waits anew at the head of the queue is the same call, not one more. Who is sent on and comes
    back to a queue is what his last stay there came to, else an answered call would be in no figure at all.
    """
    served: set[str] = set()
    last: dict[tuple[str, str], Stay] = {}
    for stay in stays:
        if stay.contact in served:
            continue
        last.pop(key := (stay.contact, stay.queue), None)
        last[key] = stay
        if stay.outcome == ANSWERED:
            served.add(stay.contact)
    return list(last.values())


def of_queue(stays: Sequence[Stay], queue: str, terms: Terms) -> Figures:
    """The figures of one queue, from what `first_service` left; who was sent on to another counts as offered here, and
    neither answered nor lost.
    """
    return counted([stay for stay in stays if stay.queue == queue], terms)


def of_all(stays: Sequence[Stay], terms: Terms) -> Figures:
    """The figures of all queues together, from the same: a client who was sent on is one client."""
    return counted([stay for stay in stays if stay.outcome != OVERFLOW], terms)


def counted(stays: Sequence[Stay], terms: Terms) -> Figures:
    """The formulas over stays that have ended."""
    within = terms.answer_within_s
    waits = sorted(one.wait_s for one in stays if one.outcome == ANSWERED)
    gave_up = [one.wait_s for one in stays if one.outcome == ABANDONED]
    short = sum(wait < terms.short_s for wait in gave_up)
    offered, answered, abandoned = len(stays), len(waits), len(gave_up)
    in_time = lost_in_time = left = 0
    if within is not None:
        in_time = sum(wait <= within for wait in waits)
        lost_in_time = sum(wait <= within for wait in gave_up)
        left = sum(one.wait_s <= within for one in stays)
    known = within is not None
    return Figures(
        offered, answered, abandoned, short, in_time, left, lost_in_time,
        service_level=share(in_time, offered - short) if known else None,
        level_answered_only=share(in_time, answered) if known else None,
        level_with_abandoned=share(in_time + lost_in_time, answered + abandoned) if known else None,
        level_left_queue=share(left, offered) if known else None,
        asa_s=math.fsum(waits) / answered if answered else None,
        median_s=percentile(waits, 0.5),
        p90_s=percentile(waits, 0.9),
        abandonment=share(abandoned, offered),
        abandonment_real=share(abandoned - short, offered - short),
    )  # fmt: skip


def share(part: int, whole: int) -> float | None:
    """A share; None when there is nothing to share."""
    return part / whole if whole > 0 else None


def percentile(ordered: Sequence[float], part: float) -> float | None:
    """The least wait that `part` of the calls did not exceed (nearest rank); None without calls."""
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)] if ordered else None
