"""Calls that the house begins by itself (campaigns, kept places): so many an hour in all (X6)."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from kindline.switchboard import dial_alarms
from kindline.switchboard.dialling_models import OutsideCall
from kindline.switchboard.permits import HOUR, TOO_MANY


def left(now: dt.datetime) -> int:
    """How many more may begin now; the alarm is raised when none may. What waits for it waits, and is not lost."""
    begun = OutsideCall.objects.filter(employee=None, at__gt=now - HOUR).count()
    most = int(settings.LINES["an_hour"])
    if begun >= most:
        dial_alarms.of_the_house(reason=TOO_MANY, count=begun, now=now)
    return max(0, most - begun)


def count(calls: int, now: dt.datetime) -> None:
    """So many begin now."""
    OutsideCall.objects.bulk_create([OutsideCall(employee=None, at=now) for _ in range(calls)])
