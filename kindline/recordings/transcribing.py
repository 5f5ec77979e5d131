"""Recordings are transcribed one at a time, when nothing is in a hurry: messages first, then the latest talks.

A try is held by its moment (`again_at`), not by a lock: no database connection is held while the engine works, and
what a killed process held is taken up again when the moment has passed. A sound at which the engine fails is tried
a few times and then left; an engine that is away costs no try.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import time
import wave
from collections.abc import Iterator
from pathlib import Path

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When

from kindline.files.errors import StoreError
from kindline.journal import actions as journal
from kindline.recordings import acoustics, listening, transcripts
from kindline.recordings.engines import Engine, Segment, SpeechError, UnreadableSoundError
from kindline.recordings.errors import RecordingError
from kindline.recordings.transcript_models import Transcript, TranscriptState
from kindline.standard.profile import Profile
from kindline.switchboard.models import Call, Recording

log = logging.getLogger(__name__)
LEGS = ("voicemail", "client", "operator", "specialist")
"""Whose sound is recognised; a supervisor who whispers is no party of the talk."""
TRIES_MAX = 3
AGAIN_S = (60, 900, 3600)
HELD = dt.timedelta(hours=6)
"""So long a try may last before another process takes it up: longer than any limit of an engine."""
AWAY = dt.timedelta(minutes=5)


def waiting(now: dt.datetime) -> QuerySet[Recording]:
    """Recordings to transcribe now, in their order: finished ones in their place, whose retention is running."""
    busy = Call.objects.filter(pk=OuterRef("contact_id"), ended_at=None)
    kept = Recording.objects.filter(removed_at=None, leg__in=LEGS, ended_at__isnull=False).exclude(path="")
    due = Q(transcript=None) | Q(transcript__state=TranscriptState.WAITING, transcript__again_at__lte=now)
    first = Case(When(leg="voicemail", then=Value(0)), default=Value(1))
    return kept.filter(due, ~Exists(busy)).order_by(first, F("started_at").desc(), "pk")


def transcribe_next(*, engine: Engine, profile: Profile, now: dt.datetime) -> bool:
    """Transcribe what is first in the order; False where nothing waits, or the engine is away."""
    row = _taken(now)
    if row is None:
        return False
    began = time.monotonic()
    try:
        with sound_of(row.recording, now) as audio:
            found = engine.transcribe(audio, profile.language, [row.recording.leg])
            row.level_db = acoustics.level_db(audio, [(one.start, one.end) for one in found])
    except (UnreadableSoundError, RecordingError, wave.Error, EOFError) as error:
        _failed(row, str(error), now)
        return True
    except (SpeechError, StoreError, OSError) as error:
        log.warning("%s is transcribed later: %s", row.recording.name, error)
        _let_go(row, str(error), now)
        return False
    _keep(row, found, engine, profile, time.monotonic() - began, now)
    return True


@transaction.atomic
def _taken(now: dt.datetime) -> Transcript | None:
    """The row of the first that waits, held for us; a try more."""
    for one in waiting(now).select_for_update(of=("self",), skip_locked=True)[:1]:
        row, _ = Transcript.objects.get_or_create(recording=one, defaults={"again_at": now})
        if row.tries >= TRIES_MAX:  # the process itself died of it, each time
            _fail(row, row.trouble or "the process was killed each time", now)
            return _taken(now)
        row.tries, row.again_at = row.tries + 1, now + HELD
        row.save(update_fields=["tries", "again_at"])
        return row
    return None


@contextlib.contextmanager
def sound_of(recording: Recording, now: dt.datetime) -> Iterator[Path]:
    """The opened sound as a file in memory alone: killed at any moment, nothing of it is left on a disk.

    Raises: RecordingError; StoreError.
    """
    handle = os.memfd_create("sound")
    try:
        sound = listening.opened(recording, now)
        with os.fdopen(os.dup(handle), "wb") as file:
            for piece in sound.read(0, sound.size):
                file.write(piece)
        yield Path(f"/proc/{os.getpid()}/fd/{handle}")
    finally:
        os.close(handle)


@transaction.atomic
def _keep(
    row: Transcript, found: list[Segment], engine: Engine, profile: Profile, took_s: float, now: dt.datetime
) -> None:  # fmt: skip
    """Write what was heard, unless the recording left or the person was erased meanwhile."""
    one = Recording.objects.select_for_update(of=("self",)).get(pk=row.recording_id)
    fresh = Transcript.objects.select_for_update(of=("self",)).filter(pk=row.pk).first()
    if one.removed_at is not None or fresh is None or fresh.state != TranscriptState.WAITING:
        return
    fresh.engine, fresh.model, fresh.language = engine.name, engine.model[:64], profile.language
    fresh.level_db = row.level_db
    transcripts.fill(fresh, found)
    fresh.state, fresh.made_at, fresh.trouble = TranscriptState.DONE, now, ""
    fresh.save()
    data = {
        "leg": one.leg, "name": one.name, "engine": engine.name, "model": engine.model, "language": profile.language,
        "duration_s": one.duration_s, "took_s": round(took_s, 1), "words": fresh.words, "low_share": fresh.low_share,
    }  # fmt: skip
    journal.record(kind="transcribed", subject_type="contact", subject_id=one.contact_id, data=data, at=now)


def _failed(row: Transcript, trouble: str, now: dt.datetime) -> None:
    """Try again later, and not for ever."""
    log.warning("%s cannot be transcribed (try %s): %s", row.recording.name, row.tries, trouble)
    if row.tries >= TRIES_MAX:
        _fail(row, trouble, now)
        return
    again_at = now + dt.timedelta(seconds=AGAIN_S[row.tries - 1])
    Transcript.objects.filter(pk=row.pk).update(again_at=again_at, trouble=trouble[:500])


@transaction.atomic
def _fail(row: Transcript, trouble: str, now: dt.datetime) -> None:
    state = TranscriptState.FAILED
    changed = Transcript.objects.filter(pk=row.pk, state=TranscriptState.WAITING).update(
        state=state, trouble=trouble[:500]
    )
    if changed:
        data = {"leg": row.recording.leg, "name": row.recording.name, "reason": trouble[:200]}
        contact = row.recording.contact_id
        journal.record(kind="transcription_failed", subject_type="contact", subject_id=contact, data=data, at=now)


def _let_go(row: Transcript, trouble: str, now: dt.datetime) -> None:
    """It was not the sound's fault: the try does not count."""
    Transcript.objects.filter(pk=row.pk).update(tries=F("tries") - 1, again_at=now + AWAY, trouble=trouble[:500])
