"""Numbers of paper letters: a series a profile, year and direction, without gaps."""

from __future__ import annotations

import datetime as dt

from kindline.correspondence.models import PaperSeries
from kindline.standard.profile import Profile


def take_next(profile: Profile, direction: str, now: dt.datetime) -> str:
    """The next number, such as krc-in-2026/00017; call it in the transaction that registers the letter.

    The row stays locked until the transaction ends: others wait, and a registration given up leaves no gap.
    """
    year = now.astimezone(profile.zone).year
    PaperSeries.objects.get_or_create(profile=profile.id, year=year, direction=direction)
    row = PaperSeries.objects.select_for_update().get(profile=profile.id, year=year, direction=direction)
    row.last += 1
    row.save(update_fields=["last"])
    return f"{profile.id}-{direction}-{year}/{row.last:05}"
