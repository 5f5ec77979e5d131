"""The streets that incidents name, as somebody may type them."""

from __future__ import annotations

import datetime as dt
import re

from kindline.appeals import outages
from kindline.appeals.outages import AREAS, HOUSE_LETTERS
from kindline.clients import folding
from kindline.standard.profile import Profile

HOUSE = re.compile(r"[\s,]+(?:д|дом|буд|будинок)?\.?\s*\d+[^\s\d]{0,2}(?:/\d+)?$", re.IGNORECASE)


def named(profile: Profile, now: dt.datetime) -> list[str]:
    """The streets in the areas of what the telephone tells, as they are written there, without numbers of houses."""
    areas = (area for rows in outages.to_tell(profile, now) for area in rows.values_list("area", flat=True))
    parts = (part for area in areas for part in AREAS.split(area))
    streets = (HOUSE.sub("", part.strip()) for part in parts)
    return [one for one in dict.fromkeys(streets) if _is_street(one)]


def _is_street(text: str) -> bool:
    return any(len(word) > HOUSE_LETTERS and not word.isdecimal() for word in folding.address_words(text))
