"""Whether the switchboard lets campaigns in: while it does not know their token, it is asked ever more seldom.

The token does not mend itself: those in charge are told once, and what waits is called once it is right again.
"""

from __future__ import annotations

import datetime as dt
import logging

from kindline.notifications import circuits
from kindline.notifications.circuits import Circuit
from kindline.switchboard import dial_alarms

log = logging.getLogger(__name__)
NO_TOKEN = "no_token"  # noqa: S105 - the reason of an alarm
LASTS = 3
"""So many rests one after the other are no moment of starting anew: it is an alarm."""
ONCE_WITHIN = dt.timedelta(hours=1)


class Door:
    """What a process knows of it; each has its own, the alarm is one for all."""

    def __init__(self) -> None:
        self._circuit: Circuit | None = None

    def is_shut(self, now: dt.datetime) -> bool:
        """Whether it is not asked now."""
        known = self._circuit
        return known is not None and not known.works and not known.may_be_tried(now)

    def refused(self, now: dt.datetime) -> None:
        """It did not know the token: it is asked later, each time after a longer rest."""
        self._circuit = circuits.rested(self._circuit or Circuit(since=now), NO_TOKEN, now)
        if self._circuit.rests < LASTS:
            return
        if not dial_alarms.lately_of_the_house(NO_TOKEN, now - ONCE_WITHIN):
            log.error("the switchboard does not know the token of campaigns: they do not call until it is the same")
            dial_alarms.of_the_house(reason=NO_TOKEN, now=now)

    def opened(self) -> None:
        """It let us in."""
        self._circuit = None


DOOR = Door()
