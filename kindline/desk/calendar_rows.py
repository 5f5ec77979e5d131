"""A year of the working calendar as twelve tables: each day with what it is, and why."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.staff.models import DayKind
from kindline.standard.calendars import WorkingCalendar

KINDS = {
    DayKind.WORKING: _("working day"),
    DayKind.OFF: _("day off"),
    DayKind.SHORTENED: _("shortened day"),
    DayKind.STANDARD: _("again as in the standard"),
}
"""What an edit makes of a day."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day in its week; `kind` is working, off or shortened."""

    date: dt.date
    kind: str
    why: str
    is_edited: bool
    is_drafted: bool

    @property
    def said(self) -> str:
        """What the day is, in words, with its reason."""
        parts = [gettext(KINDS[DayKind(self.kind)]), self.why, gettext("draft") if self.is_drafted else ""]
        return ": ".join(filter(None, parts))


@dataclass(frozen=True, slots=True)
class Month:
    """A month: its first day, its weeks from Monday to Sunday (days of other months are left out)."""

    first: dt.date
    weeks: list[list[Day | None]]
    working: int


def year(shown: WorkingCalendar, number: int, drafts: Collection[dt.date]) -> list[Month]:
    """The twelve months."""
    return [_month(shown, number, month, drafts) for month in range(1, 13)]


def _month(shown: WorkingCalendar, number: int, month: int, drafts: Collection[dt.date]) -> Month:
    weeks = [
        [_day(shown, day, drafts) if day.month == month else None for day in week]
        for week in calendar.Calendar().monthdatescalendar(number, month)
    ]
    working = sum(day is not None and day.kind != DayKind.OFF for week in weeks for day in week)
    return Month(dt.date(number, month, 1), weeks, working)


def _day(shown: WorkingCalendar, day: dt.date, drafts: Collection[dt.date]) -> Day:
    kind = DayKind.WORKING if shown.is_working_day(day) else DayKind.OFF
    if shown.shorter_min(day):
        kind = DayKind.SHORTENED
    override = shown.override(day)
    why = shown.why_off(day) or (override.why if override else "")
    return Day(day, kind.value, why, override is not None, day in drafts)
