"""A visitor's money in a real browser: the last months, the printed bill, at desk and telephone width."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client as Browser
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from kindline.clients.models import Account
from kindline.conversations.models import Contact
from kindline.journal.models import Fact
from kindline.staff.models import Employee
from tests.desk.conftest import PASSWORD
from tests.desk.looking import NARROW, WIDE, at_width, check_everywhere, shoot
from tests.desk.test_money import month, visited

__all__ = ["month", "visited"]
pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]


def test_the_last_months_are_shown_and_the_bill_is_printed(
    browser: Chromium, live_server: LiveServer, visited: tuple[Browser, Contact, Employee], account: Account,
    month: dt.date,
) -> None:  # fmt: skip
    _, contact, clerk = visited
    context = browser.new_context(base_url=live_server.url, viewport={"width": WIDE[0], "height": WIDE[1]})
    page = context.new_page()
    page.goto("/login/")
    page.locator("#id_username").fill(clerk.username)
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/visits/")
    page.goto(f"/desk/visits/{contact.pk}/")
    expect(page.locator(".account-money tbody tr")).to_have_count(4)
    check_everywhere(page, "desk-money")
    with at_width(page, NARROW):
        page.locator(".account-money").scroll_into_view_if_needed()
        shoot(page, "desk-money-390")
    with page.context.expect_page():
        page.locator(f"#bill-{month:%Y-%m}").click()
    for _ in range(200):
        if Fact.objects.filter(kind="bill_given").exists():
            break
        page.wait_for_timeout(50)
    assert Fact.objects.get(kind="bill_given").data["month"] == f"{month:%Y-%m}"
    context.close()
