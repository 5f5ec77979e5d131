"""A card says what is next, to whoever may do it by a form and to others in words; never a heading with nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client as Browser
from playwright.sync_api import Page

from kindline.appeals.models import Appeal
from kindline.staff.models import Employee
from tests.appeals.registry import Registry, registry
from tests.desk import test_screen
from tests.desk.conftest import PASSWORD
from tests.desk.looking import check_everywhere

window, open_as = test_screen.window, test_screen.open_as
SECTION = re.compile(r'id="to-do".*?</h2>(.*?)</div></section>', re.DOTALL)
ROLES = ("executor", "operator", "supervisor", "unit_head", "director")


def part(here: Registry, appeal: Appeal, role: str) -> str | None:
    """The words of the part *To do*; None where the card has none."""
    browser = Browser(headers={"accept-language": "en"})
    browser.force_login(here.people[role])
    found = SECTION.search(browser.get(f"/desk/appeals/{appeal.pk}/").content.decode())
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", found[1])).strip() if found else None


@pytest.mark.db
@pytest.mark.clause("krc-5.7.2-14", "court-1-30", "yumek-9.1-06", "voe-8-06")
@pytest.mark.parametrize("channel", ["paper", "phone"])
@pytest.mark.parametrize("profile", ["krc", "court", "yumek", "voe"])
def test_every_open_appeal_says_what_is_next_to_everybody(profile: str, channel: str) -> None:
    here = registry(profile)
    Employee.objects.update(language="en")
    for state in here.flow.states:
        appeal = here.at(state, channel=channel, kind="proposal")
        for role in ROLES:
            said = part(here, appeal, role)
            assert said != "", (state, role, "a heading with nothing below it")
            assert said or appeal.closed_at, (state, role)


@pytest.mark.db
def test_who_does_it_is_named() -> None:
    here = registry("krc")
    Employee.objects.update(language="en")
    checked = part(here, here.at("check"), "operator")
    assert checked == "Next: check the answer. By: site administrators, supervisors, heads of unit, directors."
    given = part(here, here.at("draft"), "director") or ""
    assert given.startswith(f"Next: give the answer to be checked. By: {here.people['executor']}.")


@pytest.mark.browser
@pytest.mark.db(transaction=True)
def test_the_line_fits_every_screen(open_as: Callable[[Employee], Page]) -> None:
    here = registry("krc")
    operator = here.people["operator"]
    operator.language = "uk"
    operator.set_password(PASSWORD)
    operator.save()
    appeal, page = here.at("sign"), open_as(operator)
    page.goto(f"/desk/appeals/{appeal.pk}/")
    check_everywhere(page, "next-step")
