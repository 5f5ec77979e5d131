"""Readings in a real browser: by keyboard alone, accessible, on a small telephone."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from kindline.clients.login_models import Login
from kindline.readings.models import Reading
from kindline.site import reading_tries, senders
from kindline.site.models import Pace
from tests.desk.looking import check_everywhere, shoot
from tests.readings.conftest import Household, household
from tests.site.account.conftest import seat

__all__ = ["household"]
pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
PASSWORD = "зелена гора над річкою"


UNDER = [("krc", "uk"), ("krc", "ru"), ("krc", "en"), ("voe", "uk"), ("yumek", "ru")]
"""Under each standard that takes readings, in its own language; under one in all three."""


@pytest.mark.parametrize(("standard", "language"), UNDER)
def test_a_reading_is_sent_and_confirmed_by_keyboard_on_the_site(
    household: Household, browser: Browser, live_server: LiveServer, settings: Any, standard: str, language: str
) -> None:
    settings.KINDLINE = {**settings.KINDLINE, "profile": standard}
    context = browser.new_context(base_url=live_server.url, locale=language, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("/readings/")
    check_everywhere(page, f"readings-{standard}-{language}-empty")
    page.locator("#f-account").focus()
    for word in ("1234567", "W-1", "8o"):
        page.keyboard.type(word)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#main button.main").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    check_everywhere(page, f"readings-{standard}-{language}-fault")
    page.locator("#f-value").fill("5")
    page.locator("#f-value").press("Enter")
    expect(page.locator("button[value=confirm]")).to_be_visible()
    check_everywhere(page, f"readings-{standard}-{language}-asked")
    page.locator("button[value=confirm]").press("Enter")
    expect(page.get_by_role("status")).to_be_visible()
    check_everywhere(page, f"readings-{standard}-{language}-done")
    assert Reading.objects.filter(value=5, state="accepted").count() == 1
    context.close()


@pytest.mark.parametrize(("standard", "language"), UNDER)
def test_readings_of_all_meters_in_the_account(
    household: Household, browser: Browser, live_server: LiveServer, settings: Any, standard: str, language: str
) -> None:
    from kindline.site.account import actions

    settings.KINDLINE = {**settings.KINDLINE, "profile": standard}
    login = Login.objects.create(email="elkin@example.com", made_at=timezone.now())
    login.accounts.add(household.account)
    actions.set_password(login=login, password=PASSWORD, now=timezone.now())
    context = browser.new_context(base_url=live_server.url, locale=language, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("/account/enter/")
    page.locator("input[name=email]").fill(login.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text(household.account.number)).to_be_visible()
    shoot(page, f"account-{standard}-{language}-home-readings")
    page.goto("/account/readings/")
    first, second = (f"#m-{household.electricity.pk}-{zone}" for zone in ("day", "night"))
    page.locator(first).focus()
    page.keyboard.type("900")
    page.keyboard.press("Tab")
    page.keyboard.type("6oo")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator(second)).to_have_value("6oo")
    check_everywhere(page, f"account-readings-{standard}-{language}")
    page.locator("button[value=confirm]").press("Enter")
    expect(page.locator("button[value=confirm]")).to_have_count(0)
    assert Reading.objects.filter(value=900, state="accepted").count() == 1
    page.locator("section.after details summary").first.press("Enter")
    page.locator("section.after details button[value=correct]").first.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    check_everywhere(page, f"account-readings-{standard}-{language}-correct")
    context.close()


def test_a_photo_that_is_too_large_is_told_of_when_it_is_chosen_in_the_account_and_with_an_answer(
    household: Household, browser: Browser, live_server: LiveServer, settings: Any, tmp_path: Path
) -> None:
    login = Login.objects.create(email="elkin@example.com", made_at=timezone.now())
    login.accounts.add(household.account)
    household.send(household.line("900"), now=timezone.now())
    assert Reading.objects.filter(state="asked_back").exists()
    heavy = tmp_path / "meter.jpg"
    with heavy.open("wb") as file:
        file.truncate(100 * 2**20)
    context = browser.new_context(base_url=live_server.url, locale="en")
    kept, name = Client(), settings.SESSION_COOKIE_NAME
    seat(kept, login)
    context.add_cookies([{"name": name, "value": kept.cookies[name].value, "url": live_server.url}])
    page = context.new_page()
    page.goto("/account/readings/")
    page.locator("details.aside summary").first.click()
    for place in (".notice", "details.aside"):
        field = page.locator(f"{place} input[type=file]").first
        field.set_input_files(heavy)
        expect(page.locator(f"{place} p.wrong").first).to_contain_text("meter.jpg: it is too large")
        assert field.evaluate("field => field.files.length") == 0
    check_everywhere(page, "account-readings-heavy")
    context.close()


@pytest.mark.fault("X1")
def test_who_is_held_for_what_strangers_tried_sends_once_more_and_his_browser_works_for_it(
    household: Household, browser: Browser, live_server: LiveServer
) -> None:
    Pace.objects.create(sender=senders.kept("readings of 1234567"), since=timezone.now(), posts=reading_tries.MOST)
    Reading.objects.update(taken_on=timezone.now().date() - dt.timedelta(days=200))
    context = browser.new_context(base_url=live_server.url, locale="ru", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("/readings/")
    for name, value in (("account", "123-4567"), ("meter", "W-1"), ("value", "80")):
        page.locator(f"#f-{name}").fill(value)
    page.get_by_role("button", name="Отправить").click()
    expect(page.get_by_role("alert")).to_contain_text("Нажмите «Отправить» ещё раз")
    check_everywhere(page, "readings-work")
    assert page.locator("#f-value").input_value() == "80", "nothing typed is lost"
    before = time.monotonic()
    page.get_by_role("button", name="Отправить").click()
    expect(page.get_by_role("status")).to_contain_text("Показание принято", timeout=60_000)
    print(f"work of {reading_tries.WORK} bits: {time.monotonic() - before:.1f} s")
    page.goto("/readings/")
    for name, value in (("account", "123-4567"), ("meter", "W-1"), ("value", "81")):
        page.locator(f"#f-{name}").fill(value)
    page.get_by_role("button", name="Отправить").click()
    expect(page.get_by_role("alert")).not_to_contain_text("Нажмите «Отправить» ещё раз")
    context.close()
