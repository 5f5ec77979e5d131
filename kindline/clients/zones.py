"""By whose clock a person is called or written to: what his card says, else what his number says, else ours."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from django.db.models import OuterRef, QuerySet
from phonenumbers import timezone

from kindline.clients.models import ContactPoint


def zone_of(number: str, told: str, country: str) -> str:
    """The name of the zone; empty where the organisation's own holds.

    A number tells its zone where its town or country has only one; a network that spans several tells none.
    """
    if told:
        return told if is_zone(told) else ""
    found = _of_number(number, country)
    return found[0] if len(found) == 1 else ""


def clock_of(number: str, default: ZoneInfo, now: dt.datetime) -> ZoneInfo:
    """By whose clock it is called: that of its zones where they agree now, else the house's (a mobile one).

    `number`: as it is kept, with its country.
    """
    zones = [ZoneInfo(one) for one in _of_number(number, None)]
    if not zones or default.utcoffset(now) in {one.utcoffset(now) for one in zones}:
        return default
    return zones[0] if len({one.utcoffset(now) for one in zones}) == 1 else default


def _of_number(number: str, country: str | None) -> list[str]:
    """The zones in which it may be; none of what is no number."""
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return []
    return [one for one in timezone.time_zones_for_number(parsed) if one != timezone.UNKNOWN_TIMEZONE and is_zone(one)]


def told_by_cards(number: str | OuterRef) -> QuerySet[ContactPoint, str]:
    """The zones that the cards with this telephone number say: several where clients share it."""
    found = ContactPoint.objects.filter(kind="phone", value=number).exclude(client__time_zone="")
    return found.values_list("client__time_zone", flat=True)


def is_zone(name: str) -> bool:
    """Whether there is such a zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
