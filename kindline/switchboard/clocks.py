"""Machines whose clocks are wrong (C2): that of who asks, and those of the switchboards that live."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from kindline.switchboard import nodes, true_time


@dataclass(frozen=True, slots=True)
class WrongClock:
    """A machine that another time is told to than to the database."""

    machine: str
    ahead_s: float
    """Below nought: it is behind."""

    @property
    def off_s(self) -> float:
        """How far it is off, seconds."""
        return abs(self.ahead_s)


def wrong() -> list[WrongClock]:
    """The machines whose clocks are more than two seconds off the database's."""
    mine = true_time.Clock()
    now = true_time.ask(mine)
    found = {socket.gethostname(): mine.skew_s} | {one.host: one.skew_s for one in nodes.living(now)}
    return [WrongClock(host, ahead_s) for host, ahead_s in sorted(found.items()) if abs(ahead_s) > true_time.ALARM_S]
