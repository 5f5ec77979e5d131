"""What a transcript means to the norms of speech: facts of words and phrases, by which the talk is judged anew.

What was recognised with low confidence proves nothing: such a fact is not `sure`, and the clause is *not measurable*
until a person has listened. A transcript too much of which is so proves no silence either (ADR 42).
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from django.db import transaction

from kindline.conversations.models import Contact
from kindline.conversations.wording import operator_words
from kindline.files.errors import FilesError
from kindline.journal import actions as journal
from kindline.recordings import acoustics, transcripts
from kindline.recordings.engines import Segment
from kindline.recordings.transcribing import LEGS
from kindline.recordings.transcript_models import Transcript, TranscriptState
from kindline.standard import hearing, lexicons, loader
from kindline.standard.hearing import Word
from kindline.standard.profile import Profile
from kindline.switchboard.models import Recording

SURE = 0.8
"""A forbidden word, or on average a phrase, is sure from this confidence on."""
LOW_SHARE_MAX = 0.2
"""A transcript of whose words more are of low confidence is not sure: what it lacks may have been said."""
WORDS_MIN = 5
"""An operator of whom fewer words were heard was not heard."""
EMPLOYEES = ("operator", "specialist")
BATCH = 20


@dataclass(frozen=True, slots=True)
class Side:
    """What one party said, with its recording."""

    recording: Recording
    row: Transcript
    segments: list[Segment]

    @property
    def speaker(self) -> str:
        """As the word lists name the parties: an employee is an operator to them."""
        return "operator" if self.recording.leg in EMPLOYEES else "client"

    def words(self) -> list[Word]:
        """Its words on its own time axis; an engine that tells no words is as sure of each as of the segment."""
        return [word for one in self.segments for word in _words(one)]

    def moment(self, at_s: float) -> dt.datetime:
        """A moment of the side on the clock."""
        return self.recording.started_at + dt.timedelta(seconds=at_s)


def _words(one: Segment) -> Iterator[Word]:
    if one.words:
        yield from (Word(word.text, word.start, word.confidence) for word in one.words)
        return
    texts = one.text.split()
    for place, text in enumerate(texts):
        yield Word(text, one.start + (one.end - one.start) * place / len(texts), one.confidence)


def judge_waiting(*, now: dt.datetime) -> int:
    """Look for the norms of speech in talks whose last recording was transcribed; how many talks."""
    fresh = Transcript.objects.filter(state=TranscriptState.DONE, is_judged=False)
    found = Contact.objects.filter(recordings__transcript__in=fresh).distinct()[:BATCH]
    return sum(_judge(contact, now) for contact in found if not _is_under_way(contact))


def _is_under_way(contact: Contact) -> bool:
    """Whether a recording of the talk still waits to be transcribed."""
    mine = Recording.objects.filter(contact=contact, removed_at=None, leg__in=LEGS)
    over = (TranscriptState.DONE, TranscriptState.FAILED, TranscriptState.ERASED)
    return mine.exclude(transcript__state__in=over).exists()


@transaction.atomic
def _judge(contact: Contact, now: dt.datetime) -> bool:
    """Write the facts of a talk; a message that a client left has no norms of speech."""
    done = Transcript.objects.select_for_update(of=("self",)).filter(
        recording__contact=contact, state=TranscriptState.DONE
    )
    rows = list(done.select_related("recording__employee").order_by("recording__started_at"))
    if all(row.is_judged for row in rows):
        return False
    try:
        sides = [Side(row.recording, row, transcripts.segments_of(row)) for row in rows]
    except FilesError:
        sides = []  # what cannot be opened is not measurable
    talk = [side for side in sides if side.recording.leg != "voicemail"]
    if any(side.recording.leg in EMPLOYEES for side in talk):
        journal.record_many(list(_facts(contact, loader.load(contact.profile), talk, now)))
    Transcript.objects.filter(pk__in=[row.pk for row in rows]).update(is_judged=True)
    return True


def _facts(contact: Contact, profile: Profile, talk: Sequence[Side], now: dt.datetime) -> Iterator[journal.NewFact]:
    fresh = [side for side in talk if not side.row.is_judged]
    yield from _phrases(contact, profile, fresh)
    hits = [hit for side in fresh for hit in _hits(contact, profile, side)]
    yield from hits
    data = {"engine": talk[0].row.engine, "sure": is_sure(talk)}
    yield journal.NewFact("transcript_ready", "contact", contact.pk, "system", data, now)
    for measured in acoustics.measured(contact, profile, talk, sure=is_sure(talk)):
        yield journal.NewFact("speech_measured", "contact", contact.pk, "system", measured, now)


def is_sure(talk: Iterable[Side]) -> bool:
    """Whether so much of what employees said was recognised that what is not in it was not said."""
    own = [side.row for side in talk if side.recording.leg in EMPLOYEES]
    enough = sum(row.words for row in own) >= WORDS_MIN
    return enough and all((row.low_share or 0.0) <= LOW_SHARE_MAX for row in own)


def _phrases(contact: Contact, profile: Profile, talk: Sequence[Side]) -> Iterator[journal.NewFact]:
    for side in talk:
        if side.recording.leg not in EMPLOYEES:
            continue
        wanted = hearing.phrases(profile, operator_words(side.recording.employee, profile))
        for found in hearing.listen(wanted, side.words(), profile.language):
            sure = found.share >= hearing.HEARD and found.confidence >= SURE
            data = {
                "step": found.phrase.step, "phrase": found.phrase.written, "speaker": "operator",
                "offset_s": round(found.at_s, 1), "sure": sure,
            }  # fmt: skip
            yield _fact("phrase_heard", contact, data, side.moment(found.at_s))


def _hits(contact: Contact, profile: Profile, side: Side) -> Iterator[journal.NewFact]:
    words = side.words()
    ends = list(accumulate(len(word.text) + 1 for word in words))  # each with the space behind it
    text = " ".join(word.text for word in words)
    lists = {one.id: one for one in profile.lexicons}
    for hit in lexicons.check(profile, text, side.speaker, contact.channel, "opening"):
        covered = words[bisect_right(ends, hit.start) : bisect_left(ends, hit.end) + 1]
        sure = min(word.confidence for word in covered) >= SURE
        data = {
            "list": hit.list, "word": hit.word, "speaker": side.speaker, "position": lists[hit.list].position,
            "offset_s": round(covered[0].at_s, 1), "sure": sure,
        }  # fmt: skip
        yield _fact("lexicon_hit", contact, data, side.moment(covered[0].at_s))


def _fact(kind: str, contact: Contact, data: dict[str, object], at: dt.datetime) -> journal.NewFact:
    return journal.NewFact(kind, "contact", contact.pk, "system", data, at)
