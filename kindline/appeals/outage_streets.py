"""The streets that incidents name, as somebody may type them."""

from __future__ import annotations

import datetime as dt
import re

from kindline.appeals.models import Incident
from kindline.appeals.outages import AREAS, HOUSE_LETTERS
from kindline.clients import folding
from kindline.standard.profile import Profile

HOUSE = re.compile(r"[\s,]+(?:д|дом|буд|будинок)?\.?\s*\d+[^\s\d]{0,2}(?:/\d+)?$", re.IGNORECASE)


def named(profile: Profile, now: dt.datetime) -> list[str]:
    """The streets in the areas of what goes on, as they are written there, without the numbers of houses."""
    rows = Incident.objects.filter(profile=profile.id, begun_at__lte=now, ended_at=None).exclude(area="")
    parts = (part for area in rows.values_list("area", flat=True) for part in AREAS.split(area))
    streets = (HOUSE.sub("", part.strip()) for part in parts)
    return [one for one in dict.fromkeys(streets) if _is_street(one)]


def _is_street(text: str) -> bool:
    return any(len(word) > HOUSE_LETTERS and not word.isdecimal() for word in folding.address_words(text))
