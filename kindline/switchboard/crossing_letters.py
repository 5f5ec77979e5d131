"""Who is written an e-mail of what goes beyond its threshold, and what there is to be written of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet

from kindline.journal import actions as journal
from kindline.staff import queries as staff
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.switchboard.floor_models import CrossingLetters
from kindline.switchboard.models import Crossing
from kindline.switchboard.thresholds import ThresholdError

QUIET_MIN, QUIET_MAX = 1, 1440
QUIET_USUAL = 15
FRESH = dt.timedelta(hours=12)
"""What began longer ago is not written of any more: mail was not set up, or nobody was to be written to."""


def kept(profile: Profile) -> CrossingLetters | None:
    """What is set, if anything is."""
    return CrossingLetters.objects.filter(profile=profile.id).first()


def may_read(employees: QuerySet[Employee] | None = None) -> QuerySet[Employee]:
    """Those who can be written to: in charge, with an address."""
    found = staff.in_charge() if employees is None else employees
    return found.exclude(email="")


@transaction.atomic
def set_letters(
    *, profile: Profile, people: Collection[int], alarms_only: bool, quiet_min: int, by: Employee, now: dt.datetime
) -> CrossingLetters:
    """Say who is written to, by their keys; nobody: no letters.

    While somebody is written to a change loses nothing: what waits for the next letter still stands in it.
    Raises: ThresholdError (`quiet`, `people`).
    """
    if not QUIET_MIN <= quiet_min <= QUIET_MAX:
        raise ThresholdError("quiet", f"the quiet time lies between {QUIET_MIN} and {QUIET_MAX} minutes")
    chosen = list(may_read().filter(pk__in=people).order_by("pk"))
    if len(chosen) != len(set(people)):
        raise ThresholdError("people", "only those in charge who have an e-mail address can be written to")
    before = CrossingLetters.objects.select_for_update(of=("self",)).filter(profile=profile.id).first()
    since = before.at if before and before.people.exists() else now
    values = {"alarms_only": alarms_only, "quiet_min": quiet_min, "by": by, "at": since}
    made, _ = CrossingLetters.objects.update_or_create(profile=profile.id, defaults=values)
    made.people.set(chosen)
    data = {
        "employees": [one.pk for one in chosen], "alarms_only": alarms_only, "quiet_min": quiet_min, "employee": by.pk,
    }  # fmt: skip
    journal.record(
        kind="threshold_letters_set",
        subject_type="wallboard",
        subject_id=profile.id,
        actor=actor(by),
        data=data,
        at=now,
    )
    return made


def due(letters: CrossingLetters, now: dt.datetime) -> list[Crossing]:
    """Crossings that no letter told of yet, the first first; none while it is to be quiet.

    One that is over by now is told too: it was beyond its threshold while nobody was to be written to again.
    """
    if letters.written_at is not None and now - letters.written_at < dt.timedelta(minutes=letters.quiet_min):
        return []
    found = Crossing.objects.filter(
        profile=letters.profile, written_at=None, began_at__gte=max(letters.at, now - FRESH)
    )
    if letters.alarms_only:
        found = found.filter(level="alarm")
    return list(found.order_by("began_at", "pk"))
