"""Guessing is throttled: wrong answers are counted by the number that calls, and all together."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Q

from kindline.switchboard.models import Guess
from kindline.switchboard.self_service.dialogues import Guesses


def note(*, caller: str, service: str, now: dt.datetime) -> None:
    """Somebody typed what is not so."""
    Guess.objects.create(caller=caller, service=service, at=now)


def too_often(limits: Guesses, caller: str, now: dt.datetime) -> bool:
    """Whether no further answer is looked at: of this number (hidden ones count as one), or of anybody."""
    recent = Guess.objects.filter(at__gt=now - dt.timedelta(seconds=limits.within_s))
    found = recent.aggregate(all=Count("pk"), own=Count("pk", filter=Q(caller=caller)))
    return bool(found["own"] >= limits.a_number or found["all"] >= limits.all)


def forget(now: dt.datetime, kept: dt.timedelta = dt.timedelta(days=1)) -> int:
    """Guesses long ago count for nothing; how many were forgotten."""
    return Guess.objects.filter(at__lt=now - kept).delete()[0]
