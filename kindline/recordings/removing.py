"""Recordings leave when their time is over, unless an open case or a person holds them; each leaves a receipt.

Clause: krc-5.5.2-14.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeVar

from django.db import transaction
from django.db.models import Q, QuerySet

from kindline.appeals.queries import holding_recordings
from kindline.files.errors import StoreError
from kindline.journal import actions as journal
from kindline.recordings import places, transcripts, troubles
from kindline.recordings.errors import GoneRecordingError
from kindline.recordings.models import Hold, Remark, Removal, Seal
from kindline.standard.profile import Profile
from kindline.switchboard import recording as recordings
from kindline.switchboard.models import Recording

log = logging.getLogger(__name__)
BATCH = 500
T = TypeVar("T", Recording, Removal)


def sweep(*, profile: Profile, now: dt.datetime, limit: int = BATCH) -> int:
    """Remove the recordings whose last day is over on the organisation's clock, read `limit` at a time; how many."""
    finish(now=now)
    today = now.astimezone(profile.zone).date()
    return _each(_each_due(today, limit), lambda one: _remove(one, profile, today, now))


def _each(several: Iterable[T], do: Callable[[T], bool]) -> int:
    """Do it to each, and say how often it was done; one that fails is logged, and holds up no other."""
    done = 0
    for one in several:
        try:
            done += do(one)
        except Exception:
            log.exception("%s %s is left for the next run", type(one).__name__, one.pk)
    return done


def _each_due(today: dt.date, limit: int) -> Iterator[Recording]:
    """What is due, each once, in its order: one that cannot be removed is left behind and holds nothing up."""
    left = due(today).order_by("retention_until", "pk")
    rest = left
    while found := list(rest[:limit]):
        yield from found
        last = found[-1]
        later = Q(retention_until__gt=last.retention_until)
        rest = left.filter(later | Q(retention_until=last.retention_until, pk__gt=last.pk))


def due(today: dt.date) -> QuerySet[Recording]:
    """Recordings whose last day was before `today`, and that nothing holds."""
    over = Recording.objects.filter(retention_until__lt=today, removed_at=None)
    return over.exclude(contact__in=holding_recordings()).exclude(contact__in=held_by_hand())


def held_by_hand() -> QuerySet[Hold, object]:
    """Contacts whose recordings a person holds."""
    return Hold.objects.filter(released_at=None).values_list("contact", flat=True)


@transaction.atomic
def _remove(one: Recording, profile: Profile, today: dt.date, now: dt.datetime) -> bool:
    """Destroy the data key, write the receipt and the fact, in one transaction; what the store has is noise then."""
    fresh = Recording.objects.select_for_update(of=("self",)).filter(pk=one.pk).first()
    if fresh is None or not due(today).filter(pk=one.pk).exists():
        return False  # a case was opened, or a hold placed, meanwhile
    seal = Seal.objects.select_for_update(of=("self",)).filter(recording=fresh).first()
    if not _unlink(fresh, now):
        return False
    removal = _receipt(fresh, seal, profile, now)
    transcripts.remove_with(fresh)
    troubles.close(kind=troubles.BROKEN, subject=fresh.name, now=now)
    if seal is not None:
        seal.key = None
        seal.save(update_fields=["key"])
    fresh.removed_at, fresh.path = now, ""
    fresh.save(update_fields=["removed_at", "path"])
    if not Recording.objects.filter(contact=fresh.contact_id, removed_at=None).exists():
        Remark.objects.filter(contact=fresh.contact_id).delete()
    transaction.on_commit(partial(_let_go, removal, now), robust=True)
    return True


def _unlink(one: Recording, now: dt.datetime) -> bool:
    """The plain file, where there is one, goes before the row: a sweep that is killed in between is done again."""
    if not one.path:
        return True
    try:
        places.plain(one).unlink(missing_ok=True)
    except (GoneRecordingError, OSError) as error:
        contact = str(one.contact_id)
        troubles.open_trouble(kind=troubles.BROKEN, subject=one.name, contact=contact, detail=str(error), now=now)
        return False
    return True


def _receipt(one: Recording, seal: Seal | None, profile: Profile, now: dt.datetime) -> Removal:
    rule = recordings.period(profile, one.leg)
    made = Removal.objects.create(
        recording=one, contact_id=one.contact_id, leg=one.leg, name=one.name, started_at=one.started_at,
        duration_s=one.duration_s, sha256=one.sha256, sealed_sha256=seal.sha256 if seal else "",
        retention_until=one.retention_until or now.date(), rule=rule, was_sealed=seal is not None, removed_at=now,
        object_gone_at=None if seal else now,
    )  # fmt: skip
    data = {
        "leg": one.leg, "name": one.name, "sha256": one.sha256, "retention_until": str(one.retention_until),
        "rule": rule, "key_destroyed": seal is not None,
    }  # fmt: skip
    journal.record(kind="recording_removed", subject_type="contact", subject_id=one.contact_id, data=data, at=now)
    return made


def finish(*, now: dt.datetime) -> int:
    """Let the store forget what was removed while it was away; how many it has forgotten.

    Where the oldest are all refused and the latest too, it is away still: it is not asked for each of thousands.
    """
    done, rest = 0, Removal.objects.filter(object_gone_at=None).order_by("pk")
    left = rest
    while found := list(rest[:BATCH]):
        went = _each(found, lambda one: _let_go(one, now)) or _each(left.reverse()[:1], lambda one: _let_go(one, now))
        if not went:
            break
        done, rest = done + went, left.filter(pk__gt=found[-1].pk)
    return done


def _let_go(removal: Removal, now: dt.datetime) -> bool:
    try:
        places.vault().remove(removal.sealed_sha256)
    except StoreError as error:
        log.warning("the store did not let %s go: %s", removal.sealed_sha256, error)
        return False
    return bool(Removal.objects.filter(pk=removal.pk).update(object_gone_at=now))
