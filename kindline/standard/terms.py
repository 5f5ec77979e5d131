"""Terms: a number of days, working days, hours or months, and where it ends."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from kindline.standard.calendars import WorkingCalendar

UNITS = ("calendar_days", "working_days", "hours", "minutes", "months")
END_OF_DAY = dt.time(23, 59, 59)
WRITTEN = re.compile(r"(\d{1,5}) (calendar_days|working_days|hours|minutes|months|days|years)")


@dataclass(frozen=True, slots=True)
class Term:
    """So many units of time."""

    n: int
    unit: str

    @property
    def whole_days(self) -> bool:
        """Whether the term ends with a day and not at a moment."""
        return self.unit not in ("hours", "minutes")

    def end(self, start: dt.datetime, working: WorkingCalendar, zone: ZoneInfo) -> dt.datetime:
        """Where the term ends; the day of the start is not counted, a day ends with its last second.

        Hours and minutes are those that pass, also where the clocks are changed.
        """
        if not self.whole_days:
            return (start.astimezone(dt.UTC) + dt.timedelta(**{self.unit: self.n})).astimezone(zone)
        return dt.datetime.combine(self.last_day(start.astimezone(zone).date(), working), END_OF_DAY, zone)

    def last_day(self, first: dt.date, working: WorkingCalendar) -> dt.date:
        """The last day of a term in days or months that began on `first`."""
        if self.unit == "working_days":
            return working.add_working_days(first, self.n)
        if self.unit == "months":
            return add_months(first, self.n)
        return first + dt.timedelta(days=self.n)


def add_months(day: dt.date, count: int) -> dt.date:
    """The same day `count` months later, or the last day of a shorter month."""
    month = day.month - 1 + count
    year, month = day.year + month // 12, month % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def parse(raw: Any) -> Term | None:
    """A term out of {n, unit} or "30 calendar_days"; None when there is none or it is not readable."""
    if isinstance(raw, Term):
        return raw
    if isinstance(raw, dict) and isinstance(raw.get("n"), int) and raw.get("unit") in UNITS:
        return Term(raw["n"], raw["unit"])
    written = WRITTEN.fullmatch(raw) if isinstance(raw, str) else None
    if written is None:
        return None
    count, unit = int(written[1]), written[2]
    if unit == "years":
        return Term(count * 12, "months")
    return Term(count, "calendar_days" if unit == "days" else unit)
