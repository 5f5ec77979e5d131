"""The goals of the standard, and its basis, in a real browser: formulas by mouse and keyboard, plots, every width."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kindline.staff.models import Employee
from tests.desk import test_screen
from tests.desk.looking import check_everywhere
from tests.desk.test_goals import _month, _talk

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
window, open_as = test_screen.window, test_screen.open_as


@pytest.mark.clause("krc-3-06", "krc-1-04")
def test_a_formula_opens_by_mouse_and_keyboard_and_the_pages_are_read_by_everybody(
    krc: Any, open_as: Callable[[Employee], Page], supervisor: Employee
) -> None:
    for back, talk_s in ((3, 400), (2, 300), (1, 200)):
        _talk(_month(back), talk_s)
    page = open_as(supervisor)
    page.goto("/desk/goals/")
    label = page.locator("#label-service_time_s-service_time")
    formula = page.locator("#formula-service_time_s-service_time")
    expect(page.locator(".goal-chart canvas").first).to_be_visible()
    expect(formula).to_be_hidden()
    label.hover()
    expect(formula).to_be_visible()
    page.mouse.move(2, 2)
    expect(formula).to_be_hidden()
    label.focus()
    expect(formula).to_contain_text("contacts that were answered")
    page.keyboard.press("Escape")
    expect(formula).to_be_hidden()
    check_everywhere(page, "goals")
    page.goto("/desk/basis/")
    expect(page.get_by_role("heading", name="Legal acts")).to_be_visible()
    check_everywhere(page, "basis")
