"""Sessions in a real browser: what is typed inside goes with leaving, the end of a session is said before."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client as Django
from django.utils import timezone
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from kindline.clients.login_models import Login
from kindline.clients.models import Account
from kindline.site.account import sessions
from kindline.site.models import AccountSession
from kindline.staff.open_sessions import NOTED_EVERY
from kindline.standard.profile import Profile
from tests.desk.looking import AT_BOTH, WIDE, check_everywhere
from tests.site.account.conftest import seat

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
SLOW_MS = 30_000
LONG = "Пломба сорвана 😀, прошу прислать мастера и составить акт. שלום\n" * 150
DRAFTS = "Object.keys(localStorage).filter((name) => name.startsWith('kindline.draft'))"


@pytest.fixture
def size() -> tuple[int, int]:
    """The window: at a desk where a test does not say otherwise."""
    return WIDE


@pytest.fixture
def page(
    site: Callable[[str], Profile], account: Account, browser: Browser, live_server: LiveServer, size: tuple[int, int]
) -> Iterator[Page]:
    """The account of somebody who is in."""
    site("krc")
    login = Login.objects.create(email="elkin@example.com", made_at=timezone.now())
    login.accounts.add(account)
    kept = Django()
    seat(kept, login)
    name = settings.SESSION_COOKIE_NAME
    window: ViewportSize = {"width": size[0], "height": size[1]}
    context = browser.new_context(base_url=live_server.url, locale="en", viewport=window)
    context.add_cookies([{"name": name, "value": kept.cookies[name].value, "url": live_server.url}])
    page = context.new_page()
    page.clock.install()
    yield page
    context.close()


def test_leaving_takes_what_was_typed_inside_and_leaves_the_rest(page: Page) -> None:
    page.context.add_init_script(
        "localStorage.getItem('kindline.draft.ask-other') || localStorage.setItem('kindline.draft.ask-other',"
        " JSON.stringify({at: Date.now(), key: 'x', typed: {substance: 'outside'}, tried: {}}))"
    )
    page.goto("/account/ask/")
    page.locator("#f-substance").fill("Пломба")
    page.goto("/ask/")
    page.locator("#f-substance").fill("Inside too")
    assert len(page.evaluate(DRAFTS)) == 3
    page.goto("/account/")
    check_everywhere(page, "account-sessions")
    page.get_by_role("button", name="Leave", exact=True).click()
    expect(page.get_by_role("heading", name="You have left the personal account")).to_be_visible()
    assert page.evaluate(DRAFTS) == ["kindline.draft.ask-other"]
    check_everywhere(page, "account-left")


@AT_BOTH
def test_the_end_is_said_before_it_comes_and_a_press_puts_it_off(page: Page) -> None:
    page.goto("/account/")
    expect(page.get_by_role("button", name="Stay logged in")).to_be_hidden()
    AccountSession.objects.update(seen_at=timezone.now() - sessions.IDLE + 1.5 * NOTED_EVERY)
    page.clock.run_for(61_000)
    expect(page.get_by_role("alert")).to_contain_text("soon be logged out", timeout=SLOW_MS)
    check_everywhere(page, "account-going")
    page.get_by_role("button", name="Stay logged in").click()
    expect(page.get_by_role("button", name="Stay logged in")).to_be_hidden(timeout=SLOW_MS)
    assert AccountSession.objects.get().seen_at > timezone.now() - NOTED_EVERY


def test_when_it_is_over_nothing_is_left_on_the_screen(page: Page) -> None:
    page.goto("/account/")
    AccountSession.objects.update(seen_at=timezone.now() - sessions.IDLE)
    page.clock.run_for(61_000)
    page.wait_for_url("**/account/enter/", timeout=SLOW_MS)


@AT_BOTH
def test_what_is_being_typed_stays_when_it_is_over_and_can_be_sent(page: Page) -> None:
    page.goto("/account/ask/")
    page.locator("#f-substance").fill(LONG)
    page.locator("#f-consent").check()
    AccountSession.objects.update(seen_at=timezone.now() - sessions.IDLE)
    page.clock.run_for(61_000)
    page.locator("#main button.main").click()
    expect(page.get_by_role("heading", name="You are not logged in any more")).to_be_visible(timeout=SLOW_MS)
    expect(page.locator("#f-kept-1")).to_have_value(LONG)
    check_everywhere(page, "account-session-over")


def test_the_pages_of_proof_sessions_address_and_colleagues_are_for_everybody(page: Page) -> None:
    for name in ("again", "sessions"):
        page.goto(f"/account/{name}/")
        check_everywhere(page, f"account-{name}")
