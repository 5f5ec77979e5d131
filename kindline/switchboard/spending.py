"""Calls that the house begins by itself (campaigns, kept places): so many an hour in all (X6)."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from kindline.switchboard import dial_alarms
from kindline.switchboard.dialling_models import OutsideCall
from kindline.switchboard.permits import HOUR, TOO_MANY

FOR_PLACES = 5
"""One in so many calls of an hour is left to clients who keep a place in a queue."""


def left(now: dt.datetime) -> int:
    """How many more may begin now. What waits for it waits, and is not lost."""
    return max(0, _most() - _begun(now))


def left_to_campaigns(now: dt.datetime) -> int:
    """How many more campaigns may begin now: a share of the hour is for who keeps a place and waits for his call."""
    return max(0, _most() - _most() // FOR_PLACES - _begun(now))


def tell(now: dt.datetime) -> None:
    """Raise the alarm where the hour's number is reached: once an hour at most, whether or not the last is settled."""
    begun = _begun(now)
    if begun >= _most() and not dial_alarms.lately_of_the_house(TOO_MANY, now - HOUR):
        dial_alarms.of_the_house(reason=TOO_MANY, count=begun, now=now)


def _most() -> int:
    return int(settings.LINES["an_hour"])


def _begun(now: dt.datetime) -> int:
    return OutsideCall.objects.filter(employee=None, at__gt=now - HOUR).count()


def count(calls: int, now: dt.datetime) -> None:
    """So many begin now."""
    OutsideCall.objects.bulk_create([OutsideCall(employee=None, at=now) for _ in range(calls)])


def give_back(at: dt.datetime, *, within: dt.timedelta = dt.timedelta()) -> None:
    """A call that was counted then, or so long before, was never dialled: it counts no more."""
    booked = OutsideCall.objects.filter(employee=None, at__lte=at, at__gte=at - within).order_by("-at", "-pk")
    OutsideCall.objects.filter(pk__in=booked.values("pk")[:1]).delete()
