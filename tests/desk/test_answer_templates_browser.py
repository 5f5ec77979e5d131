"""Templates of answers in a real browser: taken at the cursor, nothing overwritten unasked, gaps, the editor."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.appeals.models import Answer
from kindline.appeals.template_models import TemplateUse
from kindline.conversations.models import Topic
from kindline.staff.models import Employee
from tests.appeals.registry import Registry
from tests.appeals.test_answer_templates import _content, _offered
from tests.desk import test_screen
from tests.desk.conftest import PASSWORD
from tests.desk.looking import check_axe, check_everywhere, comes_true

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
window, open_as = test_screen.window, test_screen.open_as
TAKEN = "document.querySelector('textarea[name=text]').value.split('ждём').length"


@pytest.fixture
def here(krc: Any) -> Registry:
    """An organisation whose head executes too and can log in, with two templates."""
    made = Registry(krc, now=timezone.now())
    head = made.people["unit_head"]
    head.set_password(PASSWORD)
    head.language, head.email = "en", "head@example.org"
    head.save()
    _offered(made, _content())
    _offered(made, _content("Показания ждём до 25-го.", title="Показания", is_whole=False))
    Topic.objects.create(profile="krc", code="quality", title="Качество")
    return made


def test_taking_and_writing_templates(open_as: Callable[[Employee], Page], here: Registry) -> None:
    head = here.people["unit_head"]
    appeal = here.at("assigned")
    Answer.objects.filter(appeal=appeal).delete()
    appeal.executor = head
    appeal.save(update_fields=["executor"])
    page = open_as(head)
    page.goto(f"/desk/appeals/{appeal.pk}/")
    text = page.get_by_label("Text of the answer")
    page.locator("#templates > summary").press("Enter")
    page.get_by_role("button", name="Take: Осмотр").press("Enter")
    expect(text).to_have_value(re.compile(rf"^Ольга Петровна!\n\nПо обращению № {appeal.number} придём \[\[день"))
    assert page.evaluate("getSelection().toString()") == "[[день прихода]]", "the first gap is chosen, to be typed over"
    expect(page.get_by_role("dialog")).to_be_hidden()  # it asks only where something would be lost
    check_everywhere(page, "templates-draft")
    page.keyboard.type("в среду")
    expect(page.get_by_role("button", name="день прихода")).to_be_hidden()
    text.evaluate("area => area.setSelectionRange(area.value.indexOf('в среду'), area.value.indexOf('в среду'))")
    page.get_by_role("button", name="Take: Показания").click()
    expect(text).to_have_value(re.compile(r"придём Показания ждём до 25-го\.в среду"))
    page.get_by_role("button", name="Take: Осмотр").click()
    question = page.get_by_role("dialog")
    check_axe(page)
    question.get_by_role("button", name="Leave it").click()
    expect(text).to_have_value(re.compile("Показания ждём до 25-го"))
    page.get_by_label("Look for a template by its words").fill("осмотра")
    expect(page.get_by_role("button", name="Take: Показания")).to_be_hidden()
    page.get_by_role("button", name="Take: Осмотр").click()
    question.get_by_role("button", name="Replace everything").click()
    expect(text).not_to_have_value(re.compile("Показания"))
    page.get_by_role("button", name="Keep the draft").click()
    page.locator("#templates > summary").wait_for()
    assert Answer.objects.get(appeal=appeal).text.startswith("Ольга Петровна!")
    assert TemplateUse.objects.filter(appeal=appeal).count() == 2


def test_a_double_click_takes_a_passage_once(open_as: Callable[[Employee], Page], here: Registry) -> None:
    head = here.people["unit_head"]
    appeal = here.at("assigned")
    Answer.objects.filter(appeal=appeal).delete()
    appeal.executor = head
    appeal.save(update_fields=["executor"])
    page = open_as(head)
    page.goto(f"/desk/appeals/{appeal.pk}/")
    page.locator("#templates > summary").press("Enter")
    took = page.get_by_role("button", name="Take: Показания")
    for count in (1, 2):
        took.hover()
        page.mouse.down(click_count=count)
        page.mouse.up(click_count=count)
        comes_true(page, f"{TAKEN} > 1")
    page.get_by_role("button", name="Take: Осмотр").press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate(TAKEN) == 2, "once, with a piece before and one after"


def test_the_editor_shows_what_one_types(open_as: Callable[[Employee], Page], here: Registry) -> None:
    page = open_as(here.people["unit_head"])
    page.goto("/desk/templates/new/")
    page.get_by_label("Title").fill("Поверка")
    page.get_by_role("textbox", name="Text", exact=True).fill("Придём {deadlin}")
    shown = page.locator("#t-preview")
    expect(shown).to_contain_text("There is no variable {deadlin}: did you mean {deadline}?")
    page.get_by_text("Variables", exact=True).click()
    page.get_by_role("button", name="Put in: form of address").click()
    expect(shown).to_contain_text("Иван Сергеевич")
    check_everywhere(page, "templates-editor")
    page.get_by_label("a passage that is put into a letter").check()
    page.get_by_role("textbox", name="Text", exact=True).fill("Придём до {deadline}.")
    expect(shown.get_by_text("Before it can be approved")).to_be_hidden()
    page.get_by_role("button", name="Keep and approve").click()
    expect(page.get_by_role("heading", name="Поверка")).to_be_visible()
    check_everywhere(page, "templates-one")
    page.goto("/desk/templates/")
    expect(page.get_by_role("link", name="Поверка")).to_be_visible()
    check_everywhere(page, "templates-list")
