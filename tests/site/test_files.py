"""Files with a question: good ones come with it, hostile ones are refused with a word, nothing typed is lost (F2)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.test import RequestFactory

from kindline.appeals.models import Appeal
from kindline.files import cage
from kindline.files import queries as files
from kindline.files.erasing import DRAFT
from kindline.files.errors import BusyError
from kindline.files.models import Given, Owner
from kindline.site import uploads
from kindline.standard.profile import Profile
from tests.files import makers
from tests.site.test_reception import TYPED, key_on

pytestmark = [pytest.mark.db, pytest.mark.fault("F2")]
Site = Callable[..., Profile]
PDF = b"%PDF-1.7 words"


def given(name: str, content: bytes) -> SimpleUploadedFile:
    """A file as a browser gives it."""
    return SimpleUploadedFile(name, content)


def send(visitor: Browser, key: uuid.UUID, *, files: list[SimpleUploadedFile], **typed: Any) -> Any:
    """The form sent with files."""
    return visitor.post("/ask/", {**TYPED, "key": str(key), "files": files, **typed})


@pytest.mark.clause("krc-5.7.2-01")
def test_what_is_attached_belongs_to_the_appeal(site: Site, visitor: Browser) -> None:
    site("krc")
    answer = send(visitor, uuid.uuid4(), files=[given("счёт.pdf", PDF), given("фото.jpg", makers.picture("JPEG"))])
    assert answer.status_code == 302
    kept = files.of(Appeal.objects.get().owner)
    assert [one.file.name for one in kept] == ["счёт.pdf", "фото.jpg"]


def test_the_thanks_and_the_page_of_the_state_name_the_files_that_came(site: Site, visitor: Browser) -> None:
    """Whoever sends a photo wants to know that it has arrived; a stranger with the address of the thanks does not."""
    site("krc")
    thanks = send(visitor, uuid.uuid4(), files=[given("счёт.pdf", PDF)]).headers["Location"]
    shown = visitor.get(thanks)
    assert "счёт.pdf" in shown.content.decode()
    assert "счёт.pdf" not in Browser().get(thanks).content.decode()
    said = {"number": Appeal.objects.get().number, "code": shown.context["code"]}
    state = visitor.post("/status/", said).content.decode()
    assert "Files that came with the question" in state
    assert "счёт.pdf" in state
    assert 'name="file"' not in state, "named, not given out again"


HOSTILE = [
    ("план.svg", makers.SVG, "files of this type are not taken. Give it as PDF"),
    ("page.jpg", makers.HTML, "files of this type are not taken"),
    ("big.png", makers.png_flood(), "the picture is too large. Make it smaller."),
    ("big.jpg", makers.jpeg_flood(), "the picture is too large"),
    ("bomb.zip", makers.bomb(), "unpacked it would be too large"),
    ("tool.zip", makers.archive({"a.exe": b"MZ"}), "it is a program, or holds one"),
    ("nothing.pdf", b"", "it is empty. Choose another file."),
    ("run.exe", b"MZ\x90", "it is a program"),
]


@pytest.mark.parametrize(("name", "content", "said"), HOSTILE, ids=[one[0] for one in HOSTILE])
def test_a_hostile_file_is_refused_with_a_word_and_the_question_waits(
    site: Site, visitor: Browser, name: str, content: bytes, said: str
) -> None:
    site("krc")
    key = uuid.uuid4()
    answer = send(visitor, key, files=[given(name, content), given("счёт.pdf", PDF)])
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f"{name}: {said}" in page
    assert TYPED["substance"] in page
    assert "счёт.pdf" in page
    assert not Appeal.objects.exists()
    assert send(visitor, key, files=[]).status_code == 302
    assert [one.file.name for one in files.of(Appeal.objects.get().owner)] == ["счёт.pdf"]


def test_a_refused_file_hides_no_other_fault(site: Site, visitor: Browser) -> None:
    """Told one by one, each fault costs whoever goes by keyboard another way through the form."""
    site("krc")
    wrong = {"substance": "", "email": "elkin@", "consent": ""}
    page = send(visitor, uuid.uuid4(), files=[given("run.exe", b"MZ\x90")], **wrong).content.decode()
    told = [page.find(f'<a href="#f-{one}"') for one in ("substance", "email", "files", "consent")]
    assert -1 not in told
    assert told == sorted(told), "as the fields follow each other"


@pytest.mark.parametrize("content", [makers.gif_and_html(), makers.pdf_and_html(), makers.jpeg_and_zip()])
def test_what_is_two_things_at_once_is_only_ever_saved_never_run(site: Site, visitor: Browser, content: bytes) -> None:
    site("krc")
    send(visitor, uuid.uuid4(), files=[given("a.html", content)])
    kept = [one.file.media_type for one in files.of(Appeal.objects.get().owner)]
    assert set(kept) <= {"image/gif", "application/pdf", "image/jpeg"}


def test_a_file_of_a_hundred_megabytes_is_cut_off_and_said(site: Site, visitor: Browser, settings: Any) -> None:
    site("krc")
    settings.FILES = {**settings.FILES, "size_max": 1024 * 1024}
    key = uuid.uuid4()
    answer = send(visitor, key, files=[given("видео.pdf", PDF + b"x" * 100 * 1024 * 1024)])
    assert answer.status_code == 422
    assert "видео.pdf: it is too large. At most 1 MB" in answer.content.decode()
    assert TYPED["substance"] in answer.content.decode()
    assert not files.of(Owner(DRAFT, uploads.draft_of(key))).exists()


def test_no_more_files_than_are_allowed_and_one_can_be_taken_away(site: Site, visitor: Browser) -> None:
    site("krc")
    key = uuid.uuid4()
    many = [given(f"{n}.txt", b"text %d" % n) for n in range(uploads.MOST + 1)]
    answer = send(visitor, key, files=many)
    assert "10.txt: There are as many files as are allowed" in answer.content.decode()
    rows = list(files.of(Owner(DRAFT, uploads.draft_of(key))))
    assert len(rows) == uploads.MOST
    assert send(visitor, key, files=[], drop=[rows[0].pk]).status_code == 302
    assert files.of(Appeal.objects.get().owner).count() == uploads.MOST - 1


def test_a_strangers_files_are_not_taken_away(site: Site, visitor: Browser) -> None:
    site("krc")
    key = uuid.uuid4()
    send(visitor, key, files=[given("a.txt", b"text")], substance="")
    row = files.of(Owner(DRAFT, uploads.draft_of(key))).get()
    send(visitor, uuid.uuid4(), files=[], drop=[row.pk])
    assert files.of(Owner(DRAFT, uploads.draft_of(key))).exists()


def test_a_form_with_a_fault_keeps_its_files(site: Site, visitor: Browser) -> None:
    site("krc")
    key = uuid.uuid4()
    answer = send(visitor, key, files=[given("\u202egpj.exe.txt", b"text")], consent="")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "\u202e" not in page  # a name that turns round is shown straight
    assert send(visitor, key, files=[]).status_code == 302
    assert files.of(Appeal.objects.get().owner).count() == 1


def test_back_and_another_question_is_neither_sent_twice_nor_lost(site: Site, visitor: Browser) -> None:
    site("krc")
    key = uuid.uuid4()
    send(visitor, key, files=[])
    answer = send(visitor, key, files=[], substance="Совсем другой вопрос")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert Appeal.objects.get().number in page
    assert "Совсем другой вопрос" in page
    assert str(key) not in page
    assert send(visitor, key, files=[given("late.txt", b"late")]).status_code == 302  # the same question, a file more
    assert files.of(Appeal.objects.get().owner).count() == 1


def test_where_too_many_files_are_looked_at_it_is_said_and_nothing_typed_is_lost(
    site: Site, visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    site("krc")

    def busy(*_: object) -> None:
        raise BusyError

    monkeypatch.setattr(cage, "inspect", busy)
    key = uuid.uuid4()
    answer = send(visitor, key, files=[given("plan.pdf", PDF)])
    assert answer.status_code == 422
    for words in ("plan.pdf: Many files are being looked at", "attach it again in a minute", TYPED["substance"]):
        assert words in answer.content.decode()
    assert not Given.objects.filter(files__gt=0).exists(), "what was not looked at is not counted"
    monkeypatch.undo()
    assert send(visitor, key, files=[given("plan.pdf", PDF)]).status_code == 302


def test_browsers_behind_one_address_wait_for_no_cage_of_each_other(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kindline.site.uploads.session.current", lambda _: None)
    givers = []
    for name in ("one", "another"):
        request = RequestFactory().post("/")
        request.COOKIES[settings.CSRF_COOKIE_NAME] = name * 10
        givers.append(uploads.giver_of(request))
    assert givers[0].name == givers[1].name, "they have one quota"
    assert givers[0].one != givers[1].one


def test_files_of_another_question_go_on_with_it(site: Site, visitor: Browser) -> None:
    """They lay under the key of the first one, where nobody would have sent them any more."""
    site("krc")
    key, other = uuid.uuid4(), "Совсем другой вопрос"
    send(visitor, key, files=[])
    answer = send(visitor, key, files=[given("plan.txt", b"plan")], substance=other)
    assert "plan.txt" in answer.content.decode()
    assert send(visitor, uuid.UUID(key_on(answer)), files=[], substance=other).status_code == 302
    assert [one.file.name for one in files.of(Appeal.objects.get(substance=other).owner)] == ["plan.txt"]


def test_beyond_the_day_a_way_on_is_told_and_nothing_typed_is_lost(site: Site, visitor: Browser, settings: Any) -> None:
    site("krc")
    client = {**settings.FILES["quotas"]["client"], "day_many": 1}
    settings.FILES = {**settings.FILES, "quotas": {**settings.FILES["quotas"], "client": client}}
    for number in range(5):  # an address may give as much as five people
        assert send(visitor, uuid.uuid4(), files=[given("a.pdf", PDF + str(number).encode())]).status_code == 302
    key = uuid.uuid4()
    answer = send(visitor, key, files=[given("sixth.pdf", PDF)])
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "sixth.pdf: As many files came from you as are taken in one day. Send the form without this one" in page
    assert TYPED["substance"] in page
    assert send(visitor, key, files=[]).status_code == 302
    assert Appeal.objects.count() == 6
