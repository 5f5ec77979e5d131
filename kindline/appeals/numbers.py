"""Numbers of appeals: one series a profile and year, given in the transaction that registers, so without gaps."""

from __future__ import annotations

import datetime as dt
import re

from django.db import connection

from kindline.standard.profile import Profile

NEXT = """
INSERT INTO appeals_numberseries (profile, year, last) VALUES (%s, %s, 1)
ON CONFLICT (profile, year) DO UPDATE SET last = appeals_numberseries.last + 1
RETURNING last
"""


def take_next(profile: Profile, now: dt.datetime) -> str:
    """The next number of the profile's year, such as krc-2026/00017.

    The row stays locked until the transaction ends: others wait, and a registration given up leaves no gap.
    """
    year = now.astimezone(profile.zone).year
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [profile.id, year])
        row = cursor.fetchone()
    return f"{profile.id}-{year}/{row[0]:05}" if row else ""


def found_in(text: str, profile: Profile) -> list[str]:
    """Numbers of ours that stand in a text, such as a subject line."""
    return re.findall(rf"\b{re.escape(profile.id)}-\d{{4}}/\d{{5,}}", text.lower())
