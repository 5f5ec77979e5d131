"""Passkeys in a real Chromium, with an authenticator of its own: made, shown, refused, taken away."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, CDPSession, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from kindline.staff.models import Employee, EmployeePasskey
from tests.desk import test_screen
from tests.desk.conftest import PASSWORD, employee
from tests.desk.looking import check_axe, check_everywhere, shoot

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
window, open_as = test_screen.window, test_screen.open_as
OWN = "/desk/second-factor/"
SLOW_MS = 20_000
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


class Device:
    """The authenticator that the browser of a page believes to have."""

    def __init__(self, page: Page) -> None:
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        self.key = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]

    def verifies(self, is_he: bool) -> None:
        """Whether the finger is the right one."""
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.key, "isUserVerified": is_he})


@pytest.fixture
def anna(krc: object) -> Employee:
    """An employee without a second factor."""
    return employee("anna", "specialist")


@pytest.fixture
def page(open_as: Callable[[Employee], Page], anna: Employee) -> Page:
    """Her page, with a device."""
    return open_as(anna)


@pytest.fixture
def device(page: Page) -> Device:
    """Her device, which holds a passkey."""
    made = Device(page)
    make(page, "Telephone")
    return made


def make(page: Page, name: str) -> None:
    """Make a passkey as a person does."""
    page.goto(OWN)
    page.locator("#f-again").fill(PASSWORD)
    page.get_by_role("button", name="It is me").click()
    page.get_by_label("What the new passkey is called").fill(name)
    page.get_by_role("button", name="Make a passkey").press("Enter")
    expect(page.get_by_text("The passkey is kept.")).to_be_visible(timeout=SLOW_MS)


def leave(page: Page) -> None:
    """Log out."""
    page.goto(OWN)
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login/")


def press(page: Page, name: str = "Enter with a passkey") -> None:
    """The button by keyboard; a page that shows it is ready."""
    page.get_by_role("button", name=name).press("Enter")


def is_in(page: Page) -> None:
    """Somebody is logged in."""
    expect(page.get_by_role("button", name="Log out")).to_be_visible(timeout=SLOW_MS)


def told(page: Page, words: str) -> None:
    """The page says what came of it and what to do."""
    expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible(timeout=SLOW_MS)


def by_password(page: Page) -> None:
    """Name and password, to the second step."""
    page.goto("/login/")
    page.locator("#id_username").fill("anna")
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/login/second/")


def test_it_is_made_lets_in_alone_and_after_the_password_and_is_taken_away(page: Page) -> None:
    device = Device(page)
    page.goto(OWN)
    check_everywhere(page, "passkeys-none")
    make(page, "Telephone")
    check_everywhere(page, "passkeys-one")
    leave(page)
    check_everywhere(page, "passkeys-login")
    press(page)
    is_in(page)
    leave(page)
    by_password(page)
    check_everywhere(page, "passkeys-second")
    press(page, "Show a passkey")
    is_in(page)
    page.goto(OWN)
    device.verifies(True)
    press(page, "Show a passkey")
    told_once = page.get_by_role("status").filter(has_text="You have shown that it is you")
    expect(told_once).to_be_visible(timeout=SLOW_MS)
    check_everywhere(page, "passkeys-proven")
    press(page, "Make a passkey")
    told(page, "This device or key holds a passkey of yours already.")
    shoot(page, "passkeys-known")
    page.get_by_role("button", name="Take away: Telephone").press("Enter")
    expect(page.get_by_text("The passkey lets in no more.")).to_be_visible(timeout=SLOW_MS)
    assert not EmployeePasskey.objects.exists()
    leave(page)
    press(page)
    told(page, "This passkey is not known here")
    check_axe(page)
    shoot(page, "passkeys-unknown")
    page.locator("#id_username").fill("anna")
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    is_in(page)


def test_what_was_sent_once_is_refused_the_second_time(
    page: Page, device: Device, live_server: LiveServer, window: BrowserContext
) -> None:
    leave(page)
    cookies: list[Any] = []
    sent: list[str] = []

    def hear(route: Route) -> None:
        cookies.extend(window.cookies())
        sent.append(route.request.post_data or "")
        route.continue_()

    page.route("**/login/passkey/", hear)
    press(page)
    is_in(page)
    assert any(one["name"].endswith("kindline_passkey") for one in cookies)
    window.clear_cookies()
    window.add_cookies(cookies)
    form: dict[str, str | float | bool] = {name: values[0] for name, values in parse_qs(sent[0]).items()}
    answer = window.request.post("/login/passkey/", form=form, headers={"Origin": live_server.url})
    assert (answer.status, "This attempt is over" in answer.text()) == (422, True)


def test_a_counter_that_went_back_and_a_disabled_employee_are_told(page: Page, device: Device) -> None:
    leave(page)
    EmployeePasskey.objects.update(counter=1_000_000)
    press(page)
    told(page, "This passkey counted backwards")
    check_axe(page)
    EmployeePasskey.objects.update(counter=0)
    Employee.objects.update(is_active=False)
    press(page)
    told(page, "This passkey is not known here")


def test_a_passkey_of_another_address_is_refused(page: Page, device: Device, live_server: LiveServer) -> None:
    leave(page)
    EmployeePasskey.objects.update(host="desk.example.org")
    press(page)
    told(page, "This passkey is not known here")
    page.goto(live_server.url.replace("localhost", "127.0.0.1") + "/login/")
    press(page)
    told(page, "not to an address in figures")
    check_axe(page)
    by_password(page)
    press(page, "Show a passkey")
    told(page, "by the name by which they were made")


def test_the_finger_of_somebody_else_is_told_and_the_button_stays(page: Page, device: Device) -> None:
    leave(page)
    device.verifies(False)
    press(page)
    told(page, "Nothing was shown")
    check_axe(page)
    device.verifies(True)
    press(page)
    is_in(page)


def test_a_device_without_a_passkey_is_told(page: Page) -> None:
    Device(page)
    leave(page)
    press(page)
    told(page, "there is no passkey for this site on this device")


@pytest.mark.parametrize("language", ["ru", "uk"])
def test_nothing_sticks_out_in_any_language(page: Page, device: Device, language: str) -> None:
    EmployeePasskey.objects.update(doubted_at=timezone.now())
    page.locator(f"button[name=language][value={language}]").click()
    expect(page.locator("html")).to_have_attribute("lang", language)
    page.locator("[data-passkey]").press("Enter")
    expect(page.locator("[data-makes]")).to_be_visible(timeout=SLOW_MS)
    check_everywhere(page, f"passkeys-{language}")
    device.verifies(False)
    page.get_by_role("banner").locator("form[action='/logout/'] button").click()
    page.locator("[data-passkey]").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible(timeout=SLOW_MS)
    check_everywhere(page, f"passkeys-login-{language}")


@pytest.mark.parametrize(
    ("lacks", "words"),
    [
        ("delete window.PublicKeyCredential", "This browser knows no passkeys"),
        ("Object.defineProperty(window, 'isSecureContext', {value: false})", "begins with https://"),
    ],
)
def test_what_a_browser_cannot_do_is_said(page: Page, device: Device, lacks: str, words: str) -> None:
    leave(page)
    page.evaluate(lacks)
    press(page)
    told(page, words)
    page.route("**/enter.json", lambda route: route.abort())
    page.reload()
    press(page)
    told(page, "press the button again in a minute")


def test_a_page_whose_form_is_not_taken_any_more_is_told_to_be_opened_anew(page: Page, device: Device) -> None:
    leave(page)
    page.evaluate("document.querySelector('[data-passkey]').form.elements.csrfmiddlewaretoken.value = 'x'")
    press(page)
    told(page, "open this page anew and begin again")


def test_without_javascript_the_password_lets_in_and_no_button_deceives(
    anna: Employee, window: BrowserContext, live_server: LiveServer
) -> None:
    assert window.browser is not None
    plain = window.browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = plain.new_page()
    page.goto("/login/")
    expect(page.get_by_role("button", name=re.compile("passkey"))).to_be_hidden()
    page.locator("#id_username").fill("anna")
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    is_in(page)
    plain.close()
