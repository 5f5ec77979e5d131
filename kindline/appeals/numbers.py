"""Numbers of appeals: one series a profile and year, given in the transaction that registers, so without gaps.

The series' row is held until the commit, and others wait for it. So the commit does not wait for the disk while it
holds it; who registers waits for the disk right afterwards, together with all others, before anybody is told the
number. What a crash takes away in between nobody was told of, and every later number goes with it: no gap, no double.
"""

from __future__ import annotations

import datetime as dt
import re

from django.db import connection, transaction

from kindline.journal import prepared
from kindline.standard.profile import Profile

NEXT = "SELECT appeals_next_number(%s, %s)"
ON_DISK = "SELECT pg_logical_emit_message(true, 'kindline', '')"
"""A transaction of its own, as small as can be: its commit waits for the disk (and the standby) as far as itself."""


def take_next(profile: Profile, now: dt.datetime) -> str:
    """The next number of the profile's year, such as krc-2026/00017.

    The row stays locked until the transaction ends: others wait, and a registration given up leaves no gap.
    """
    year = now.astimezone(profile.zone).year
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [profile.id, year])
        row = cursor.fetchone()
    transaction.on_commit(wait_for_disk)
    return str(row[0]) if row else ""


def wait_for_disk() -> None:
    """Return once everything committed so far is as safe as a commit of this database is."""
    prepared.run(ON_DISK)


def found_in(text: str, profile: Profile) -> list[str]:
    """Numbers of ours that stand in a text, such as a subject line."""
    return re.findall(rf"\b{re.escape(profile.id)}-\d{{4}}/\d{{5,}}", text.lower())
