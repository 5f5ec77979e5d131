"""The own question: the form of the reception without what is known, with files, topic and the way of the answer."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals.models import Appeal
from kindline.clients.login_models import Login
from kindline.clients.models import Account
from kindline.conversations.models import Topic
from kindline.files import queries as files
from kindline.site.models import Submission
from kindline.standard.profile import Profile
from tests.site.account.conftest import seat

pytestmark = pytest.mark.db
PAGE = "/account/ask/"
TYPED = {"account": "1234567", "kind": "complaint", "substance": "Пломба сорвана", "consent": "on"}


@pytest.fixture
def owner(site: Callable[..., Profile], visitor: Browser, account: Account) -> Browser:
    """Somebody who is in his account."""
    site("krc")
    login = Login.objects.create(email="elkin@example.com", made_at=timezone.now())
    login.accounts.add(account)
    seat(visitor, login)
    return visitor


def given(name: str, content: bytes = b"%PDF-1.7 words") -> SimpleUploadedFile:
    """A file as a browser gives it."""
    return SimpleUploadedFile(name, content)


def send(browser: Browser, **typed: Any) -> Any:
    """The form sent."""
    return browser.post(PAGE, {**TYPED, **typed})


@pytest.mark.clause("krc-5.7.2-01", "krc-2-12")
def test_it_takes_files_a_topic_and_the_way_of_the_answer(owner: Browser) -> None:
    topic = Topic.objects.create(profile="krc", code="meters", title="Счётчики")
    assert f'<option value="{topic.pk}"' in owner.get(PAGE).content.decode()
    assert send(owner, files=[given("акт.pdf")], topic=topic.pk, answer_by="web").status_code == 302
    appeal = Appeal.objects.get()
    assert (appeal.channel, appeal.topic, appeal.answer_by) == ("account", topic, "web")
    assert [one.file.name for one in files.of(appeal.owner)] == ["акт.pdf"]


def test_a_file_that_is_not_taken_is_told_and_the_others_wait_with_the_text(owner: Browser) -> None:
    key = uuid.uuid4()
    answer = send(owner, key=key, files=[given("run.exe", b"MZ\x90"), given("акт.pdf")])
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "it is a program" in page
    assert "акт.pdf" in page
    assert TYPED["substance"] in page
    assert not Appeal.objects.exists()
    assert send(owner, key=key).status_code == 302
    assert files.of(Appeal.objects.get().owner).count() == 1


def test_a_file_that_is_not_taken_hides_no_other_fault(owner: Browser) -> None:
    answer = send(owner, files=[given("run.exe", b"MZ\x90")], substance="", consent="")
    assert [one["field"] for one in answer.context["faults"]] == ["substance", "files", "consent"]


def test_without_consent_nothing_is_registered_and_what_is_wrong_is_linked(owner: Browser) -> None:
    answer = send(owner, consent="")
    assert answer.status_code == 422
    assert 'href="#f-consent"' in answer.content.decode()
    assert not Submission.objects.exists()


def test_another_question_under_the_same_key_is_not_lost(owner: Browser) -> None:
    key = uuid.uuid4()
    send(owner, key=key)
    assert send(owner, key=key).headers["Location"] == f"/ask/{key}/"
    answer = send(owner, key=key, substance="Другое")
    assert answer.status_code == 409
    assert "Другое" in answer.content.decode()
    assert Appeal.objects.get().number in answer.content.decode()


def test_nothing_that_is_known_is_asked(owner: Browser) -> None:
    page = owner.get(PAGE).content.decode()
    for name in ("surname", "phone", "email", "residence", "firm_name", "website"):
        assert f'name="{name}"' not in page, name
    assert "data-inside" in page, "what is typed goes with the session"
    assert "data-inside" in owner.get("/ask/").content.decode()
    assert "data-inside" not in Browser().get("/ask/").content.decode()
