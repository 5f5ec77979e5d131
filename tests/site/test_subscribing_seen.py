"""The subscription to notices in a real browser: by keyboard, narrow and wide, in each language."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from kindline.correspondence.models import Outgoing
from kindline.notifications.topic_models import NoticeSubscription
from kindline.standard.profile import Profile
from tests.desk.looking import check_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
BUTTONS = {"en": ("Subscribe", "Confirm"), "ru": ("Подписаться", "Подтвердить"), "uk": ("Підписатися", "Підтвердити")}


@pytest.mark.parametrize("language", list(BUTTONS))
@pytest.mark.clause("krc-5.7.1-39")
def test_somebody_subscribes_confirms_and_leaves_by_keyboard_without_javascript(
    browser: Browser, live_server: LiveServer, site: Callable[..., Profile], settings: Any, language: str
) -> None:
    site("krc")
    settings.MAIL = {**settings.MAIL, "relay": {"class": "not.asked"}}
    settings.SMS = {"gateway": {"class": "not.asked"}}
    settings.SITE_URL = live_server.url
    context = browser.new_context(base_url=live_server.url, locale=language, java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(15_000)
    subscribe, confirm = BUTTONS[language]
    page.goto("/notices/")
    page.locator("#f-to").focus()
    page.keyboard.type("elkin@example.com")
    page.locator("#f-consent").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name=subscribe).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/notices/confirm/**")
    found = re.search(r"http\S+code=\S+", Outgoing.objects.get().text)
    assert found is not None
    page.goto(found.group())
    page.get_by_role("button", name=confirm).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=confirm)).to_have_count(0)
    row = NoticeSubscription.objects.get()
    assert (row.confirmed_at is not None, row.language) == (True, language)
    page.goto(f"/notices/leave/{row.leave_code}/")
    page.locator("main button.main").press("Enter")
    expect(page.get_by_role("status")).to_be_visible()
    assert not NoticeSubscription.objects.exists()
    context.close()


def test_the_pages_are_for_everybody_wide_and_narrow(
    browser: Browser, live_server: LiveServer, site: Callable[..., Profile], settings: Any
) -> None:
    site("krc")
    settings.MAIL = {**settings.MAIL, "relay": {"class": "not.asked"}}
    settings.SMS = {"gateway": {"class": "not.asked"}}
    context = browser.new_context(base_url=live_server.url, locale="en")
    page = context.new_page()
    page.goto("/notices/")
    check_everywhere(page, "subscribe")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("alert")).to_be_visible()
    check_everywhere(page, "subscribe-faults")
    page.locator("#f-to").fill("+79271112233")
    page.locator("#f-consent").check()
    page.get_by_role("button", name="Subscribe").click()
    expect(page.locator("#f-code")).to_be_visible()
    check_everywhere(page, "subscribe-code")
    page.goto(f"/notices/leave/{NoticeSubscription.objects.get().leave_code}/")
    check_everywhere(page, "subscribe-leave")
    context.close()
