"""Working days: the country's calendar, the organisation's own overrides, the end of martial law."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import holidays

MARTIAL_LAW_FROM = dt.date(2022, 3, 15)
SEARCH_DAYS = 400


class NoWorkingDay(Exception):  # noqa: N818 - said as it reads where it is caught
    """The calendar has no working day within reach: correct its overrides."""


@dataclass(frozen=True)
class Override:
    """A day that the organisation works, or does not work, against the country's calendar."""

    date: dt.date
    working: bool
    why: str = ""


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days are working days."""

    country: str
    region: str | None = None
    martial_law_until: dt.date | None = None
    overrides: Mapping[dt.date, Override] = field(default_factory=dict)

    def is_working_day(self, day: dt.date) -> bool:
        """Whether `day` is worked: an override first, then the country's calendar."""
        override = self.overrides.get(day)
        if override is not None:
            return override.working
        if self._peace_holiday(day):
            return False
        return bool(country_calendar(self.country, self.region).is_working_day(day))

    def why_off(self, day: dt.date) -> str:
        """Why a day is not worked: the override's reason, the holiday's name, or nothing (a weekend)."""
        override = self.overrides.get(day)
        if override is not None:
            return "" if override.working else override.why
        named = country_calendar(self.country, self.region).get(day)
        return str(named or (self._peace_holiday(day) if not self.is_working_day(day) else ""))

    def next_working_day(self, day: dt.date) -> dt.date:
        """The first working day after `day`. Raises: NoWorkingDay."""
        return self._seek(day, 1)

    def last_working_day(self, day: dt.date) -> dt.date:
        """`day` itself if worked, else the last working day before it. Raises: NoWorkingDay."""
        return day if self.is_working_day(day) else self._seek(day, -1)

    def add_working_days(self, day: dt.date, count: int) -> dt.date:
        """The `count`-th working day after `day`; `day` itself is not counted."""
        for _ in range(count):
            day = self.next_working_day(day)
        return day

    def _seek(self, day: dt.date, sign: int) -> dt.date:
        for distance in range(1, SEARCH_DAYS):
            found = day + dt.timedelta(days=sign * distance)
            if self.is_working_day(found):
                return found
        raise NoWorkingDay(f"no working day within {SEARCH_DAYS} days of {day}: correct calendar.overrides")

    def _peace_holiday(self, day: dt.date) -> str:
        """The name of a holiday that is worked under martial law and free again after its end."""
        until = self.martial_law_until
        if self.country != "UA" or until is None or day <= until or day < MARTIAL_LAW_FROM:
            return ""
        return str(_worked_under_martial_law().get(day) or "")


@cache
def country_calendar(country: str, region: str | None) -> Any:
    """The public holidays of a country or region. Raises: NotImplementedError for an unknown one."""
    return holidays.country_holidays(country, subdiv=region)


@cache
def _worked_under_martial_law() -> Any:
    return holidays.country_holidays("UA", categories=("workday",))


def known(country: str, region: str | None) -> bool:
    """Whether there is a calendar of that country and region."""
    try:
        country_calendar(country, region)
    except (NotImplementedError, ValueError, TypeError, AttributeError):
        return False
    return True
