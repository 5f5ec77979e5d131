"""Transcripts as they are kept: sealed, found by words without being opened, read by whoever may hear the recording."""

from __future__ import annotations

import datetime as dt
import hmac
import io
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from typing import Any

from django.db.models import Q, QuerySet

from kindline.conversations.models import Contact
from kindline.files import keys, sealing
from kindline.journal import actions as journal
from kindline.journal.queries import facts_of
from kindline.recordings.engines import Said, Segment
from kindline.recordings.transcript_models import Transcript, TranscriptState
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard import tokens
from kindline.switchboard.models import Recording

LOW = 0.5
"""A word recognised with less confidence is marked, and proves nothing."""
MARK_LETTERS = 16
WORDS_MAX = 12
SEARCH = b"kindline transcript search"


def fill(row: Transcript, segments: Sequence[Segment]) -> None:
    """Put what was said into the row, sealed under a new key, with the marks by which it is found."""
    plain = json.dumps([asdict(one) for one in segments], ensure_ascii=False).encode()
    key, sealed = sealing.new_key(), io.BytesIO()
    row.size = sealing.seal(io.BytesIO(plain), sealed, key=key, bound=_bound(row))
    row.content = sealed.getvalue()
    row.key_number, row.key = keys.wrap(key)
    row.words, row.low_share = counted(segments)
    row.marks = sorted({mark for one in segments for mark in _marks_in(one.text, row.language, row.key_number)})


def segments_of(row: Transcript) -> list[Segment]:
    """What was said. Raises: LostKeyError; BrokenObjectError when it is not what was kept."""
    if row.content is None or row.key is None or row.key_number is None:
        return []
    key, content = keys.unwrap(row.key_number, bytes(row.key)), io.BytesIO(bytes(row.content))
    plain = b"".join(sealing.unsealed(content, key=key, bound=_bound(row), size=row.size, length=row.size))
    return [_segment(one) for one in json.loads(plain)]


def _segment(told: dict[str, object]) -> Segment:
    words: list[dict[str, object]] = list(told.pop("words"))  # type: ignore[call-overload]
    return Segment(**told, words=tuple(Said(**one) for one in words))  # type: ignore[arg-type]


def _bound(row: Transcript) -> bytes:
    return f"transcript of {row.recording.name}".encode()


def counted(segments: Iterable[Segment]) -> tuple[int, float | None]:
    """How many words were recognised, and the share of those with low confidence; None where nothing was said."""
    sure = [confidence for one in segments for confidence in _confidences(one)]
    return len(sure), round(sum(one < LOW for one in sure) / len(sure), 3) if sure else None


def _confidences(segment: Segment) -> list[float]:
    """Of each word; an engine that tells no words is as sure of each as of the segment."""
    if segment.words:
        return [word.confidence for word in segment.words]
    return [segment.confidence] * len(segment.text.split())


# --- finding -------------------------------------------------------------------------------------


def matching(text: str, language: str) -> QuerySet[Transcript]:
    """Transcripts in which every word of the text was said, in any inflection; none for no words."""
    found = Transcript.objects.filter(state=TranscriptState.DONE)
    wanted = [one.word for one in tokens.tokens(text) if not tokens.is_linking(one.word, language)][:WORDS_MAX]
    if not wanted:
        return found.none()
    numbers = set(found.order_by().values_list("key_number", flat=True).distinct())
    for word in wanted:
        found = found.filter(_said(word, language, numbers))
    return found


def _said(word: str, language: str, numbers: Collection[int | None]) -> Q:
    """A word in any form; the marks of each instance key are others."""
    marks = [mark for number in numbers if number is not None for mark in _marks_in(word, language, number)]
    return Q(marks__overlap=marks)


def _marks_in(text: str, language: str, number: int) -> set[str]:
    """Each dictionary form of each word, told to nobody who does not have the instance key."""
    secret = keys.derived(number, SEARCH)
    forms = {form for token in tokens.tokens(text) for form in tokens.lemmas(token.word, language)}
    return {hmac.digest(secret, form.encode(), "sha256").hex()[:MARK_LETTERS] for form in forms}


# --- reading -------------------------------------------------------------------------------------


def of_recordings(recordings: Collection[Recording]) -> dict[int, Transcript]:
    """The rows of transcripts by recording, made or not."""
    rows = Transcript.objects.filter(recording__in=recordings).select_related("recording__contact")
    return {row.recording_id: row for row in rows}


def note_read(*, contact: Contact, rows: Sequence[Transcript], employee: Employee, now: dt.datetime) -> None:
    """Somebody reads what was said in a talk: that is a fact, as hearing it is."""
    for row in rows:
        data = {"name": row.recording.name, "employee": employee.pk}
        journal.record(
            kind="transcript_read", subject_type="contact", subject_id=contact.pk, actor=actor(employee), data=data,
            at=now,
        )  # fmt: skip


def note_read_today(*, row: Transcript, employee: Employee, now: dt.datetime) -> None:
    """The same for a list that is opened many times a day: one fact in a day's time for each reader."""
    told = facts_of("contact", row.recording.contact_id).filter(kind="transcript_read", actor=actor(employee))
    if not told.filter(at__gt=now - dt.timedelta(days=1), data__name=row.recording.name).exists():
        note_read(contact=row.recording.contact, rows=[row], employee=employee, now=now)


# --- leaving -------------------------------------------------------------------------------------


def remove_with(recording: Recording) -> bool:
    """The recording leaves, and its transcript with it; whether there was one."""
    return bool(Transcript.objects.filter(recording=recording).delete()[0])


def erase_of_clients(clients: Collection[int], now: dt.datetime) -> int:
    """What erased persons said is forgotten and not recognised again, though their recordings are kept; how many."""
    theirs = Recording.objects.filter(contact__client__in=clients, removed_at=None)
    empty: dict[str, Any] = {
        "state": TranscriptState.ERASED, "content": None, "key": None, "key_number": None, "size": 0, "words": 0,
        "low_share": None, "marks": [], "trouble": "",
    }  # fmt: skip
    rows = [Transcript(recording=one, again_at=now, **empty) for one in theirs]
    Transcript.objects.bulk_create(rows, update_conflicts=True, unique_fields=["recording"], update_fields=list(empty))
    return len(rows)
