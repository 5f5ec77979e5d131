"""Quarters of the year, as 2026-Q3, in the organisation's zone."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

MONTHS = 3


def of(day: dt.date) -> str:
    """The quarter of a day."""
    return f"{day.year}-Q{(day.month - 1) // MONTHS + 1}"


def before(day: dt.date) -> str:
    """The last quarter that was over on that day."""
    first = dt.date(day.year, (day.month - 1) // MONTHS * MONTHS + 1, 1)
    return of(first - dt.timedelta(days=1))


def bounds(quarter: str, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    """Its first moment and that of the next quarter. Raises: ValueError for what is no quarter."""
    year, _, number = quarter.partition("-Q")
    if number not in ("1", "2", "3", "4"):
        raise ValueError(quarter)
    first = dt.date(int(year), (int(number) - 1) * MONTHS + 1, 1)
    following = (first + dt.timedelta(days=31 * MONTHS)).replace(day=1)
    return dt.datetime.combine(first, dt.time(0), zone), dt.datetime.combine(following, dt.time(0), zone)


def due_at(quarter: str, within_days: int, zone: ZoneInfo) -> dt.datetime:
    """The end of the last day on which something about it is due, so many days after it."""
    end = bounds(quarter, zone)[1].date()
    return dt.datetime.combine(end + dt.timedelta(days=within_days), dt.time(0), zone)
