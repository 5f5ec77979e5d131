"""How long a caller will wait: from the pace at which his queue moved lately, else from how long talks lasted."""

from __future__ import annotations

import math

WEIGHT = 0.1
"""How much one talk, or one step of a queue, counts against all before it."""
KEPT = 0.995
"""How much of what is known of impatience stays with each caller who leaves."""
SMALL = 1e-6
FRESH_S = 900.0
"""A queue that did not move for so long says nothing of its pace."""


class Pace:
    """How fast a queue moves while somebody waits in it, by service and by giving up; moments in seconds."""

    def __init__(self) -> None:
        self.gap_s: float | None = None
        self.last: float | None = None
        self._gave_up = self._waited_s = 0.0

    @property
    def hazard(self) -> float:
        """How many of those who wait give up in a second."""
        return self._gave_up / self._waited_s if self._waited_s > 0 else 0.0

    def served(self, at: float, wait_s: float) -> None:
        """One was served who had waited `wait_s`; a step counts only when he waited already at the step before."""
        gap_s = at - self.last if self.last is not None else None
        self.last = max(at, self.last or at)  # told late by another switchboard: the clock does not go back
        if gap_s is not None and 0 <= gap_s <= wait_s:
            self.gap_s = gap_s if self.gap_s is None else self.gap_s + WEIGHT * (gap_s - self.gap_s)
        self._left(wait_s, 0.0)

    def gave_up(self, wait_s: float) -> None:
        """One left who had waited `wait_s`."""
        self._left(wait_s, 1.0)

    def _left(self, wait_s: float, gave_up: float) -> None:
        self._gave_up = self._gave_up * KEPT + gave_up
        self._waited_s = self._waited_s * KEPT + max(0.0, wait_s)

    def expected_s(self, position: int, at: float, *, patient: bool = False) -> float | None:
        """How long the caller at `position` still waits, while the pace is known and fresh; `patient`: nobody gives up.

        Of n who wait before somebody, the next place comes free after 1 / (1 / gap + n * hazard); the sum of it.
        """
        if self.gap_s is None or self.last is None or at - self.last > FRESH_S:
            return None
        if patient or self.hazard * self.gap_s * position < SMALL:
            return round(position * self.gap_s, 1)
        return round(math.log1p(position * self.hazard * self.gap_s) / self.hazard, 1)


class Waits:
    """A running mean of the time that an operator needs for a call, and the pace of each queue."""

    def __init__(self, handling_s: float | None = None) -> None:
        self.handling_s = handling_s
        self.operators = 0
        self._paces: dict[str, Pace] = {}

    def learn(self, _line: str, talk_s: float) -> None:
        """A talk ended; one that nobody had counts nothing."""
        if talk_s <= 0:
            return
        known = self.handling_s
        self.handling_s = talk_s if known is None else known + WEIGHT * (talk_s - known)

    def served(self, queue: str, at: float, wait_s: float) -> None:
        """An operator answered one who had waited in the queue."""
        self._paces.setdefault(queue, Pace()).served(at, wait_s)

    def gave_up(self, queue: str, wait_s: float) -> None:
        """A caller left the queue unserved."""
        self._paces.setdefault(queue, Pace()).gave_up(wait_s)

    def expected_s(self, queue: str, position: int, at: float, *, patient: bool = False) -> float | None:
        """The forecast for the caller at `position`; None while nothing is known.

        Who keeps a place while he is away does not give up: where such wait, the `patient` forecast is the true one.
        """
        pace = self._paces.get(queue)
        told = pace.expected_s(position, at, patient=patient) if pace else None
        return expected_wait_s(position, self.handling_s, self.operators) if told is None else told


def expected_wait_s(position: int, handling_s: float | None, operators: int) -> float | None:
    """How long the caller at `position` still waits if talks last as they did; None while nothing is known."""
    if handling_s is None or operators < 1:
        return None
    return round(position * handling_s / operators, 1)
