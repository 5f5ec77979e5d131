"""Client and executor write to each other about an appeal, the client by number and code alone."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from kindline.appeals import declining, moves, notifying, talking
from kindline.appeals.models import Appeal, AppealMessage, ManagementNotice
from kindline.correspondence.models import Outgoing
from kindline.files import queries as files
from kindline.files.models import Attachment, StoredFile
from kindline.journal.queries import facts_of
from kindline.quality import erasure
from kindline.site import queries
from kindline.site.models import Submission
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from tests.files.makers import SVG, picture
from tests.site.test_reception import sent

pytestmark = pytest.mark.db
clause = pytest.mark.clause
Site = Callable[..., Profile]


class Talk:
    """A question that was put on the site, who put it, and who works on it."""

    def __init__(self, visitor: Browser) -> None:
        self.visitor = visitor
        sent(visitor)
        self.made = Submission.objects.select_related("appeal").get()
        self.appeal = self.made.appeal
        self.executor = Employee.objects.create(username="executor", number=9, roles=["specialist"])
        Appeal.objects.update(executor=self.executor, state="assigned")
        self.appeal.refresh_from_db()
        self.known = {"number": self.appeal.number, "code": queries.code_of(self.made.pk)}

    def seen(self) -> str:
        """The page of the state."""
        return str(self.visitor.post("/status/", self.known).content.decode())

    def writes(self, text: str = "Когда придут?", **more: Any) -> Any:
        """The client sends a message."""
        return self.visitor.post("/status/write/", self.known | {"key": str(uuid.uuid4()), "text": text} | more)

    def answers(self, text: str = "Мастер придёт в среду.", **more: Any) -> AppealMessage:
        """The executor writes."""
        told: dict[str, Any] = {"appeal": self.appeal, "text": text, "employee": self.executor, "now": timezone.now()}
        return talking.write_message(**told | more)


@pytest.fixture
def talk(site: Site, visitor: Browser) -> Talk:
    site("krc")
    return Talk(visitor)


@clause("krc-5.7.3-08")
def test_both_write_without_an_account_and_the_client_is_told_that_there_is_news_but_not_which(talk: Talk) -> None:
    page = talk.writes().content.decode()
    assert "Your message has been sent" in page
    assert "Когда придут?" in page
    assert ManagementNotice.objects.filter(employee=talk.executor, reason__startswith="message:").exists()
    talk.answers()
    assert "Мастер придёт в среду." in talk.seen()
    letter = Outgoing.objects.get()
    assert letter.recipient == "elkin@example.com"
    assert talk.appeal.number in letter.text
    assert "среду" not in letter.text + letter.subject
    kinds = [fact.kind for fact in facts_of("appeal", talk.appeal.pk)]
    assert kinds[-2:] == ["message_added", "message_written"]


def test_who_does_not_know_the_code_reads_nothing_and_writes_nothing_but_keeps_his_text(talk: Talk) -> None:
    answer = talk.writes("Длинное письмо", code=queries.code_of(uuid.uuid4()))
    assert answer.status_code == 404
    assert "Длинное письмо" in answer.content.decode()
    assert not AppealMessage.objects.exists()
    assert talk.visitor.post("/status/file/", {"number": talk.appeal.number, "file": "1"}).status_code == 404


def test_the_same_message_sent_twice_is_one(talk: Talk) -> None:
    key = str(uuid.uuid4())
    for _ in range(3):
        assert talk.writes(key=key).status_code == 200
    assert AppealMessage.objects.count() == 1


def test_a_message_that_comes_again_with_more_is_not_lost_and_comes_once(talk: Talk) -> None:
    """Its answer was lost; the browser put text and key back, a sentence was added."""
    key, more = str(uuid.uuid4()), "Когда придут? И сколько это стоит?"
    talk.writes(key=key)
    for _ in range(2):
        assert "Your message has been sent" in talk.writes(more, key=key).content.decode()
    talk.writes(key=key)
    talk.writes("", key=key)
    assert [one.text for one in AppealMessage.objects.order_by("pk")] == ["Когда придут?", more]


def test_files_that_come_again_with_a_message_are_not_lost_and_come_once(talk: Talk, place: object) -> None:
    key, more = str(uuid.uuid4()), picture(size=(41, 30))
    for content in (picture(), picture(), more, more):
        assert talk.writes(key=key, files=SimpleUploadedFile("photo.png", content)).status_code == 200
    first, second = AppealMessage.objects.order_by("pk")
    assert (files.of(first.owner).count(), files.of(second.owner).count()) == (1, 1)
    assert second.text == "Когда придут?"


@clause("krc-5.7.2-25")
def test_a_request_for_data_is_seen_and_answered_there_and_the_appeal_goes_on(talk: Talk) -> None:
    now = timezone.now()
    made = declining.request_data(appeal=talk.appeal, text="Пришлите номер счётчика", employee=talk.executor, now=now)
    assert "Пришлите номер счётчика" not in talk.seen(), "the site administrator passes it on"
    notifying.mark_notice_sent(notice=made, channel="web", proof="", now=now)
    page = talk.seen()
    assert "Пришлите номер счётчика" in page
    talk.writes("А где он написан?")  # the box is not ticked: a question, not the data
    assert Appeal.objects.get().data_due_at is not None
    talk.writes("4711", reply="on")
    assert Appeal.objects.get().data_due_at is None
    assert "data_received" in [fact.kind for fact in facts_of("appeal", talk.appeal.pk)]
    assert "Пришлите номер счётчика" not in talk.seen()


def test_data_that_come_after_the_appeal_has_gone_on_are_kept_all_the_same(talk: Talk) -> None:
    declining.request_data(appeal=talk.appeal, text="Номер?", employee=talk.executor, now=timezone.now())
    Appeal.objects.update(state="signed")
    assert talk.writes("4711", reply="on").status_code == 200
    assert AppealMessage.objects.get().text == "4711"


@pytest.mark.parametrize(("text", "said"), [(" ", "Write something"), ("x" * 20_001, "too long")])
def test_what_is_wrong_is_said_and_stays(talk: Talk, text: str, said: str) -> None:
    answer = talk.writes(text)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert text in answer.content.decode()


def test_a_closed_question_takes_nothing_and_the_text_stays(talk: Talk) -> None:
    Appeal.objects.update(closed_at=timezone.now(), end="answered", state="closed")
    page = talk.writes("Ещё вопрос").content.decode()
    assert "Ask a new one" in page
    assert "Ещё вопрос" in page
    with pytest.raises(moves.WrongStateError):
        talk.answers()


class TestFiles:
    def test_a_file_of_the_client_is_on_the_card_and_in_the_talk(self, talk: Talk) -> None:
        talk.writes("", files=SimpleUploadedFile("счётчик.png", picture()))
        assert "счётчик.png" in talk.seen()
        message = AppealMessage.objects.get()
        assert [one.file.name for one in files.of(message.owner)] == ["счётчик.png"]
        assert [one.file.name for one in files.of(talk.appeal.owner)] == ["счётчик.png"]
        assert "Files that came with the question" not in talk.seen(), "it came with a message"
        assert StoredFile.objects.count() == 1

    def test_one_bad_file_holds_the_message_back_and_loses_neither_text_nor_the_good_one(self, talk: Talk) -> None:
        key = str(uuid.uuid4())
        bad, good = SimpleUploadedFile("план.svg", SVG), SimpleUploadedFile("фото.png", picture())
        answer = talk.writes("Смотрите", key=key, files=[bad, good])
        page = answer.content.decode()
        assert answer.status_code == 422
        assert re.search("план.svg: files of this type are not taken", page)
        assert "фото.png" in page
        assert "Смотрите" in page
        assert not AppealMessage.objects.exists()
        assert talk.writes("Смотрите", key=key).status_code == 200
        assert [one.file.name for one in files.of(talk.appeal.owner)] == ["фото.png"]

    def test_the_executor_shows_a_file_and_the_client_saves_it_and_no_other(self, talk: Talk) -> None:
        talk.writes("", files=[SimpleUploadedFile(f"{n}.png", picture(size=(n, 9))) for n in (8, 9)])
        own = list(files.of(talk.appeal.owner))
        AppealMessage.objects.all().delete()
        Attachment.objects.filter(owner_kind="message").delete()
        message = talk.answers(show=[own[0].pk])
        shown = files.of(message.owner).get()
        answer: Any = talk.visitor.post("/status/file/", talk.known | {"file": shown.pk})
        assert b"".join(answer.streaming_content).startswith(b"\x89PNG")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert talk.visitor.post("/status/file/", talk.known | {"file": own[1].pk}).status_code == 404

    def test_the_form_that_saves_a_file_may_be_sent_on_to_the_host_of_files(self, talk: Talk, settings: Any) -> None:
        """Chromium holds `form-action` of the page with the form against the redirect too (ADR 45)."""
        settings.FILES_HOST = "files.example.org"
        written = talk.writes("", files=SimpleUploadedFile("a.png", picture()))
        own = files.of(AppealMessage.objects.get().owner).get()
        seen = talk.visitor.post("/status/", talk.known)
        assert f'name="file" value="{own.pk}"' in seen.content.decode()
        answer = talk.visitor.post("/status/file/", talk.known | {"file": own.pk})
        target = urlsplit(answer.headers["Location"])
        assert (answer.status_code, target.hostname) == (303, "files.example.org")
        for page in (seen, written):
            [allowed] = re.findall("form-action ([^;]*)", page.headers["Content-Security-Policy"])
            assert f"{target.scheme}://{target.netloc}" in allowed.split()
        settings.FILES_HOST = ""
        assert "files.example.org" not in talk.visitor.post("/status/", talk.known).headers["Content-Security-Policy"]

    def test_an_address_that_was_copied_opens_nothing_for_who_has_no_code(self, talk: Talk, settings: Any) -> None:
        settings.FILES_HOST = "files.example.org"
        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, settings.FILES_HOST]
        talk.writes("", files=SimpleUploadedFile("a.png", picture()))
        known = talk.known | {"file": files.of(AppealMessage.objects.get().owner).get().pk}
        path = urlsplit(talk.visitor.post("/status/file/", known).headers["Location"]).path
        opened: Any = Browser().get(path, headers={"host": settings.FILES_HOST})
        assert b"".join(opened).startswith(b"\x89PNG")
        copied = Browser().get(path, headers={"host": settings.FILES_HOST})
        assert copied.status_code == 403
        assert "Open the file from its page again" in copied.content.decode()
        assert talk.visitor.post("/status/file/", known).status_code == 303  # he who has the code opens it anew

    def test_a_file_in_quarantine_is_not_shown_nor_saved(self, talk: Talk) -> None:
        talk.writes("", files=SimpleUploadedFile("a.png", picture()))
        StoredFile.objects.update(state="waiting", checked_at=None)
        row = files.of(talk.appeal.owner).get()
        with pytest.raises(talking.UncheckedError):
            talk.answers(show=[row.pk])
        assert "is being checked" in talk.seen()
        own = files.of(AppealMessage.objects.get().owner).get()
        assert talk.visitor.post("/status/file/", talk.known | {"file": own.pk}).status_code == 404


class TestDesk:
    def test_the_executor_reads_and_writes_on_the_card(self, talk: Talk) -> None:
        talk.writes("Когда придут?")
        desk = Browser(headers={"accept-language": "en"})
        desk.force_login(talk.executor)
        place = reverse("appeal", args=[talk.appeal.pk])
        assert "Когда придут?" in desk.get(place).content.decode()
        assert desk.post(place, {"verb": "write_message", "message": " "}).status_code == 422
        assert desk.post(place, {"verb": "write_message", "message": "В среду."}).status_code == 302
        assert "В среду." in talk.seen()

    def test_others_and_appeals_of_other_ways_are_refused(self, talk: Talk) -> None:
        with pytest.raises(moves.NotYoursError):
            talk.answers(employee=Employee.objects.create(username="other", number=8, roles=["specialist"]))
        Appeal.objects.update(channel="paper")
        with pytest.raises(talking.NotReachedError):
            talk.answers()
        assert not talking.may_write(Appeal.objects.get(), talk.executor)

    def test_without_an_address_nobody_is_written_to(self, talk: Talk) -> None:
        Appeal.objects.update(email="")
        talk.answers()
        assert not Outgoing.objects.exists()


def test_messages_are_among_the_texts_that_an_erasure_cleans() -> None:
    assert AppealMessage in erasure.TEXTS
