"""Recordings are transcribed one at a time, sealed, found by words, judged, and leave with their recording."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from kindline.clients.models import Client
from kindline.journal.queries import facts_of
from kindline.recordings import heard, keeping, removing, transcribing, transcripts
from kindline.recordings.engines import Engine, Said, Segment, SpeechError, UnreadableSoundError
from kindline.recordings.models import Transcript, TranscriptState
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from tests.recordings.conftest import NOW, Make

pytestmark = pytest.mark.db
LATER = NOW + dt.timedelta(hours=1)


class Fake:
    """An engine that says what the test tells it, by the speaker; an error is raised."""

    name, model = "fake", "told"

    def __init__(self, **told: Any) -> None:
        self.told, self.heard = told, []  # type: ignore[var-annotated]

    def lacking(self) -> str:
        return ""

    def transcribe(self, audio: Path, language: str, channels: Sequence[str]) -> list[Segment]:
        self.heard.append((channels[0], audio.read_bytes()[:4], language))
        told = self.told[channels[0]]
        if isinstance(told, Exception):
            raise told
        return [said(text, at, channels[0], sure) for text, at, sure in told]


def said(text: str, at: float, speaker: str, sure: float) -> Segment:
    """A stretch of speech of which every word takes a fifth of a second."""
    words = [Said(at + 0.2 * place, at + 0.2 * place + 0.2, word, sure) for place, word in enumerate(text.split())]
    return Segment(at, words[-1].end, text, speaker, sure, tuple(words))


def work(engine: Engine, krc: Profile, now: dt.datetime = LATER) -> int:
    """Transcribe all that waits; how many tries that took."""
    tries = 0
    while transcribing.transcribe_next(engine=engine, profile=krc, now=now):
        tries += 1
    return tries


def test_messages_come_first_then_the_latest_talks_and_all_is_sealed(recorded: Make, krc: Profile) -> None:
    recorded()
    recorded(start=NOW + dt.timedelta(minutes=5), leg="operator")
    message = recorded(leg="voicemail")
    keeping.seal_waiting(now=NOW)
    words = [("Прорвало трубу", 0.5, 0.9)]
    engine = Fake(voicemail=words, client=words, operator=words)
    assert work(engine, krc) == 3
    assert [leg for leg, _, _ in engine.heard] == ["voicemail", "operator", "client"]
    assert {(start, language) for _, start, language in engine.heard} == {(b"RIFF", "ru")}
    row = Transcript.objects.get(recording=message)
    assert "трубу".encode() not in bytes(row.content or b"")
    assert [one.text for one in transcripts.segments_of(row)] == ["Прорвало трубу"]
    fact = facts_of("contact", message.contact_id).get(kind="transcribed")
    assert (fact.data["engine"], fact.data["model"], fact.data["words"]) == ("fake", "told", 2)
    assert fact.data["low_share"] == 0


def test_a_sound_at_which_the_engine_fails_blocks_nothing_and_is_left_after_three_tries(
    recorded: Make, krc: Profile
) -> None:
    poisoned = recorded(leg="voicemail")
    recorded()
    engine = Fake(voicemail=UnreadableSoundError("exit -11"), client=[("Добрый день", 0, 0.9)])
    assert work(engine, krc) == 2
    for hours in (2, 4, 8, 16):
        work(engine, krc, NOW + dt.timedelta(hours=hours))
    assert [leg for leg, _, _ in engine.heard].count("voicemail") == transcribing.TRIES_MAX
    assert Transcript.objects.get(recording=poisoned).state == TranscriptState.FAILED
    assert facts_of("contact", poisoned.contact_id).get(kind="transcription_failed").data["reason"] == "exit -11"


def test_an_engine_that_is_away_costs_no_try(recorded: Make, krc: Profile) -> None:
    one = recorded()
    for minutes in range(0, 60, 6):
        work(Fake(client=SpeechError("no answer")), krc, LATER + dt.timedelta(minutes=minutes))
    assert Transcript.objects.get(recording=one).tries == 0
    assert work(Fake(client=[]), krc, LATER + dt.timedelta(hours=2)) == 1


def test_a_try_whose_process_was_killed_is_taken_up_again_and_not_for_ever(recorded: Make, krc: Profile) -> None:
    one = recorded()
    for days in range(6):
        transcribing._taken(NOW + dt.timedelta(days=days))
    row = Transcript.objects.get(recording=one)
    assert (row.tries, row.state) == (transcribing.TRIES_MAX, TranscriptState.FAILED)
    assert transcribing._taken(NOW + dt.timedelta(days=9)) is None


def test_a_recording_that_left_meanwhile_gets_no_transcript(recorded: Make, krc: Profile, monkeypatch: Any) -> None:
    one = recorded()

    class Slow(Fake):
        def transcribe(self, audio: Path, language: str, channels: Sequence[str]) -> list[Segment]:
            removing.sweep(profile=krc, now=NOW + dt.timedelta(days=4000))
            return super().transcribe(audio, language, channels)

    work(Slow(client=[("Добрый день", 0, 0.9)]), krc)
    one.refresh_from_db()
    assert one.removed_at is not None
    assert not Transcript.objects.exists()


def test_a_transcript_leaves_with_its_recording_and_a_hold_keeps_both(
    recorded: Make, krc: Profile, head: Employee
) -> None:
    from kindline.recordings import actions

    kept, gone = recorded(), recorded()
    work(Fake(client=[("Прорвало трубу", 0, 0.9)]), krc)
    actions.place_hold(contact=kept.contact, ground="жалоба", employee=head, now=NOW)
    removing.sweep(profile=krc, now=NOW + dt.timedelta(days=4000))
    assert list(Transcript.objects.values_list("recording", flat=True)) == [kept.pk]
    gone.refresh_from_db()
    assert gone.removed_at is not None


def test_who_is_erased_has_said_nothing_and_is_not_heard_again(recorded: Make, krc: Profile) -> None:
    client = Client.objects.create(surname="Иванова", created_at=NOW, changed_at=NOW)
    done, waits = recorded(), recorded()
    for one in (done, waits):
        one.contact.client = client
        one.contact.save(update_fields=["client"])
    transcribing.transcribe_next(engine=Fake(client=[("Прорвало трубу", 0, 0.9)]), profile=krc, now=LATER)
    assert transcripts.erase_of_clients([client.pk], LATER) == 2
    assert set(Transcript.objects.values_list("state", "content", "key")) == {("erased", None, None)}
    assert work(Fake(client=[]), krc) == 0
    assert not transcripts.matching("труба", "ru").exists()


@pytest.mark.parametrize(
    ("language", "spoken", "asked", "is_found"),
    [
        ("ru", "Прорвало трубу в подвале", "трубы подвал", True),
        ("ru", "Прорвало трубу в подвале", "трубы чердак", False),
        ("ru", "Заплатили деньги", "денег", True),
        ("uk", "Зателефонуйте мені щодо рахунків", "рахунок", True),
        ("uk", "Зателефонуйте мені щодо рахунків", "лічильник", False),
    ],
)
def test_a_talk_is_found_by_its_words_in_any_inflection(
    language: str, spoken: str, asked: str, is_found: bool, recorded: Make, krc: Profile
) -> None:
    row = Transcript(recording=recorded(), again_at=NOW, language=language, state=TranscriptState.DONE)
    transcripts.fill(row, [said(spoken, 0, "client", 0.9)])
    row.save()
    assert transcripts.matching(asked, language).exists() is is_found
    assert not any("труб" in mark for mark in row.marks)


def talk(recorded: Make, krc: Profile, operator: str, client: str = "Добрый день", sure: float = 0.95) -> Any:
    """A talk whose sides were transcribed and looked through; its contact's facts by kind."""
    one = recorded(20.0, leg="operator")
    recorded(20.0, contact=one.contact)
    work(Fake(operator=[(operator, 1.0, sure)], client=[(client, 0.2, 0.95)]), krc)
    assert heard.judge_waiting(now=LATER) == 1
    assert heard.judge_waiting(now=LATER) == 0
    found: dict[str, list[dict[str, Any]]] = {}
    for fact in facts_of("contact", one.contact_id):
        found.setdefault(fact.kind, []).append(fact.data)
    return found


