"""The hours within which clients may be called by the house itself, by the client's own clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from kindline.clients import zones
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
        clocks = [now.astimezone(zone).time() for zone in self._zones(number, now, told)]
        return all(self.begins <= clock < self.ends for clock in clocks)

    def opens(self, number: str, now: dt.datetime, told: Collection[str] = ()) -> dt.datetime | None:
        """From when he may be called who may not be now; None where his zones have no hour in common."""
        days = [now + dt.timedelta(days=ahead) for ahead in range(3)]
        begins = sorted(
            dt.datetime.combine(day.astimezone(zone).date(), self.begins, zone)
            for day in days for zone in self._zones(number, now, told)
        )  # fmt: skip
        return next((one for one in begins if one > now and self.permit(number, one, told)), None)

    def _zones(self, number: str, now: dt.datetime, told: Collection[str]) -> list[ZoneInfo]:
        theirs = [ZoneInfo(name) for name in told if name and zones.is_zone(name)]
        return theirs or [zones.clock_of(number, self.zone, now)]


def of(profile: Profile) -> CallingHours | None:
    """The hours of the profile; None: it has none, and calls are bound to the hours of its operators alone."""
    told = profile.variable(VARIABLE)
    if not told:
        return None
    begins, ends = (dt.time.fromisoformat(str(told[name])) for name in ("from", "until"))
    return CallingHours(begins, ends, profile.zone)
