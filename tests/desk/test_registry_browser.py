"""The registry's screens in a real browser: accessible, on a desk and on a telephone; the row of pages is one row."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.appeals import incidents, linking, saving
from kindline.conversations.models import Topic
from kindline.staff.models import Employee
from tests.appeals.registry import Registry
from tests.desk import test_screen
from tests.desk.conftest import PASSWORD
from tests.desk.looking import NARROW, at_width, check_axe, check_width, shoot

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
window, open_as = test_screen.window, test_screen.open_as
ROW_PX = 62
"""So high is the head of a page with one row of pages."""


@pytest.fixture
def here(krc: Any) -> Registry:
    """An organisation with one employee for each role."""
    return Registry(krc, now=timezone.now())


@pytest.fixture
def supervisor(here: Registry) -> Employee:
    """Its supervisor, who can log in."""
    found = here.people["supervisor"]
    found.set_password(PASSWORD)
    found.language = "en"
    found.save()
    return found


@pytest.fixture
def pages(here: Registry, supervisor: Employee, krc: Any) -> list[str]:
    """A registry with everything that a screen can show, and the addresses of its screens."""
    now = here.now
    topic = Topic.objects.create(profile="krc", code="heat", title="Отопление")
    first, twin, other, *_ = (here.register(topic=topic, kind="proposal") for _ in range(6))
    linking.join(appeal=twin, original=first, employee=supervisor, now=now)
    linking.relate(appeal=first, other=other, employee=supervisor, now=now)
    made = incidents.open_incident(
        profile=krc, title="Авария на теплотрассе", topic=topic, area="Лесная", appeals=[first, other], begun_at=now,
        employee=supervisor, now=now,
    )  # fmt: skip
    saving.save_view(name="Просроченные", query="due=overdue", role="specialist", employee=supervisor, now=now)
    names = ["", "?kind=proposal&state=all", f"{first.pk}/", f"{twin.pk}/applicant/", "control/"]
    names += ["incidents/", "incidents/new/", f"incidents/{made.pk}/"]
    return [f"appeals/{name}" for name in names]


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_every_screen_is_accessible_and_fits_a_telephone(
    language: str, open_as: Callable[[Employee], Page], supervisor: Employee, pages: list[str]
) -> None:
    Employee.objects.filter(pk=supervisor.pk).update(language=language)
    page = open_as(supervisor)
    for name in pages:
        page.goto(f"/desk/{name}")
        expect(page.locator("h1")).to_be_visible()
        shoot(page, f"registry-{language}-{name.replace('/', '-').replace('?', '-')}")
        check_axe(page)
        head = page.locator("header.top").bounding_box()
        assert head is not None
        assert head["height"] < ROW_PX, "the row of pages is one row"
        with at_width(page, NARROW):
            shoot(page, f"registry-{language}-{name.replace('/', '-').replace('?', '-')}-390")
        check_width(page)


def test_the_groups_of_pages_open_by_keyboard_on_a_telephone_too(
    open_as: Callable[[Employee], Page], supervisor: Employee, pages: list[str]
) -> None:
    page = open_as(supervisor)
    page.goto("/desk/appeals/")
    with at_width(page, NARROW):
        page.locator(".nav-group summary").first.focus()
        page.keyboard.press("Enter")
        link = page.locator(".nav-group[open] a").first
        expect(link).to_be_in_viewport()
        address = link.get_attribute("href")
        shoot(page, "registry-nav-390")
        check_axe(page)
        page.keyboard.press("Escape")
        expect(link).to_be_hidden()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
    page.wait_for_url(f"**{address}")
    expect(page.locator("summary.present")).to_be_visible()


def test_many_are_ticked_and_assigned_by_keyboard(
    open_as: Callable[[Employee], Page], supervisor: Employee, pages: list[str]
) -> None:
    page = open_as(supervisor)
    page.goto("/desk/appeals/?state=open")
    whole, boxes = page.locator("[data-tick-all]"), page.locator('input[name="chosen"]')
    expect(whole).to_be_visible()
    whole.focus()
    page.keyboard.press("Space")
    expect(page.locator("#ticked")).to_have_text(str(boxes.count()))
    for box in boxes.all()[2:]:
        box.focus()
        page.keyboard.press("Space")
    expect(page.locator("#ticked")).to_have_text("2")
    expect(whole).to_have_js_property("indeterminate", True)
    shoot(page, "registry-ticked")
    page.locator("#b-verb").select_option("assign")
    page.locator("#b-executor").select_option(index=1)
    page.locator("#b-executor").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_be_visible()
    shoot(page, "registry-batch")
    check_axe(page)
