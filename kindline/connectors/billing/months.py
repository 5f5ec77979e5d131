"""Months, each said by its first day."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils import timezone

from kindline.standard import loader


def first(day: dt.date) -> dt.date:
    """The month of a day."""
    return day.replace(day=1)


def today() -> dt.date:
    """The organisation's day: a month is over when it is over by its clock."""
    return timezone.localdate(timezone=loader.load(settings.KINDLINE["profile"]).zone)


def following(month: dt.date, count: int = 1) -> dt.date:
    """The month so many months later; earlier where `count` is negative."""
    months = month.year * 12 + month.month - 1 + count
    return dt.date(months // 12, months % 12 + 1, 1)
