"""A page that cannot be shown says what to do, in the visitor's language, and what was typed can be sent again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client as Browser

from kindline.appeals.models import Appeal
from kindline.site import actions, trouble
from kindline.staff.models import Employee, Role
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


def refused(**told: str) -> Any:
    """A whole question without the token of its page, from where the headers say."""
    return Browser(enforce_csrf_checks=True, headers={"accept-language": "en"}).post("/ask/", TYPED, headers=told)


@pytest.mark.parametrize("told", [{"origin": "http://testserver"}, {"referer": "http://testserver/ask/"}])
def test_what_was_sent_without_a_token_is_sent_again_by_one_button(site: Site, told: dict[str, str]) -> None:
    """Name, address and telephone are typed once (the browser kept no cookie, or the page was open for too long)."""
    site()
    answer = refused(**told)
    assert answer.status_code == 403
    page = answer.content.decode()
    kept = fields_on(page)
    assert {name: kept[name] for name in TYPED} == TYPED
    assert "Allow cookies" in page
    browser = Browser(enforce_csrf_checks=True)
    browser.cookies[settings.CSRF_COOKIE_NAME] = answer.cookies[settings.CSRF_COOKIE_NAME].value
    again = browser.post("/ask/", kept)
    assert again.status_code == 302
    assert Appeal.objects.get().surname == TYPED["surname"]


@pytest.mark.parametrize("told", [{"origin": "http://evil.example"}, {"referer": "http://evil.example/"}, {}])
def test_what_another_site_sent_is_not_offered_to_be_sent(site: Site, told: dict[str, str]) -> None:
    """ASVS 3.5.1: a press on our own button would do what the other page wants."""
    site()
    page = refused(**told).content.decode()
    assert "Send again" not in page
    assert TYPED["surname"] not in page


def test_who_comes_with_a_cookie_is_told_that_the_page_was_old(site: Site) -> None:
    site()
    browser = Browser(enforce_csrf_checks=True, headers={"accept-language": "en", "origin": "http://testserver"})
    browser.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
    page = browser.post("/ask/", TYPED).content.decode()
    assert "open for too long" in page
    assert "Allow cookies" not in page


@pytest.mark.parametrize("secret", ["password", "old", "new", "again", "code"])
def test_no_refusal_shows_a_secret(site: Site, secret: str) -> None:
    site()
    word = "a very long passphrase that nobody else may ever read"
    browser = Browser(enforce_csrf_checks=True, headers={"accept-language": "en", "origin": "http://testserver"})
    for address in ("/account/data/", "/ask/"):
        page = browser.post(address, {secret: word, "substance": "ъ" * 50}).content.decode()
        assert word not in page
        assert "Send again" not in page
        assert "ъ" * 50 in page


def test_more_files_than_are_taken_at_once_are_told_so(site: Site, visitor: Browser) -> None:
    site()
    many = [SimpleUploadedFile(f"{number}.txt", b"a") for number in range(101)]
    answer = visitor.post("/ask/", {**TYPED, "files": many})
    assert answer.status_code == 400
    assert "More files were chosen than are taken at once" in answer.content.decode()


def test_a_form_that_cannot_be_read_is_answered_too(site: Site, visitor: Browser) -> None:
    site()
    answer = visitor.post("/ask/", b"--x\r\nbroken", content_type="multipart/form-data; boundary=" + "x" * 300)
    assert answer.status_code == 400
    assert "What the browser sent is not complete" in answer.content.decode()


def test_who_opens_what_only_takes_a_form_sees_where_to_go_on(site: Site) -> None:
    site()
    browser = Browser(headers={"accept": "text/html", "accept-language": "uk"})
    browser.force_login(Employee.objects.create(username="op", number=9, roles=[Role.OPERATOR], language="uk"))
    answer = browser.get("/desk/call-out/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "За цією адресою нічого показати" in answer.content.decode()
    assert 'href="/home/"' in answer.content.decode()
    assert not browser.get("/desk/call-out/", headers={"accept": "application/json"}).content
