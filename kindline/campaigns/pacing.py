"""When a campaign may call, how many at once, and what follows from a call: pure, without clock or database."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

FINAL = {
    "confirmed": "confirmed", "to_operator": "to_operator", "heard": "reached", "answered": "reached",
    "left_on_machine": "reached", "forbidden": "not_reached",
}  # fmt: skip
"""Outcomes of a call after which nobody is called again, and the state that they leave."""
WAITING, NOT_REACHED = "waiting", "not_reached"


@dataclass(frozen=True, slots=True)
class Window:
    """The hours of a day within which people may be called, by the organisation's clock."""

    begins: dt.time
    ends: dt.time
    zone: ZoneInfo

    def within(self, begins: dt.time, ends: dt.time) -> Window:
        """What of these hours lies within others; those others where they have nothing in common."""
        both = Window(max(self.begins, begins), min(self.ends, ends), self.zone)
        return both if both.begins < both.ends else Window(begins, ends, self.zone)

    def holds(self, now: dt.datetime) -> bool:
        """Whether people may be called at that moment."""
        return self.begins <= now.astimezone(self.zone).time() < self.ends

    def closes(self, now: dt.datetime) -> dt.datetime:
        """The end of the hours of the day of that moment, in the person's zone."""
        day = now.astimezone(self.zone).date()
        return dt.datetime.combine(day, self.ends, self.zone).astimezone(dt.UTC)

    def opens(self, now: dt.datetime) -> dt.datetime:
        """The next moment at which people may be called; `now` itself within the hours."""
        if self.holds(now):
            return now
        here = now.astimezone(self.zone)
        day = here.date() if here.time() < self.begins else here.date() + dt.timedelta(days=1)
        return dt.datetime.combine(day, self.begins, self.zone).astimezone(dt.UTC)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a number is tried, and how long is waited in between, seconds."""

    tries: int
    pause_s: float


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of a target after a call; `next_at` only while it waits to be tried again."""

    state: str
    next_at: dt.datetime | None = None


def room(
    *, at_once: int, calling: int, lines: int, per_operator: int | None = None, free: int = 0, calling_in_all: int = 0
) -> int:
    """How many more calls a campaign may begin now, on so many free lines.

    Where it is paced, so many for each of the `free` operators, less the calls of all campaigns that let people ask for
    one (`calling_in_all`).
    """
    own = at_once - calling
    paced = own if per_operator is None else per_operator * free - calling_in_all
    return max(0, min(own, paced, lines))


def after(outcome: str, *, tries: int, patience: Patience, window: Window, now: dt.datetime) -> Step:
    """What follows from a call that came to `outcome`, `tries` calls having been made, this one among them."""
    if outcome in FINAL:
        return Step(FINAL[outcome])
    if tries >= patience.tries:
        return Step(NOT_REACHED)
    return Step(WAITING, window.opens(now + dt.timedelta(seconds=patience.pause_s)))
