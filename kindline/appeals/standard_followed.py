"""Whether the standard by which limits are computed is still the same; where it is not, they are computed anew."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.db import transaction

from kindline.appeals import recomputing
from kindline.journal import actions as journal
from kindline.staff.models import FollowedStandard
from kindline.standard.profile import Profile

WORDS = {
    "ru": "Стандарт: редакция {version}, приказ {order}",
    "uk": "Стандарт: редакція {version}, наказ {order}",
    "en": "The standard: version {version}, order {order}",
}


@transaction.atomic
def sweep(*, profile: Profile, now: dt.datetime) -> bool:
    """Note the standard that is in force; whether limits are computed anew because it has changed (krc-6.1-09).

    The first one is only noted: limits were computed by it.
    """
    sha256 = fingerprint(profile)
    row, fresh = FollowedStandard.objects.select_for_update().get_or_create(
        profile=profile.id, defaults={"version": profile.version, "sha256": sha256, "since": now}
    )
    if fresh or (row.version, row.sha256) == (profile.version, sha256):
        return False
    changed = row.sha256 != sha256
    row.version, row.sha256, row.since = profile.version, sha256, now
    row.save()
    data = {"profile": profile.id, "version": profile.version, "order": profile.approved.order}
    journal.record(
        kind="standard_activated", subject_type="standard", subject_id=profile.id, actor="system", data=data, at=now
    )
    if changed:
        recomputing.begin(profile=profile, why=_why(profile), employee=None, now=now)
    return changed


def followed(profile: Profile) -> FollowedStandard | None:
    """By which version the limits of open appeals were computed last."""
    return FollowedStandard.objects.filter(profile=profile.id).first()


def fingerprint(profile: Profile) -> str:
    """All in the standard on which limits hang, in short: its rules, calendar, hours and zone."""
    calendar, hours = profile.calendar, sorted(profile.hours.items())
    days = sorted(calendar.overrides.items())
    said = (profile.deadlines, calendar.country, calendar.region, calendar.martial_law_until, days, hours, profile.zone)
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _why(profile: Profile) -> str:
    return WORDS[profile.language].format(version=profile.version, order=profile.approved.order)
