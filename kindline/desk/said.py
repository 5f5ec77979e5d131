"""What was said in a talk, as a program recognised it: read by whoever may hear it; reading is a fact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from kindline.conversations.models import Contact
from kindline.desk import wording
from kindline.files.errors import FilesError
from kindline.recordings import engines, transcripts
from kindline.recordings.engines import Segment
from kindline.recordings.models import Transcript, TranscriptState
from kindline.staff.models import Employee
from kindline.switchboard.models import Recording


@dataclass(frozen=True, slots=True)
class Line:
    """A stretch of speech: when, who, and its words in runs, each with whether the program is unsure of it."""

    at: dt.datetime
    since_s: float
    speaker: str
    runs: list[tuple[str, bool]]


def of_contact(request: HttpRequest, contact: Contact, kept: Sequence[Recording], me: Employee) -> dict[str, Any]:
    """What the page of a contact says of its transcript; with `?said=1` the transcript itself, and that it was read."""
    rows = transcripts.of_recordings([one for one in kept if one.path])
    made = [row for row in rows.values() if row.state == TranscriptState.DONE]
    is_asked = "said" in request.GET and bool(made)
    if is_asked and request.method == "GET":
        transcripts.note_read(contact=contact, rows=made, employee=me, now=timezone.now())
    lines = _lines(made, contact.started_at) if is_asked else []
    return {"said": {"has": bool(made), "shown": is_asked, "lines": lines, "why": why(kept, rows)}}


def of_messages(found: Iterable[Recording], me: Employee) -> dict[int, dict[str, Any]]:
    """By recording what each message says, and that it was read: once a day each; or why it has no text."""
    kept, now = list(found), timezone.now()
    rows = transcripts.of_recordings(kept)
    told: dict[int, dict[str, Any]] = {one.pk: {"lines": [], "why": why([one], rows)} for one in kept}
    for key, row in rows.items():
        if row.state == TranscriptState.DONE:
            told[key]["lines"] = _lines([row], row.recording.started_at)
            transcripts.note_read_today(row=row, employee=me, now=now)
    return told


def _lines(rows: Iterable[Transcript], began: dt.datetime) -> list[Line]:
    """All sides in the order of time; what cannot be opened is not shown."""
    found = []
    for row in rows:
        try:
            segments = transcripts.segments_of(row)
        except FilesError:
            continue
        speaker = wording.leg_title(row.recording.leg)
        found += [_line(one, row.recording.started_at, began, speaker) for one in segments]
    return sorted(found, key=lambda line: line.at)


def _line(one: Segment, started_at: dt.datetime, began: dt.datetime, speaker: str) -> Line:
    at = started_at + dt.timedelta(seconds=one.start)
    return Line(at, max(0.0, (at - began).total_seconds()), speaker, _runs(one))


def _runs(one: Segment) -> list[tuple[str, bool]]:
    """Neighbouring words that are equally sure go together."""
    if not one.words:
        return [(one.text, one.confidence < transcripts.LOW)]
    runs: list[tuple[str, bool]] = []
    for word in one.words:
        unsure = word.confidence < transcripts.LOW
        if runs and runs[-1][1] == unsure:
            runs[-1] = (f"{runs[-1][0]} {word.text}", unsure)
        else:
            runs.append((word.text, unsure))
    return runs


def why(kept: Iterable[Recording], rows: dict[int, Transcript]) -> str:
    """Why there is no transcript, in words; empty where all is transcribed."""
    states = {rows[one.pk].state if one.pk in rows else "" for one in kept if one.path and one.leg != "supervisor"}
    if TranscriptState.ERASED in states:
        return _("No transcript: the person was erased.")
    if states & {"", TranscriptState.WAITING.value}:
        if engines.lacking():
            return _("No transcript: speech recognition is not installed.")
        return _("The transcript is not ready yet.")
    if TranscriptState.FAILED in states:
        return _("No transcript: the recording could not be recognised.")
    return ""
