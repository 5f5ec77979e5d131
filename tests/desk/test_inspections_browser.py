"""A walk through an inspection in a real browser, as with a telephone: by keys, without a network, to its end."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from kindline.files import checking
from kindline.files.models import Attachment, FileState
from kindline.quality import inspecting, inspection_planning, places
from kindline.quality.inspection_models import Correction, InspectedPlace, Inspection
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile
from tests.desk.conftest import employee
from tests.desk.looking import NARROW, check_axe, check_everywhere, check_width, comes_true, shoot
from tests.desk.test_screen import open_as, window
from tests.files import makers

__all__ = ["open_as", "window"]
pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
PLAN = "/desk/inspections/"
OpenAs = Callable[[Employee], Page]


@pytest.fixture
def head(krc: Profile, settings: Any) -> Employee:
    """The head of the unit, who answers for the office and inspects it."""
    settings.FILES = {**settings.FILES, "scanner": {}}
    return employee("head", Role.UNIT_HEAD, surname="Громова", given_name="Ольга")


@pytest.fixture
def planned(krc: Profile, head: Employee) -> Inspection:
    """An inspection of one workplace of an office, due today."""
    now = timezone.now()

    def enter(kind: str, name: str, **more: object) -> InspectedPlace:
        fields = {"name": name, "head": head, **more}
        return places.enter(profile=krc, kind=kind, fields=fields, employee=head, now=now)

    office = enter("office", "Центр обслуживания на Садовой", address="Садовая, 3")
    enter("workplace", "Окно 1", office=office)
    assert krc.inspections is not None
    checklist, today = krc.inspections.checklists["workplace"], now.astimezone(krc.zone).date()
    return inspection_planning.plan(profile=krc, checklist=checklist, scope=office, due_on=today, now=now)[0]


@pytest.fixture
def telephone(open_as: OpenAs, head: Employee) -> Page:
    """The head's telephone."""
    page = open_as(head)
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    return page


def press(page: Page, what: Locator, key: str = "Enter") -> None:
    """Use a control as one does who has no mouse."""
    what.focus()
    expect(what).to_be_focused()
    page.keyboard.press(key)


def answer(page: Page, item: str, value: str) -> None:
    """Answer one item by the space bar."""
    press(page, page.locator(f"#i-{item} [value={value}]"), "Space")
    expect(page.locator(f"#i-{item}")).to_have_attribute("data-value", value)


def begun(page: Page) -> None:
    """Open the plan, the inspection in it, and begin."""
    page.goto(PLAN)
    check_axe(page)
    press(page, page.get_by_role("link", name="Inspect:"))
    press(page, page.get_by_role("button", name="Begin"))
    expect(page.locator("#walk-count")).to_have_text("0")


def kept(page: Page) -> None:
    """Wait until what was typed is on the server."""
    expect(page.locator("#walk-state")).to_contain_text("kept at")
    comes_true(page, "() => !Object.keys(localStorage).some(key => key.startsWith('kindline-inspection-'))")


@pytest.mark.clause("krc-5.3-15")
def test_a_workplace_is_inspected_from_the_plan_to_what_is_put_right(
    telephone: Page, planned: Inspection, tmp_path: Path
) -> None:
    page, photo = telephone, tmp_path / "IMG_7.jpg"
    photo.write_bytes(makers.picture("JPEG", (400, 300)))
    begun(page)
    check_width(page)
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    for item in ("accessories", "order", "promotional", "monitor", "papers"):
        answer(page, item, "met")
    expect(page.locator("#c-pens")).to_be_hidden()
    page.locator("#n-pens").fill("0")
    expect(page.locator("#c-pens")).to_be_visible()
    answer(page, "things", "not_met")
    kept(page)
    press(page, page.get_by_role("button", name="Finish"))
    wrong = page.locator("[data-wrong]")
    expect(wrong).to_have_count(2)
    shoot(page, "inspection-refused-390")
    check_axe(page)
    page.locator("#c-things").fill("Кружка и фотографии на столе")
    page.locator("#p-things").set_input_files(photo)
    expect(page.locator("#i-things .walk-photos li")).to_have_count(1)
    expect(page.locator("#c-things")).to_have_value("Кружка и фотографии на столе")
    row = Attachment.objects.get()
    checking.decide(file=row.file, state=FileState.CLEAN, reason="", now=timezone.now())
    page.reload()
    expect(page.locator("#i-things .walk-photos img")).to_be_visible()
    page.locator("#c-pens").fill("Ручек нет")
    kept(page)
    shoot(page, "inspection-walk-390")
    press(page, page.get_by_role("button", name="Finish"))
    expect(page.get_by_role("link", name="Act as PDF")).to_be_visible()
    assert page.evaluate("Object.keys(localStorage).filter(one => one.startsWith('kindline-inspection-'))") == []
    check_everywhere(page, "inspection-finished")
    done = Inspection.objects.get(repeats=None)
    answers = inspecting.answers_of(done)
    assert (answers["things"].comment, len(answers["things"].photos)) == ("Кружка и фотографии на столе", 1)
    assert {one.item for one in Correction.objects.all()} == {"pens", "things"}


def test_what_is_typed_without_a_network_is_sent_when_it_comes_back(telephone: Page, planned: Inspection) -> None:
    page = telephone
    begun(page)
    page.context.set_offline(True)
    answer(page, "order", "met")
    press(page, page.locator("#i-order summary"))
    page.locator("#c-order").fill("порядок")
    expect(page.locator("#walk-state")).to_contain_text("No connection")
    shoot(page, "inspection-offline-390")
    page.context.set_offline(False)
    kept(page)
    found = inspecting.answers_of(Inspection.objects.get())["order"]
    assert (found.value, found.comment) == ("met", "порядок")


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_plan_walk_objects_and_result_are_accessible_and_fit_a_telephone(
    language: str, open_as: OpenAs, krc: Profile, head: Employee, planned: Inspection
) -> None:
    Employee.objects.filter(pk=head.pk).update(language=language)
    inspecting.begin(profile=krc, inspection=planned, employee=head, now=timezone.now())
    page = open_as(head)
    for name, address in (
        ("plan", PLAN),
        ("walk", f"{PLAN}{planned.pk}/"),
        ("objects", f"{PLAN}objects/"),
        ("object", f"{PLAN}objects/{planned.place_id}/"),
    ):
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("lang", language)
        check_everywhere(page, f"inspection-{name}-{language}")
