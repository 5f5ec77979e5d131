"""Tokens of programs: given out, shown once, revoked; only by the administrator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from playwright.sync_api import Page, expect

from kindline.journal.queries import facts_of
from kindline.staff import tokens
from kindline.staff.models import Employee, Token
from tests.desk import test_screen
from tests.desk.conftest import employee
from tests.desk.looking import check_everywhere

FORM = {"title": "Site", "scopes": ["appeals:create"], "days": "30", "requests_a_minute": "600"}
window, open_as = test_screen.window, test_screen.open_as


@pytest.fixture
def admin(krc: Any, db: None) -> Employee:
    """The administrator."""
    return employee("admin1", "administrator", surname="Кравец")


@pytest.fixture
def owner(krc: Any, db: None) -> Employee:
    """In whose name programs work."""
    return employee("clerk", "specialist", surname="Иванова")


@pytest.fixture
def browser_of(admin: Employee) -> Browser:
    """The administrator's browser."""
    found = Browser()
    found.force_login(admin)
    return found


@pytest.mark.db
class TestTokens:
    def test_it_is_shown_once_and_kept_as_a_hash(self, browser_of: Browser, owner: Employee, admin: Employee) -> None:
        answer = browser_of.post("/desk/tokens/", FORM | {"employee": owner.pk})
        text = answer.context["text"]
        assert text in answer.content.decode()
        assert answer["Cache-Control"] == "no-store"
        token = Token.objects.get()
        assert tokens.find(text) == token
        assert text not in (token.sha256, token.hint)
        assert text not in browser_of.get("/desk/tokens/").content.decode()
        fact = facts_of("employee", owner.pk).get(kind="token_issued")
        assert (fact.actor, fact.data["scopes"]) == (f"employee:{admin.pk}", ["appeals:create"])

    @pytest.mark.parametrize(
        ("field", "value"),
        [("title", " "), ("scopes", []), ("scopes", ["all"]), ("days", "0"), ("days", "x"), ("employee", "0"),
         ("requests_a_minute", "999999")],
    )  # fmt: skip
    def test_what_cannot_be_is_told_and_nothing_typed_is_lost(
        self, browser_of: Browser, owner: Employee, field: str, value: Any
    ) -> None:
        answer = browser_of.post("/desk/tokens/", FORM | {"employee": owner.pk, "title": "My site", field: value})
        assert answer.status_code == 422
        assert answer.context["wrong"] == field
        if field != "title":
            assert 'value="My site"' in answer.content.decode()
        assert not Token.objects.exists()

    def test_revoked_it_opens_nothing(self, browser_of: Browser, owner: Employee) -> None:
        browser_of.post("/desk/tokens/", FORM | {"employee": owner.pk})
        token = Token.objects.get()
        for _ in range(2):
            assert browser_of.post(f"/desk/tokens/{token.pk}/revoke").status_code == 302
        token.refresh_from_db()
        assert token.revoked_at is not None
        assert facts_of("employee", owner.pk).filter(kind="token_revoked").count() == 1

    @pytest.mark.parametrize("role", ["operator", "supervisor", "director", "specialist"])
    def test_it_is_closed_to_others(self, role: str, krc: Any) -> None:
        browser = Browser()
        browser.force_login(employee("other", role))
        assert browser.get("/desk/tokens/").status_code == 403
        assert browser.post("/desk/tokens/1/revoke").status_code == 403


@pytest.mark.browser
@pytest.mark.db(transaction=True)
@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_the_page_is_accessible_and_fits_a_telephone(
    language: str, open_as: Callable[[Employee], Page], admin: Employee, owner: Employee, krc: Any
) -> None:
    Employee.objects.filter(pk=admin.pk).update(language=language)
    page = open_as(admin)
    page.goto("/desk/tokens/")
    page.locator("#t-title").fill("Сайт")
    page.locator("#t-employee").select_option(str(owner.pk))
    page.locator("input[name=scopes]").first.check()
    page.locator("#t-rate").press("Enter")
    expect(page.locator("#issued code")).to_contain_text("kl_")
    check_everywhere(page, f"tokens-{language}")
