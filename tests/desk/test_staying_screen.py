"""Before an employee is logged out for doing nothing the page asks him; afterwards it is the log-in (WCAG 2.2.1)."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.staff.models import Employee, EmployeeSession
from tests.desk import test_screen
from tests.desk.conftest import PASSWORD, employee
from tests.desk.looking import check_axe, check_everywhere, shoot

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
window, open_as = test_screen.window, test_screen.open_as
ASK = "document.dispatchEvent(new Event('visibilitychange'))"


def _aged(**back: dt.timedelta) -> None:
    EmployeeSession.objects.update(**{name: timezone.now() - by for name, by in back.items()})


def test_the_page_asks_before_the_end_and_one_press_goes_on(open_as: Callable[[Employee], Page], krc: Any) -> None:
    page = open_as(employee("anna", "specialist"))
    page.goto("/desk/sessions/")
    check_everywhere(page, "own-sessions")
    asked = page.get_by_role("button", name="Stay logged in")
    expect(asked).to_be_hidden()
    _aged(seen_at=dt.timedelta(minutes=59))
    page.evaluate(ASK)
    expect(asked).to_be_visible()
    shoot(page, "staying")
    check_axe(page)
    asked.press("Enter")
    expect(asked).to_be_hidden()
    assert EmployeeSession.objects.get().seen_at > timezone.now() - dt.timedelta(minutes=5)
    _aged(opened_at=dt.timedelta(hours=12, minutes=59))
    page.evaluate(ASK)
    expect(page.get_by_text("You have been logged in for as long as it is allowed")).to_be_visible()
    expect(asked).to_be_hidden()
    _aged(seen_at=dt.timedelta(minutes=61))
    page.evaluate(ASK)
    expect(page).to_have_url(re.compile("/login/"))


def test_others_are_ended_on_the_page(open_as: Callable[[Employee], Page], krc: Any) -> None:
    anna = employee("anna", "specialist")
    page, other = open_as(anna), Client()
    other.force_login(anna)
    page.goto("/desk/sessions/")
    check_everywhere(page, "own-sessions-two")
    page.get_by_label("Present password").fill("another")
    page.get_by_label("Present password").press("Enter")
    expect(page.get_by_role("alert").filter(has_text="The present password is wrong.")).to_be_visible()
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("Present password").press("Enter")
    expect(page.get_by_text("Sessions ended: 1.")).to_be_visible()
    assert other.get("/desk/wishes/").headers["Location"].startswith("/login/")
