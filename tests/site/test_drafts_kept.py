"""Every form that asks for more than a word keeps what is typed until it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from kindline.site.models import Meeting
from kindline.standard.profile import Profile
from tests.desk.looking import comes_true

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
BACK = "What you typed here before is back."
FORMS: dict[str, dict[str, str]] = {
    "/meeting/": {"surname": "Ёлкин", "phone": "+79271112233", "matter": "Перерасчёт за отопление"},
    "/consultation/?way=video&subject=charges": {"surname": "Ёлкин", "problem": "Не сходится начисление"},
    "/readings/": {"account": "700123", "meter": "A-1", "value": "125"},
    "/notices/": {"to": "elkin@example.com", "at-street": "Лесная", "at-house": "12"},
    "/callback/": {"name": "Пётр", "phone": "+79271112233"},
}


@pytest.fixture
def page(
    site: Callable[[str], Profile], browser: Browser, live_server: LiveServer, settings: Any, monkeypatch: Any
) -> Iterator[Page]:
    """The site in somebody's browser; everything can be asked for."""
    settings.MAIL = {**settings.MAIL, "relay": {"class": "not.asked"}}
    monkeypatch.setattr("kindline.site.consultations.pages._days", lambda *_: [("Monday", [("x", "10:00")])])
    site("krc")
    context = browser.new_context(base_url=live_server.url, locale="en")
    yield context.new_page()
    context.close()


def test_what_is_typed_into_any_of_the_forms_is_back_after_a_reload(page: Page) -> None:
    for address, typed in FORMS.items():
        page.goto(address)
        for name, value in typed.items():
            page.locator(f"#f-{name}").fill(value)
        if address == "/notices/":
            page.get_by_role("checkbox", name="Outages").last.uncheck()
        page.reload()
        expect(page.get_by_text(BACK)).to_be_visible()
        for name, value in typed.items():
            expect(page.locator(f"#f-{name}")).to_have_value(value)
        if address == "/notices/":
            boxes = page.locator("#f-topics input")
            assert [one.is_checked() for one in boxes.all()].count(False) == 1, "each box by itself"
        if address == "/readings/":
            assert page.locator("#f-taken_on").input_value() == page.locator("#f-taken_on").get_attribute("max")


def test_what_was_sent_is_kept_no_longer(page: Page) -> None:
    page.goto("/meeting/")
    page.locator("#f-starts_at").select_option(index=1)
    for name, value in {**FORMS["/meeting/"], "given_name": "Пётр"}.items():
        page.locator(f"#f-{name}").fill(value)
    page.locator("#f-consent").check()
    page.get_by_role("button", name="Book", exact=True).click()
    expect(page.locator("dd.code")).to_be_visible()
    comes_true(page, "!Object.keys(localStorage).some((name) => name.startsWith('kindline.draft'))")
    page.goto("/meeting/")
    expect(page.locator("#f-surname")).to_have_value("")
    assert Meeting.objects.count() == 1
