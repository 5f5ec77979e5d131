"""Working days: the country's and the region's calendar, the organisation's own overrides, the end of martial law."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import holidays

from kindline.standard import regions

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
    shorter_min: int = 0
    """By how many minutes the working day ends earlier."""


class Edits:
    """The days that the administrator has moved, over those of the standard's file.

    The one thing here that changes: whoever reads the database puts it in, and every profile of that id has it at once.
    """

    def __init__(self, days: Mapping[dt.date, Override] | None = None, number: int = 0) -> None:
        self._now = dict(days or {}), number

    @property
    def days(self) -> Mapping[dt.date, Override]:
        """What holds instead of the standard's own calendar."""
        return self._now[0]

    @property
    def number(self) -> int:
        """Which state of the edits this is."""
        return self._now[1]

    def take(self, days: Mapping[dt.date, Override], number: int) -> None:
        """Put other edits in the place of these, whole: nobody sees half of them."""
        self._now = dict(days), number


_EDITS: dict[str, Edits] = {}


def edits_of(profile_id: str) -> Edits:
    """The edits of a profile in this process: the same for every copy and version of it."""
    return _EDITS.setdefault(profile_id, Edits())


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days are working days."""

    country: str
    region: str | None = None
    martial_law_until: dt.date | None = None
    overrides: Mapping[dt.date, Override] = field(default_factory=dict)
    edits: Edits = field(default_factory=Edits, compare=False, repr=False)

    def override(self, day: dt.date) -> Override | None:
        """What the organisation has said of the day: the administrator's edit, else the standard's own."""
        return self.edits.days.get(day) or self.overrides.get(day)

    def is_working_day(self, day: dt.date) -> bool:
        """Whether `day` is worked: an override first, then the region's and the country's calendar."""
        override = self.override(day)
        if override is not None:
            return override.working
        if self._peace_holiday(day) or regions.holiday(self.country, self.region, day):
            return False
        return bool(self._public.is_working_day(day))

    def why_off(self, day: dt.date) -> str:
        """Why a day is not worked: the override's reason, the holiday's name, or nothing (a weekend)."""
        override = self.override(day)
        if override is not None:
            return "" if override.working else override.why
        named = self._public.get(day) or regions.holiday(self.country, self.region, day)
        return str(named or (self._peace_holiday(day) if not self.is_working_day(day) else ""))

    def shorter_min(self, day: dt.date) -> int:
        """By how many minutes the working day ends earlier than others."""
        override = self.override(day)
        return override.shorter_min if override is not None and override.working else 0

    def with_edits(self, days: Mapping[dt.date, Override]) -> WorkingCalendar:
        """The calendar as it would be under other edits."""
        return replace(self, edits=Edits(days))

    @property
    def _public(self) -> Any:
        return country_calendar(self.country, None if regions.is_ours(self.country, self.region) else self.region)

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
    """The public holidays of a country or region, named in its own language wherever the program runs.

    Raises: NotImplementedError for an unknown one.
    """
    found = holidays.country_holidays(country, subdiv=region)
    return holidays.country_holidays(country, subdiv=region, language=found.default_language)


@cache
def _worked_under_martial_law() -> Any:
    return holidays.country_holidays("UA", categories=("workday",), language="uk")


def known(country: str, region: str | None) -> bool:
    """Whether there is a calendar of that country and region."""
    return region is None or region in regions_of(country)


def regions_of(country: str) -> list[str]:
    """The regions whose days off are known: those of the library, and those listed beside it."""
    return sorted({*holidays.list_supported_countries().get(country, []), *regions.codes(country)})
