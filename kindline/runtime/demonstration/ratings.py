"""What the invented clients think of the answers that they got."""

from __future__ import annotations

import datetime as dt
from random import Random

from kindline.appeals.models import Appeal
from kindline.feedback import actions as feedback
from kindline.standard.profile import Profile

RATED_SHARE = 0.8
SERVICE = {5: 44, 4: 30, 3: 13, 2: 8, 1: 5}
"""Marks of a hundred clients."""


def make(profile: Profile, dice: Random, now: dt.datetime) -> int:
    """Most of those who were answered rate the answer and the service; returns how many."""
    made = 0
    for appeal in Appeal.objects.filter(profile=profile.id, answered_at__isnull=False).order_by("pk"):
        service = dice.choices(list(SERVICE), list(SERVICE.values()))[0]
        at = (appeal.answered_at or now) + dt.timedelta(hours=dice.uniform(1, 60))
        if dice.random() < RATED_SHARE and at < now:
            answer = min(5, max(1, service + dice.choice((-1, 0, 0, 1))))
            feedback.rate(subject_type="appeal", subject_id=appeal.pk, answer=answer, service=service, words="", now=at)
            made += 1
    return made
