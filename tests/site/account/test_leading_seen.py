"""The desk's page of a client's log-in in a real browser: accessible, on a small telephone."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client as Visitor
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from kindline.clients.login_models import Login
from kindline.site.account import factors
from kindline.staff.models import Employee, Role
from tests.desk.looking import check_everywhere
from tests.readings.conftest import Household, household
from tests.site.account.test_factors import confirmed

__all__ = ["household"]
pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_a_log_in_is_found_and_shut(
    household: Household, browser: Browser, live_server: LiveServer, language: str
) -> None:
    login = Login.objects.create(email="elkin@example.com", former_email="old@example.com", made_at=timezone.now())
    login.accounts.add(household.account)
    login.reads.add(household.account)
    confirmed(login)
    assert factors.of(login)
    clerk = Visitor()
    clerk.force_login(Employee.objects.create_user(username="clerk", password="x", roles=[Role.COUNTER]))
    context = browser.new_context(base_url=live_server.url, locale=language, viewport={"width": 1440, "height": 900})
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": clerk.cookies[name].value, "url": live_server.url}])
    page = context.new_page()
    page.goto("/desk/logins/")
    page.locator("#l-asked").fill("old@example.com")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=login.email)).to_be_visible()
    check_everywhere(page, f"logins-{language}")
    page.get_by_role("link", name=login.email).click()
    page.locator("button[value=disable]").click()
    expect(page.get_by_role("alert")).to_be_visible()
    check_everywhere(page, f"login-{language}-no-ground")
    page.locator("#l-ground").select_option("misuse")
    page.locator("button[value=disable]").click()
    expect(page.locator("button[value=enable]")).to_be_visible()
    check_everywhere(page, f"login-{language}-shut")
    context.close()
