"""How long a caller will wait, from how long the latest talks lasted."""

from __future__ import annotations

WEIGHT = 0.1
"""How much one talk counts against all before it."""


class Waits:
    """A running mean of the time that an operator needs for a call."""

    def __init__(self, handling_s: float | None = None) -> None:
        self.handling_s = handling_s
        self.operators = 0

    def learn(self, _line: str, talk_s: float) -> None:
        """A talk ended; one that nobody had counts nothing."""
        if talk_s <= 0:
            return
        known = self.handling_s
        self.handling_s = talk_s if known is None else known + WEIGHT * (talk_s - known)
