"""The hours within which clients may be called by the house itself, by the client's own clock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from kindline.clients import phones
from kindline.standard.profile import Profile

VARIABLE = "calling_hours"


@dataclass(frozen=True, slots=True)
class CallingHours:
    """From when until when, each day; the house's zone for numbers that do not say their own."""

    begins: dt.time
    ends: dt.time
    zone: ZoneInfo

    def permit(self, number: str, now: dt.datetime) -> bool:
        """Whether who has this number may be called now."""
        return self.begins <= now.astimezone(phones.zone_of(number, self.zone, now)).time() < self.ends


def of(profile: Profile) -> CallingHours | None:
    """The hours of the profile; None: it has none, and calls are bound to the hours of its operators alone."""
    told = profile.variable(VARIABLE)
    if not told:
        return None
    begins, ends = (dt.time.fromisoformat(str(told[name])) for name in ("from", "until"))
    return CallingHours(begins, ends, profile.zone)
