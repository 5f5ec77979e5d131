"""Rating and message stand on one page, in a real browser: whichever button is pressed loses nothing of the other."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client as Visitor
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from kindline.appeals.models import Appeal
from kindline.feedback.models import Rating
from kindline.standard.profile import Profile
from tests.site.test_talk import Talk

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def page(
    request: pytest.FixtureRequest, site: Callable[[str], Profile], browser: Browser, live_server: LiveServer
) -> Page:
    """The page of the state of a question that was answered."""
    site("krc")
    talk = Talk(Visitor())
    Appeal.objects.update(answered_at=timezone.now())
    context = browser.new_context(base_url=live_server.url, locale="en", java_script_enabled=request.param)
    opened = context.new_page()
    opened.goto("/status/")
    opened.locator("#f-number").fill(talk.known["number"])
    opened.locator("#f-code").fill(talk.known["code"])
    opened.get_by_role("button", name="Show").click()
    return opened


@pytest.mark.clause("krc-5.7-16")
def test_a_rating_is_sent_with_the_message(page: Page) -> None:
    _figures(page)
    page.locator("#f-words").fill("Faster")
    page.get_by_role("button", name="Send the message").click()
    expect(page.get_by_text("Thank you")).to_be_visible()
    assert Rating.objects.get().words == "Faster"


@pytest.mark.clause("krc-5.7-16")
def test_a_message_stays_when_the_rating_is_sent(page: Page) -> None:
    page.locator("#f-text").fill("Another question")
    page.get_by_role("button", name="Rate").click()
    expect(page.get_by_text("Choose a figure for both")).to_be_visible()
    expect(page.locator("#f-text")).to_have_value("Another question")
    _figures(page)
    page.get_by_role("button", name="Rate").click()
    expect(page.get_by_text("Thank you")).to_be_visible()
    expect(page.locator("#f-text")).to_have_value("Another question")
    page.get_by_role("button", name="Send the message").click()
    expect(page.get_by_text("Your message has been sent")).to_be_visible()
    expect(page.locator("#f-text")).to_have_value("")


def _figures(page: Page) -> None:
    for name in ("answer", "service"):
        page.locator(f"[name={name}][value='4']").check()
