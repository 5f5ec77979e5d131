"""E-mail leaves when its time is over: by the profile's rule, a class and a term; an open case or open work holds it.

`mail_retention` of a profile names up to three classes: `appeal` (letters of an appeal, from its end), `other` (those
that became nobody's appeal, from the day on which somebody was done with them), `automatic` (bounces, replies of
programs, from the day on which they came). A class that is not named has no norm: its letters are kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import F, QuerySet

from kindline.correspondence import storing
from kindline.correspondence.models import Incoming, MailKind
from kindline.correspondence.removing import Rule, remove_letter
from kindline.standard import terms
from kindline.standard.profile import Profile

BATCH = 500
AUTOMATIC = (MailKind.BOUNCE, MailKind.DELAY, MailKind.LOOP, MailKind.AUTO_REPLY)
DAYS_AT_LEAST = {"calendar_days": 1, "working_days": 1, "months": 28}
"""How long a unit of a term lasts at least: what is younger than that need not be looked at."""


def sweep(*, profile: Profile, now: dt.datetime, limit: int = BATCH) -> int:
    """Remove the messages whose last day is over on the organisation's clock; how many.

    Clause: krc-5.3-10.
    """
    found = list(due(profile, now, limit))
    return sum(remove_letter(letter=one, rule=rule, now=now) for one, rule in found)


def due(profile: Profile, now: dt.datetime, limit: int = BATCH) -> Iterator[tuple[Incoming, Rule]]:
    """Messages whose last day was before today and that nothing holds, with the rule by which they go."""
    today = now.astimezone(profile.zone).date()
    for name, written in rules(profile).items():
        term = terms.parse(written)
        if term is None or term.unit not in DAYS_AT_LEAST:
            continue
        younger = now - dt.timedelta(days=term.n * DAYS_AT_LEAST[term.unit])
        for one in of_class(name).filter(since__lt=younger).order_by("since", "pk")[:limit]:
            if term.last_day(one.since.astimezone(profile.zone).date(), profile.calendar) < today:
                yield one, Rule(f"{name}: {written}", one.since)


def rules(profile: Profile) -> dict[str, Any]:
    """The classes that the profile names, with their terms."""
    return dict(profile.variable("mail_retention", {}) or {})


def of_class(name: str) -> QuerySet[Any]:
    """Kept messages of a class, each with the moment `since` from which its term runs; those that are held are not.

    Raises: KeyError for a class that there is not.
    """
    kept = storing.kept()
    nobodys = kept.filter(joined=None)
    return {
        "appeal": lambda: kept.filter(joined__appeal__closed_at__isnull=False).annotate(
            since=F("joined__appeal__closed_at")
        ),
        "other": lambda: (
            nobodys.exclude(kind__in=AUTOMATIC).filter(handled_at__isnull=False).annotate(since=F("handled_at"))
        ),
        "automatic": lambda: nobodys.filter(kind__in=AUTOMATIC).annotate(since=F("stored_at")),
    }[name]()
