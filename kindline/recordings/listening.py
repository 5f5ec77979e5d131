"""A recording as it is heard: found whole first, then given in any parts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import BinaryIO

from django.db import transaction

from kindline.files import keys, sealing
from kindline.files.errors import BrokenObjectError, MissingObjectError
from kindline.journal import actions as journal
from kindline.journal import locking
from kindline.journal.queries import facts_of
from kindline.recordings import keeping, places, troubles
from kindline.recordings.errors import BrokenRecordingError, GoneRecordingError, RecordingError, UnfitError
from kindline.recordings.models import Seal
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.switchboard import sounds
from kindline.switchboard.models import Recording

BLOCK = 64 * 1024
HEAD, BYTES = 44, 2
"""Of a wave file of the telephone: its head, and a sample."""


@dataclass(frozen=True, slots=True)
class Sound:
    """The content of a recording; `key` is empty where it lies plain. Whoever opened it reads it once or closes it."""

    file: BinaryIO
    size: int
    bound: bytes
    key: bytes = b""

    def read(self, first: int, length: int) -> Part:
        """Its bytes from `first` on. Raises, while it is read: BrokenRecordingError."""
        return Part(self, first, length)


@dataclass(frozen=True, slots=True)
class Part:
    """Some of a content, read piece by piece; the file is closed when it is read, or by whoever does not read it."""

    sound: Sound
    first: int
    length: int

    def __iter__(self) -> Iterator[bytes]:
        with closing(self.sound.file):
            yield from self._sealed() if self.sound.key else self._plain()

    def close(self) -> None:
        """Let the file go."""
        self.sound.file.close()

    def _sealed(self) -> Iterator[bytes]:
        of, asked = self.sound, {"first": self.first, "length": self.length}
        try:
            yield from sealing.unsealed(of.file, key=of.key, bound=of.bound, size=of.size, **asked)
        except BrokenObjectError as error:
            raise BrokenRecordingError(str(error)) from error

    def _plain(self) -> Iterator[bytes]:
        self.sound.file.seek(self.first)
        left = self.length
        while left > 0 and (block := self.sound.file.read(min(BLOCK, left))):
            left -= len(block)
            yield block


def opened(recording: Recording, now: dt.datetime) -> Sound:
    """The content, found to be what was recorded: by the hash, by the seal, by the length.

    Raises: GoneRecordingError; BrokenRecordingError, which is a trouble and a fact; StoreError; LostKeyError.
    """
    try:
        return _opened(recording)
    except BrokenRecordingError as error:
        troubles.note_broken(recording=recording, reason=str(error), now=now)
        raise


def _opened(recording: Recording) -> Sound:
    seal = Seal.objects.filter(recording=recording).first()
    if recording.removed_at is not None or (seal is not None and seal.key is None):
        raise GoneRecordingError(f"{recording.name} was removed")
    return _sealed(recording, seal) if seal is not None else _plain(recording)


def _plain(recording: Recording) -> Sound:
    path = places.plain(recording)
    if not path.is_file():
        raise GoneRecordingError(f"{recording.name}: its file is not there")
    keeping.check_plain(recording, path)
    return Sound(path.open("rb"), path.stat().st_size, keeping.bound(recording))


def _sealed(recording: Recording, seal: Seal) -> Sound:
    _check_length(recording, seal)
    try:
        key = keys.unwrap(seal.key_number, bytes(seal.key or b""))
    except BrokenObjectError as error:
        raise BrokenRecordingError(str(error)) from error
    try:
        file = places.vault().opened(seal.sha256)
    except MissingObjectError as error:
        raise BrokenRecordingError("the store has lost it") from error
    except BrokenObjectError as error:
        raise BrokenRecordingError("what the store has is not what was stored: the hash differs") from error
    return Sound(file, seal.size, keeping.bound(recording), key)


def _check_length(recording: Recording, seal: Seal) -> None:
    if recording.sha256 and recording.duration_s is not None and recording.path.endswith(".wav"):
        lasts = (seal.size - HEAD) / BYTES / sounds.RATE_HZ
        if abs(lasts - recording.duration_s) > keeping.DURATION_SLACK_S:
            raise BrokenRecordingError(f"it lasts {lasts:.1f} s, not {recording.duration_s} s")


def content(recording: Recording, now: dt.datetime) -> bytes:
    """The whole content. Raises: RecordingError; StoreError."""
    sound = opened(recording, now)
    return b"".join(sound.read(0, sound.size))


@transaction.atomic
def note_listened(*, recording: Recording, employee: Employee, now: dt.datetime, listening: str = "") -> None:
    """Somebody listens to a recording: that is a fact.

    One for all the sides and parts of a talk that are fetched for one `listening`; a message has its own, for whether
    it was heard decides what may be done with it.
    """
    if listening:
        locking.in_turn(f"recording_listened {listening}")
        told = facts_of("contact", recording.contact_id).filter(kind="recording_listened", data__listening=listening)
        if (told.filter(data__name=recording.name) if recording.leg == "voicemail" else told).exists():
            return
    _note("recording_listened", recording, employee, {"listening": listening} if listening else {}, now)


def note_downloaded(*, recording: Recording, employee: Employee, reason: str, now: dt.datetime) -> None:
    """Somebody takes a recording out, and says why. Raises: UnfitError."""
    if not reason.strip():
        raise UnfitError("reason")
    _note("recording_downloaded", recording, employee, {"reason": reason.strip(), "sha256": recording.sha256}, now)


def _note(kind: str, recording: Recording, employee: Employee, more: dict[str, str], now: dt.datetime) -> None:
    data = {"name": recording.name, "employee": employee.pk, **more}
    journal.record(
        kind=kind, subject_type="contact", subject_id=recording.contact_id, actor=actor(employee), data=data, at=now
    )


__all__ = ["RecordingError", "Sound", "content", "note_downloaded", "note_listened", "opened"]
