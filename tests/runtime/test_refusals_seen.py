"""What nginx refuses, in a real browser under the policy with which it is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from kindline.runtime.nginx import refusals
from kindline.site.reach import Reach
from tests.desk.looking import check_everywhere

pytestmark = pytest.mark.browser
WAYS = Reach("8 800 000-00-01", "+78000000001", "centre@sever-dom.example")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser at a server that answers as nginx does."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
@pytest.mark.parametrize("refusal", refusals.REFUSALS, ids=lambda one: one.name)
def test_a_refusal_is_a_page_for_everybody(page: Page, refusal: refusals.Refusal, language: str) -> None:
    [policy] = set(re.findall(r'Content-Security-Policy "([^"]+)"', refusals.places()))

    def answer(route: Route) -> None:
        headers = {"Content-Security-Policy": policy, "Content-Type": "text/html; charset=utf-8"}
        route.fulfill(status=refusal.statuses[0], headers=headers, body=refusals.page(refusal, language, WAYS))

    page.route("http://site.example/", answer)
    page.goto("http://site.example/")
    expect(page.locator("main")).to_have_css("max-width", "640px")
    check_everywhere(page, f"refused-{refusal.name}-{language}")
