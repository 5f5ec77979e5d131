"""Readings on the desk in a real browser: by keys alone, accessible, at desk and telephone width."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from kindline.clients.models import Account
from kindline.readings import filed
from kindline.readings.models import Reading
from kindline.staff.models import Employee, Role
from tests.desk.conftest import PASSWORD, employee
from tests.desk.looking import check_everywhere, shoot
from tests.readings.conftest import Household, household, meter

__all__ = ["household"]
pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
DAY = timezone.now().date()


def logged_in(browser: Browser, live_server: LiveServer, me: Employee) -> Page:
    """A page of an employee who has logged in."""
    page = browser.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(10_000)
    page.goto("/login/")
    page.locator("#id_username").fill(me.username)
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/desk/"))
    return page


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_what_was_asked_back_and_a_file(
    krc: Any, household: Household, browser: Browser, live_server: LiveServer, language: str
) -> None:
    household.send(household.line("9000"), household.line("5", zone="", meter="W-1"))
    page = logged_in(browser, live_server, employee("clerk", Role.SPECIALIST, language=language, surname="Иванова"))
    page.goto("/desk/readings/")
    check_everywhere(page, f"desk-readings-{language}")
    content = f"account;meter;zone;value;date\n1234567;E-1;night;x;{DAY}\n1234567;E-1;night;99999;{DAY}\n"
    page.locator("#file").set_input_files({"name": "март.csv", "mimeType": "text/csv", "buffer": content.encode()})
    page.locator("form[enctype] button").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("март.csv")
    check_everywhere(page, f"desk-readings-file-{language}")
    page.context.close()


def test_the_page_of_a_large_file_asks_how_far_it_is_until_it_was_gone_through(
    krc: Any, household: Household, browser: Browser, live_server: LiveServer
) -> None:
    content = f"1234567;E-1;day;1100;{DAY}".encode()
    upload = filed.lay_by(content=content, employee_id=1, name="march.csv", now=timezone.now())
    page = logged_in(browser, live_server, employee("clerk", Role.SPECIALIST, language="en", surname="Иванова"))
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "part=1" in one.url else None)
    page.clock.install()
    page.goto(f"/desk/readings/uploads/{upload.pk}/")
    with page.expect_response(re.compile("part=1")):
        page.clock.run_for(1500)
    filed.sweep(profile=household.profile, now=timezone.now())
    page.clock.run_for(1500)
    expect(page.get_by_role("status")).to_contain_text("The file was gone through.")
    page.clock.run_for(1500)  # what was on its way
    known = len(asked)
    page.clock.run_for(20_000)
    assert len(asked) == known > 0
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("The file was gone through.")
    page.clock.run_for(20_000)
    assert len(asked) == known
    page.context.close()


def test_a_reading_is_typed_beside_a_visitor(
    krc: Any, account: Account, browser: Browser, live_server: LiveServer
) -> None:
    made = meter(account, "E-9", "kWh", 5, ["day", "night"])
    page = logged_in(browser, live_server, employee("counter", Role.COUNTER, language="ru", surname="Лебедева"))
    page.locator("form[action$='/visits/new'] button").first.press("Enter")
    page.wait_for_url(re.compile("/desk/visits/.+"))
    contact = page.url.rstrip("/").rsplit("/", 1)[-1]
    _open(contact, account)
    field = page.locator(f"#m-{made.pk}-day")
    expect(field).to_be_visible()
    field.focus()
    page.keyboard.type("1200")
    page.keyboard.press("Tab")
    page.keyboard.type("6oo")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Это не число")).to_be_visible()
    expect(page.locator(f"#m-{made.pk}-night")).to_have_value("6oo")  # nothing typed is lost
    page.locator(f"#m-{made.pk}-night").fill("600")
    page.keyboard.press("Enter")
    expect(page.get_by_text("последнее: 600")).to_be_visible()
    rows = Reading.objects.order_by("zone").values_list("zone", "value", "sending__channel")
    assert [(zone, int(value), channel) for zone, value, channel in rows] == [
        ("day", 1200, "office"), ("night", 600, "office"),
    ]  # fmt: skip
    shoot(page, "desk-card-readings")
    check_everywhere(page, "desk-card-readings")
    page.context.close()


def _open(contact: str, account: Account) -> None:
    """The visitor is known and his account is shown, as the guide leads to it."""
    from kindline.conversations import actions
    from kindline.conversations.models import Contact

    found = Contact.objects.select_related("employee").get(pk=contact)
    by: dict[str, Any] = {"employee": found.employee, "now": timezone.now()}
    found = actions.set_client(contact=found, client=account.client, via="name", **by)
    actions.identify(
        contact=found, account=account, given={"account_number": account.number, "address": "Лесная 12а кв 4"}, **by
    )  # fmt: skip
    actions.show_account(contact=Contact.objects.get(pk=contact), account=account, **by)


@pytest.mark.clause("krc-5.6.4-04")
def test_a_reading_typed_while_the_last_one_is_sent_stays_and_outlives_the_page(
    krc: Any, account: Account, browser: Browser, live_server: LiveServer
) -> None:
    made = meter(account, "E-9", "kWh", 5, ["day", "night"])
    page = logged_in(browser, live_server, employee("counter", Role.COUNTER, language="ru", surname="Лебедева"))
    page.locator("form[action$='/visits/new'] button").first.press("Enter")
    page.wait_for_url(re.compile("/desk/visits/.+"))
    _open(page.url.rstrip("/").rsplit("/", 1)[-1], account)
    day, night = page.locator(f"#m-{made.pk}-day"), page.locator(f"#m-{made.pk}-night")
    day.fill("1200")
    held: list[Route] = []
    page.route("**/readings", lambda route: held.append(route))  # noqa: PLW0108 - it is marked
    with page.expect_request("**/readings"):
        day.press("Enter")
    night.click()
    page.keyboard.type("60")
    held[0].continue_()
    expect(page.get_by_text("последнее: 1200")).to_be_visible()
    expect(day).to_have_value("")
    expect(night).to_have_value("60")
    page.reload()
    expect(night).to_have_value("60")
    page.context.close()
