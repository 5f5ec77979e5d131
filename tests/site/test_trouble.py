"""A page that cannot be shown says what to do, in the visitor's language, and what was typed can be sent again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.test import Client as Browser

from kindline.appeals.models import Appeal
from kindline.site import actions, trouble
from kindline.standard.profile import Profile
from tests.site.fields import fields_on
from tests.site.test_reception import TYPED, key_on

pytestmark = pytest.mark.db
Site = Callable[..., Profile]


@pytest.fixture
def visitor() -> Browser:
    """Somebody whose browser shows what the server answers, also to a fault."""
    return Browser(headers={"accept-language": "en"}, raise_request_exception=False)


def away(**_: Any) -> None:
    """What the database says while it is started anew."""
    raise OperationalError("terminating connection due to administrator command")


def test_a_question_sent_while_the_database_is_away_is_sent_again_by_one_button(
    site: Site, visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    site()
    typed = TYPED | {"key": key_on(visitor.get("/ask/")), "substance": 'Ряд 1: "кавычки" & <b>\r\nряд 2 🙂 \u202eрл'}
    with monkeypatch.context() as patched:
        patched.setattr(actions, "submit", away)
        answer = visitor.post("/ask/", typed)
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    page = answer.content.decode()
    assert "Send again" in page
    assert "<b>" not in page
    again = visitor.post("/ask/", fields_on(page))
    assert again.status_code == 302
    assert Appeal.objects.get().substance.replace("\r", "") == typed["substance"].replace("\r", "")


@pytest.mark.parametrize(
    ("language", "title"),
    [("uk", "Такої сторінки немає"), ("ru", "Такой страницы нет"), ("en", "There is no such page")],
)
def test_a_mistyped_address_leads_on(site: Site, visitor: Browser, language: str, title: str) -> None:
    site()
    answer = visitor.get("/nothing-here/", headers={"accept-language": language})
    assert answer.status_code == 404
    page = answer.content.decode()
    assert f"<h1>{title}</h1>" in page
    assert 'href="/find/"' in page or "/search/" in page


def test_an_employee_is_led_to_his_own_first_page(site: Site, visitor: Browser) -> None:
    site()
    page = visitor.get("/desk/nothing-here/").content.decode()
    assert "There is no such page" in page
    assert 'href="/home/"' in page
    assert "Ask a question" not in page


def test_who_may_not_is_told_whom_to_ask(site: Site, rf: Any) -> None:
    site()
    answer = trouble.forbidden(rf.get("/desk/x/"), PermissionDenied())
    assert answer.status_code == 403
    assert "ask your administrator" in answer.content.decode()


def test_a_fault_of_ours_is_noted_under_the_code_that_is_shown(
    site: Site, visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    site()

    def broken(**_: Any) -> None:
        raise ZeroDivisionError

    noted: list[tuple[Any, ...]] = []
    monkeypatch.setattr(trouble.log, "error", lambda *words: noted.append(words))
    monkeypatch.setattr(actions, "submit", broken)
    answer = visitor.post("/ask/", TYPED | {"key": key_on(visitor.get("/ask/"))})
    assert answer.status_code == 500
    [(_, code, path)] = noted
    assert path == "/ask/"
    assert f"under the code {code}" in answer.content.decode()
    assert "ZeroDivision" not in answer.content.decode()


def test_a_secret_is_not_put_on_the_page(site: Site, visitor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    site()
    monkeypatch.setattr("kindline.site.account.actions.proven", away)
    page = visitor.post("/account/enter/", {"email": "a@example.com", "password": "a very secret word"})
    assert page.status_code == 503
    assert "a very secret word" not in page.content.decode()
    assert "Send again" not in page.content.decode()


def test_a_form_that_cannot_be_read_is_answered_too(site: Site, visitor: Browser) -> None:
    site()
    answer = visitor.post("/ask/", b"--x\r\nbroken", content_type="multipart/form-data; boundary=" + "x" * 300)
    assert answer.status_code == 400
    assert "What the browser sent is not complete" in answer.content.decode()
