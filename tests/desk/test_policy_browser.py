"""Every page in a real browser: nothing is refused by the policy, and plots, player, editor and phone work under it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import URLPattern
from django.utils import timezone
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from kindline.clients.models import Account
from kindline.conversations.models import Contact
from kindline.desk import urls as desk
from kindline.staff.models import Employee, Role
from kindline.switchboard import menu_versions
from kindline.switchboard.models import Recording
from tests.appeals.registry import Registry
from tests.desk.conftest import PASSWORD, employee
from tests.desk.looking import shoot
from tests.desk.test_menu_browser import voice
from tests.desk.test_recordings_screen import tapes

__all__ = ["tapes", "voice"]
pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
REFUSED = ("Refused to", "Content Security Policy", "Permissions policy violation", "Permissions-Policy")
NOT_PAGES = ("logout/", "language/")
SITE = ("", "ask/", "faq/", "info/", "status/", "readings/", "account/enter/", "account/register/", "no-such-page/")
ACCOUNT = ("account/", "account/readings/", "account/data/", "account/ask/", "account/factor/", "account/bills/")
OTHERS = ("admin/", "admin/staff/employee/", "api/v1/docs")
SLOW_MS = 20_000


@pytest.fixture
def refused() -> list[str]:
    """What browsers were refused, and on which page."""
    return []


@pytest.fixture
def opened(browser: Chromium, live_server: LiveServer, refused: list[str]) -> Iterator[Page]:
    """A page whose console is listened to."""
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900}, locale="en")
    page = context.new_page()

    def hear(text: str) -> None:
        if any(sign in text for sign in REFUSED):
            refused.append(f"{page.url}: {text}")

    page.on("console", lambda said: hear(said.text))
    page.on("pageerror", lambda error: refused.append(f"{page.url}: {error}"))
    yield page
    context.close()


def plain_pages() -> list[str]:
    """The addresses of the desk that need no argument, and are not for forms alone."""
    found = [(str(one.pattern), one.callback) for one in desk.urlpatterns if isinstance(one, URLPattern)]
    return [to for to, view in found if "<" not in to and to.endswith("/") and to not in NOT_PAGES and _is_got(view)]


def _is_got(view: Any) -> bool:
    """Whether a view answers to GET: its decorator knows."""
    known = dict(zip(view.__code__.co_freevars, view.__closure__ or (), strict=False))
    return "request_method_list" not in known or "GET" in known["request_method_list"].cell_contents


def look(page: Page, address: str) -> None:
    """Open a page, and wait until it is there."""
    answer = page.goto(f"/{address}", wait_until="load")
    assert answer is not None
    assert answer.status < 500, address
    if "text/html" in answer.headers["content-type"]:
        expect(page.locator("body")).not_to_be_empty()


def test_no_page_of_the_desk_asks_for_what_the_policy_refuses(
    opened: Page, refused: list[str], krc: Any, judged: Contact, tapes: list[Recording], operator: Employee
) -> None:
    here = Registry(krc, now=timezone.now())
    chief = employee("chief", *Role, number=99, is_staff=True, is_superuser=True)
    menu_versions.draft_menu(profile=krc, based_on=1, employee=chief, now=timezone.now())
    appeal = here.register(kind="complaint")
    opened.goto("/login/")
    opened.locator("#id_username").fill("chief")
    opened.locator("#id_password").fill(PASSWORD)
    opened.keyboard.press("Enter")
    opened.wait_for_url(lambda url: "/login/" not in url, timeout=SLOW_MS)
    for address in [*plain_pages(), f"desk/appeals/{appeal.pk}/", *OTHERS]:
        look(opened, address)
    assert refused == []
    look(opened, "desk/standard/?verdict=met")
    expect(opened.locator(".bar-three svg rect").first).to_be_attached()
    shoot(opened, "policy-standard")
    look(opened, f"desk/contacts/{judged.pk}/")
    expect(opened.locator(".player[data-ready]")).to_be_visible(timeout=SLOW_MS)
    opened.locator(".player button").click()
    shoot(opened, "policy-player")
    look(opened, "desk/menu/versions/2/")
    expect(opened.locator("#menu-status")).to_contain_text("Saved", timeout=SLOW_MS)
    shoot(opened, "policy-menu")
    assert refused == []


def test_the_policy_is_really_there(opened: Page, refused: list[str], krc: Any) -> None:
    """The listener hears what is refused: without this the walk above would prove nothing."""
    opened.goto("/login/")
    opened.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\" id=\"red\">x</p>')")
    opened.evaluate("document.body.appendChild(document.createElement('script')).text = 'window.ran = true'")
    expect(opened.locator("#red")).to_be_visible()
    opened.wait_for_timeout(0)
    assert opened.evaluate("window.ran") is None
    assert len(refused) == 2


def test_no_page_of_the_site_or_the_account_asks_for_what_the_policy_refuses(
    opened: Page, refused: list[str], krc: Any, account: Account, live_server: LiveServer
) -> None:
    for address in SITE:
        look(opened, address)
    visitor = Browser()
    visitor.post("/account/register/", {"number": account.number, "surname": "Ёлкин", "email": "elkin@example.com"})
    from tests.site.account.test_account import PASSWORD as WORD
    from tests.site.account.test_account import code_of_last_letter

    visitor.post("/account/code/", {"code": code_of_last_letter()})
    visitor.post("/account/password/", {"password": WORD})
    cookies = [{"name": name, "value": one.value, "url": live_server.url} for name, one in visitor.cookies.items()]
    opened.context.add_cookies(cookies)  # type: ignore[arg-type]
    for address in ACCOUNT:
        look(opened, address)
        assert "/account/enter/" not in opened.url
    shoot(opened, "policy-account")
    assert refused == []