def test_a_forbidden_word_that_was_heard_well_is_a_sure_hit(recorded: Make, krc: Profile) -> None:
    facts = talk(recorded, krc, "Подождите секундочку я посмотрю ваш счёт")
    hits = {(hit["list"], hit["word"], hit["sure"], hit["offset_s"]) for hit in facts["lexicon_hit"]}
    assert ("diminutives", "секундочку", True, 1.2) in hits
    assert facts["transcript_ready"] == [{"engine": "fake", "sure": True}]


def test_what_was_heard_badly_proves_nothing(recorded: Make, krc: Profile) -> None:
    facts = talk(recorded, krc, "Подождите секундочку я посмотрю ваш счёт", sure=0.4)
    assert {hit["sure"] for hit in facts["lexicon_hit"]} == {False}
    assert facts["transcript_ready"] == [{"engine": "fake", "sure": False}]
    assert [set(one) for one in facts["speech_measured"]] == [{"level_db", "sure"}]


def test_a_prescribed_phrase_is_heard_through_slips_of_recognition(recorded: Make, krc: Profile) -> None:
    facts = talk(recorded, krc, "так я хорошо понимал что вам трудно ждать")
    found = {one["phrase"]: one["sure"] for one in facts["phrase_heard"] if one["step"] == "conflict_understand"}
    assert found.get("Я хорошо понимаю, что...") is True


def test_a_message_of_a_client_has_no_norms_of_speech(recorded: Make, krc: Profile) -> None:
    one = recorded(leg="voicemail")
    work(Fake(voicemail=[("секундочку", 0, 0.9)]), krc)
    assert heard.judge_waiting(now=LATER) == 1
    kinds = set(facts_of("contact", one.contact_id).values_list("kind", flat=True))
    assert "transcribed" in kinds
    assert not kinds & {"transcript_ready", "lexicon_hit", "speech_measured"}
