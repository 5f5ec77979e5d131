"""Pages of trouble in a real browser: accessible in each language and in large letters; sent again by keys."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from kindline.appeals.models import Appeal
from kindline.site import actions
from kindline.standard.profile import Profile
from tests.desk.looking import check_everywhere, comes_true
from tests.site.test_reception import TYPED
from tests.site.test_seen import SEND, SLOW_MS, Open, open_in
from tests.site.test_trouble import away

__all__ = ["open_in"]
pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
Site = Callable[..., Profile]
AGAIN = {"uk": "Надіслати ще раз", "ru": "Отправить ещё раз", "en": "Send again"}
LARGE = {"uk": "Для слабозорих", "ru": "Для слабовидящих", "en": "For low vision"}
USUAL = {"uk": "Звичайна версія", "ru": "Обычная версия", "en": "Usual version"}
ADDRESSES = (("site", "/nothing-here/"), ("desk", "/desk/nothing-here/"))


def broken(**_: object) -> None:
    """A fault of the program."""
    raise ArithmeticError("a fault")


def fill(page: Page) -> None:
    """A whole question, as a person types it."""
    page.goto("/ask/")
    page.locator("#f-substance").fill(TYPED["substance"])
    page.evaluate(
        """typed => { for (const [name, value] of Object.entries(typed)) {
            for (const one of document.querySelectorAll(`main [name="${name}"]`)) {
                if (one.type === 'checkbox') one.checked = true
                else if (one.type === 'radio') one.checked = one.value === value
                else one.value = value } } }""",
        TYPED,
    )


def send(page: Page, name: str) -> None:
    """Press a button of the form by the keyboard."""
    button = page.get_by_role("button", name=name, exact=True)
    button.focus()
    page.keyboard.press("Enter")


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_a_page_that_is_not_there_is_accessible_and_fits_a_telephone(site: Site, open_in: Open, language: str) -> None:
    site()
    page = open_in(language)
    for name, address in ADDRESSES:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 404
        expect(page.locator("html")).to_have_attribute("lang", language)
        check_everywhere(page, f"trouble-absent-{name}-{language}")
    page.goto("/nothing-here/")
    send(page, LARGE[language])
    expect(page.get_by_role("button", name=USUAL[language])).to_be_visible()
    check_everywhere(page, f"trouble-absent-large-{language}")


@pytest.mark.parametrize("fault", [away, broken])
def test_on_a_telephone_it_is_sent_again_by_a_tap(
    site: Site, browser: Browser, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, fault: Callable[..., None]
) -> None:
    site()
    context = browser.new_context(
        base_url=live_server.url, locale="en", viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
    )
    page = context.new_page()
    fill(page)
    with monkeypatch.context() as patched:
        patched.setattr(actions, "submit", fault)
        page.get_by_role("button", name="Send", exact=True).tap()
        expect(page.get_by_role("button", name=AGAIN["en"])).to_be_visible(timeout=SLOW_MS)
        comes_true(page, "document.documentElement.scrollWidth <= 390")
    page.get_by_role("button", name=AGAIN["en"]).tap()
    page.wait_for_url(re.compile(r"/ask/[0-9a-f-]{36}/"), timeout=SLOW_MS)
    assert Appeal.objects.get().substance == TYPED["substance"]
    context.close()


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
@pytest.mark.parametrize("fault", [away, broken])
def test_what_was_not_taken_is_sent_again_by_a_key(
    site: Site, open_in: Open, monkeypatch: pytest.MonkeyPatch, language: str, fault: Callable[..., None]
) -> None:
    site()
    page = open_in(language)
    fill(page)
    with monkeypatch.context() as patched:
        patched.setattr(actions, "submit", fault)
        send(page, SEND[language])
        expect(page.get_by_role("button", name=AGAIN[language])).to_be_visible(timeout=SLOW_MS)
        check_everywhere(page, f"trouble-{fault.__name__}-{language}")
    send(page, AGAIN[language])
    page.wait_for_url(re.compile(r"/ask/[0-9a-f-]{36}/"), timeout=SLOW_MS)
    assert Appeal.objects.get().substance == TYPED["substance"]
