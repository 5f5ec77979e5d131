"""By whose clock a person is called or written to: what his card says, else what his number says, else ours."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from django.db.models import OuterRef, QuerySet
from phonenumbers import timezone

from kindline.clients.models import ContactPoint

NOT_KNOWN = "Etc/Unknown"


def zone_of(number: str, told: str, country: str) -> str:
    """The name of the zone; empty where the organisation's own holds.

    A number tells its zone where its town or country has only one; a network that spans several tells none.
    """
    if told:
        return told if is_zone(told) else ""
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return ""
    found = [name for name in timezone.time_zones_for_number(parsed) if name != NOT_KNOWN]
    return found[0] if len(found) == 1 and is_zone(found[0]) else ""


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
