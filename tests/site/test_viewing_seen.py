"""The version for people with low vision in a real browser: each scheme, the largest letters on a small telephone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from kindline.site import layout, viewing
from kindline.standard.profile import Profile
from tests.desk.looking import check_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
PAGES = {
    "home": ("/", "1-{}-1-1"),
    "ask": ("/ask/", "2-{}-2-0"),
    "item": ("/info/general/requisites/", "3-{}-3-1"),
    "enter": ("/account/enter/", "3-{}-3-1"),
}
"""What is looked at, and in which view."""


Open = Callable[..., Page]


@pytest.fixture
def opened(site: Callable[[str], Profile], browser: Browser, live_server: LiveServer) -> Iterator[Open]:
    """A page of somebody who reads Russian."""
    layout.lay_out(profile=site("krc"))
    made = []

    def page(**more: bool) -> Page:
        size = {"width": 1440, "height": 900}
        made.append(browser.new_context(base_url=live_server.url, locale="ru", viewport=size, **more))  # type: ignore[arg-type]
        return made[-1].new_page()

    yield page
    for context in made:
        context.close()


@pytest.mark.parametrize("colours", sorted(viewing.COLOURS))
def test_every_scheme_is_accessible_and_fits_a_telephone(opened: Open, colours: str) -> None:
    page = opened()
    for name, (address, code) in PAGES.items():
        page.goto(f"/choose/?view={code.format(colours)}&next={address}")
        check_everywhere(page, f"viewing-{colours}-{name}")


def test_it_is_chosen_and_left_by_keyboard_and_without_scripts(opened: Open) -> None:
    page = opened(java_script_enabled=False)
    page.goto("/info/general/requisites/")
    page.get_by_role("button", name="Для слабовидящих").press("Enter")
    page.get_by_role("button", name="белым по чёрному").press("Enter")
    expect(page.locator("body")).to_have_css("background-color", "rgb(0, 0, 0)")
    expect(page).to_have_url(re.compile(r"/info/general/requisites/$"))
    page.get_by_role("button", name="Обычная версия").press("Enter")
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
