"""The hours within which clients may be called by the house itself, by the client's own clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from kindline.clients import phones, zones
from kindline.standard.profile import Profile

VARIABLE = "calling_hours"


@dataclass(frozen=True, slots=True)
class CallingHours:
    """From when until when, each day; the house's zone for numbers that do not say their own."""

    begins: dt.time
    ends: dt.time
    zone: ZoneInfo

    def permit(self, number: str, now: dt.datetime, told: Collection[str] = ()) -> bool:
        """Whether who has this number may be called now: by every zone that is told of him, else by that of the number.

        `told`: the zones on the cards of who may answer there, as the cards name them; what is no zone tells nothing.
        """
        theirs = [ZoneInfo(name) for name in told if name and zones.is_zone(name)]
        clocks = [now.astimezone(zone).time() for zone in theirs or [phones.zone_of(number, self.zone, now)]]
        return all(self.begins <= clock < self.ends for clock in clocks)


def of(profile: Profile) -> CallingHours | None:
    """The hours of the profile; None: it has none, and calls are bound to the hours of its operators alone."""
    told = profile.variable(VARIABLE)
    if not told:
        return None
    begins, ends = (dt.time.fromisoformat(str(told[name])) for name in ("from", "until"))
    return CallingHours(begins, ends, profile.zone)
