"""Recordings are sealed soon after the talk: encrypted under own keys, stored, read back; then the plain file goes."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from pathlib import Path

from django.db import IntegrityError, transaction

from kindline.files import keys, sealing
from kindline.files.errors import BrokenObjectError, LostKeyError, StoreError
from kindline.files.stores import Store, workbench
from kindline.journal import actions as journal
from kindline.recordings import places, troubles
from kindline.recordings.errors import BrokenRecordingError, RecordingError
from kindline.recordings.models import Seal, Trouble
from kindline.switchboard import sounds
from kindline.switchboard.models import Recording

log = logging.getLogger(__name__)
BATCH = 200
ORPHAN_AFTER = dt.timedelta(hours=24)
"""A sealed content whose row was not written within that time belongs to nobody."""
DURATION_SLACK_S = 0.5


def seal_waiting(*, now: dt.datetime, limit: int = BATCH) -> int:
    """Seal what lies plain: fresh recordings, and those of the time before there were seals; how many.

    A kill at any moment loses nothing: the plain file goes only when the row of its seal is committed.
    """
    sweep_plain()
    waiting = Recording.objects.filter(removed_at=None, seal=None).exclude(path="")
    waiting = waiting.exclude(name__in=Trouble.objects.filter(kind=troubles.BROKEN, closed_at=None).values("subject"))
    sealed = 0
    for one in waiting.order_by("pk")[:limit]:
        try:
            sealed += _seal(one, now)
        except (StoreError, OSError) as error:
            troubles.open_trouble(kind=troubles.STORE, detail=str(error), now=now)
            if isinstance(error, LostKeyError):
                raise
            return sealed
        except RecordingError as error:
            troubles.note_broken(recording=one, reason=str(error), now=now)
    if sealed:
        troubles.close_others(kind=troubles.STORE, now=now)
    return sealed


def _seal(one: Recording, now: dt.datetime) -> bool:
    path = places.plain(one)
    check_plain(one, path)
    store, key = places.vault(), sealing.new_key()
    number, wrapped = keys.wrap(key)
    with workbench(places.vault_folder()) as bench:
        size = _write(path, bench / "sealed", key, bound(one))
        kept = store.put(bench / "sealed")
    _read_back(store, kept.sha256, one, key, size)
    seal = Seal(recording=one, sha256=kept.sha256, size=size, key=wrapped, key_number=number, sealed_at=now)
    if not _write_row(seal):
        return False
    _let_plain_go(seal)
    return True


def bound(one: Recording) -> bytes:
    """What a content is bound to: its name, so that no recording can be put in another's place."""
    return one.name.encode()


def _write(path: Path, target: Path, key: bytes, bound_to: bytes) -> int:
    with path.open("rb") as source, target.open("wb") as sealed:
        return sealing.seal(source, sealed, key=key, bound=bound_to)


def check_plain(one: Recording, path: Path) -> None:
    """Raises: BrokenRecordingError unless the file is what was recorded, by its hash and its length."""
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BrokenRecordingError("its file is not there") from error
    if one.sha256 and found != one.sha256:
        raise BrokenRecordingError("its file is not what was recorded: the hash differs")
    if one.sha256 and one.duration_s is not None and path.suffix == ".wav":
        try:
            lasts = sounds.duration_s(path)
        except sounds.SoundError as error:
            raise BrokenRecordingError(str(error)) from error
        if abs(lasts - one.duration_s) > DURATION_SLACK_S:
            raise BrokenRecordingError(f"it lasts {lasts} s, not {one.duration_s} s")


def _read_back(store: Store, sha256: str, one: Recording, key: bytes, size: int) -> None:
    """Raises: BrokenRecordingError unless the store gives back what was recorded."""
    digest = hashlib.sha256()
    with store.opened(sha256) as file:
        try:
            for piece in sealing.unsealed(file, key=key, bound=bound(one), size=size, length=size):
                digest.update(piece)
        except BrokenObjectError as error:
            raise BrokenRecordingError(str(error)) from error
    if one.sha256 and digest.hexdigest() != one.sha256:
        raise BrokenRecordingError("what the store gives back is not what was recorded")


def _write_row(seal: Seal) -> bool:
    """Write the row of a seal; False where the recording was removed or sealed meanwhile: its content is an orphan."""
    try:
        with transaction.atomic():
            fresh = Recording.objects.select_for_update(of=("self",)).get(pk=seal.recording_id)
            if fresh.removed_at is not None:
                return False
            seal.save()
            data = {"leg": fresh.leg, "name": fresh.name, "sha256": seal.sha256}
            journal.record(
                kind="recording_sealed",
                subject_type="contact",
                subject_id=fresh.contact_id,
                data=data,
                at=seal.sealed_at,
            )
    except IntegrityError:
        return False
    return True


def sweep_plain() -> int:
    """Remove plain files whose seals are written: a kill came between the two; how many."""
    left = list(Seal.objects.filter(is_plain_gone=False).select_related("recording")[:BATCH])
    for seal in left:
        _let_plain_go(seal)
    return len(left)


def _let_plain_go(seal: Seal) -> None:
    if seal.recording.path:
        places.plain(seal.recording).unlink(missing_ok=True)
    seal.is_plain_gone = True
    seal.save(update_fields=["is_plain_gone"])


def sweep_orphans(*, now: dt.datetime) -> int:
    """Remove sealed contents that no living seal names: a sealing that was killed, a removal that was; how many."""
    store, since, gone = places.vault(), now - ORPHAN_AFTER, 0
    for sha256 in list(store.untouched(since)):
        if not Seal.objects.filter(sha256=sha256, key__isnull=False).exists():
            gone += store.remove(sha256, untouched_since=since)
    return gone
