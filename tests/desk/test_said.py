"""What was said, on pages: of a talk, of a message in the list, found by its words; reading is a fact."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.conversations.models import Contact
from kindline.journal.models import Fact
from kindline.recordings import transcribing, transcripts
from kindline.recordings.models import Transcript, TranscriptState
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile
from kindline.switchboard.models import Recording, Voicemail
from tests.desk.conftest import employee
from tests.desk.looking import check_everywhere
from tests.desk.test_recordings_screen import tapes
from tests.desk.test_screen import open_as, window
from tests.recordings.test_transcribing import Fake

__all__ = ["open_as", "tapes", "window"]
TALK = {
    "client": [("В подвале прорвало трубу", 3.0, 0.9), ("Спасибо", 9.0, 0.3)],
    "operator": [("Добрый день слушаю вас", 0.5, 0.9)],
}
MESSAGE = {"voicemail": [("Перезвоните мне про счётчик", 1.0, 0.9)]}


def recognise(profile: Profile, **told: Any) -> None:
    """Transcribe all that waits, as if the engine had heard this."""
    later = timezone.now() + dt.timedelta(days=1)
    while transcribing.transcribe_next(engine=Fake(**told), profile=profile, now=later):
        pass


@pytest.fixture
def spoken(tapes: list[Recording], judged: Contact, krc: Profile) -> Contact:
    """The talk with its transcript."""
    recognise(krc, **TALK)
    return judged


@pytest.fixture
def message(tapes: list[Recording], judged: Contact, krc: Profile) -> Voicemail:
    """A message that a client has left, recognised."""
    recording = tapes[0]
    Recording.objects.exclude(pk=recording.pk).update(path="")
    Recording.objects.filter(pk=recording.pk).update(leg="voicemail")
    recognise(krc, **MESSAGE)
    return Voicemail.objects.create(contact=judged, recording=recording, box="general", left_at=timezone.now())


def readings() -> int:
    """How often it was written down that somebody read a transcript."""
    return Fact.objects.filter(kind="transcript_read").count()


@pytest.mark.db
class TestTalk:
    def test_its_words_are_shown_when_asked_for_and_reading_is_a_fact(
        self, spoken: Contact, as_supervisor: Browser, supervisor: Employee
    ) -> None:
        page = as_supervisor.get(f"/desk/contacts/{spoken.pk}/").content.decode()
        assert "Read what was said" in page
        assert "прорвало" not in page
        assert readings() == 0
        answer = as_supervisor.get(f"/desk/contacts/{spoken.pk}/?said=1")
        lines = answer.context["said"]["lines"]
        assert [line.speaker for line in lines] == ["operator", "client", "client"]
        assert [line.at for line in lines] == sorted(line.at for line in lines)
        assert lines[1].runs == [("В подвале прорвало трубу", False)]
        assert lines[2].runs == [("Спасибо", True)]
        rows = Fact.objects.filter(kind="transcript_read")
        assert {row.data["employee"] for row in rows} == {supervisor.pk}
        assert rows.count() == 2

    def test_who_may_not_hear_it_does_not_read_it(self, spoken: Contact) -> None:
        browser = Browser()
        browser.force_login(employee("counter", Role.COUNTER))
        answer = browser.get(f"/desk/contacts/{spoken.pk}/?said=1")
        assert answer.status_code in (403, 404)
        assert readings() == 0

    def test_a_talk_without_a_transcript_says_why(
        self, tapes: list[Recording], judged: Contact, as_supervisor: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        address = f"/desk/contacts/{judged.pk}/"
        monkeypatch.setattr("kindline.recordings.engines.lacking", lambda: "no model")
        assert "speech recognition is not installed" in as_supervisor.get(address).content.decode()
        monkeypatch.setattr("kindline.recordings.engines.lacking", lambda: "")
        assert "The transcript is not ready yet." in as_supervisor.get(address).content.decode()
        for one in tapes:
            Transcript.objects.create(recording=one, state=TranscriptState.FAILED, again_at=timezone.now())
        assert "could not be recognised" in as_supervisor.get(address).content.decode()
        Transcript.objects.update(state=TranscriptState.ERASED)
        assert "the person was erased" in as_supervisor.get(f"{address}?said=1").content.decode()
        assert readings() == 0


@pytest.mark.db
class TestMessage:
    def test_its_text_stands_in_the_list_and_is_read_once_a_day(
        self, message: Voicemail, as_supervisor: Browser
    ) -> None:
        for _ in range(2):
            assert "Перезвоните мне про счётчик" in as_supervisor.get("/desk/voicemail/").content.decode()
        assert readings() == 1

    def test_who_is_erased_has_no_text(self, message: Voicemail, as_supervisor: Browser) -> None:
        Transcript.objects.update(state=TranscriptState.ERASED, content=None, key=None)
        page = as_supervisor.get("/desk/voicemail/").content.decode()
        assert "Перезвоните" not in page
        assert "the person was erased" in page


@pytest.mark.db
@pytest.mark.parametrize(("words", "found"), [("трубы", 1), ("трубы чердак", 0), ("слушать", 1)])
def test_talks_are_found_by_words_in_any_of_their_forms(
    spoken: Contact, as_supervisor: Browser, words: str, found: int
) -> None:
    answer = as_supervisor.get("/desk/recordings/", {"words": words})
    assert len(answer.context["rows"]) == found
    assert f'name="words" value="{words}"' in answer.content.decode()


@pytest.mark.browser
@pytest.mark.db(transaction=True)
@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_words_are_read_and_heard_by_keyboard(
    language: str, open_as: Callable[[Employee], Page], supervisor: Employee, spoken: Contact, krc: Profile
) -> None:
    Employee.objects.filter(pk=supervisor.pk).update(language=language)
    page = open_as(supervisor)
    page.goto("/desk/recordings/?words=трубы")
    expect(page.locator("#f-words")).to_have_value("трубы")
    expect(page.locator(f'main a[href*="{spoken.pk}"]').first).to_be_visible()
    check_everywhere(page, f"said-search-{language}")
    page.goto(f"/desk/contacts/{spoken.pk}/")
    expect(page.locator(".player[data-ready]")).to_be_visible()
    page.locator("#said a").focus()
    page.keyboard.press("Enter")
    lines = page.locator(".said-lines li")
    expect(lines).to_have_count(3)
    expect(page.locator(".player[data-ready]")).to_be_visible()
    check_everywhere(page, f"said-talk-{language}")
    lines.nth(1).locator("[data-seek]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".player")).to_be_visible()
    assert transcripts.matching("труба", "ru").exists()
