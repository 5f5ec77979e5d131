"""Shifts in a real browser: a week is entered for several, seen by all, and by each operator as his own."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.staff import shifts
from kindline.staff.models import Employee, Shift
from kindline.staff.shift_plans import Plan
from tests.desk import test_screen
from tests.desk.conftest import employee
from tests.desk.looking import check_everywhere, shoot

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
window, open_as = test_screen.window, test_screen.open_as


@pytest.fixture
def room(krc: Any, operator: Employee) -> list[Employee]:
    """Several operators."""
    names = ["Белов", "Громова", "Зайцев", "Лисина"]
    return [
        operator,
        *(employee(f"op{n}", "operator", surname=name, given_name="Анна") for n, name in enumerate(names)),
    ]


def test_a_week_is_entered_by_keyboard_for_several_and_each_sees_his_own(
    room: list[Employee], krc: Any, open_as: Callable[[Employee], Page], supervisor: Employee, operator: Employee
) -> None:
    page = open_as(supervisor)
    page.goto("/desk/shifts/")
    page.get_by_text("Enter shifts, or take them away").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Соколова Анна Игоревна").check()
    page.get_by_label("Белов Анна").check()
    page.get_by_label("Begins", exact=True).first.fill("09:00")
    page.get_by_label("Ends", exact=True).first.fill("09:00")
    page.get_by_role("group", name="Break 1").get_by_label("Begins").fill("13:00")
    page.get_by_role("group", name="Break 1").get_by_label("Ends").fill("14:00")
    page.get_by_label("Ends", exact=True).first.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("write another end")
    expect(page.get_by_label("Белов Анна")).to_be_checked()
    expect(page.get_by_role("group", name="Break 1").get_by_label("Ends")).to_have_value("14:00")
    check_everywhere(page, "shifts-refused")
    page.get_by_label("Ends", exact=True).first.fill("18:00")
    page.get_by_label("Ends", exact=True).first.press("Enter")
    expect(page.get_by_text("10 shifts entered.")).to_be_visible()
    row = page.get_by_role("row", name=re.compile("Соколова"))
    expect(row.get_by_role("link")).to_have_count(5)
    expect(row).to_contain_text("40:00")
    check_everywhere(page, "shifts")
    row.get_by_role("link").first.click()
    expect(page.get_by_label("Begins", exact=True).first).to_have_value("09:00")
    check_everywhere(page, "shift")
    page.get_by_label("Begins", exact=True).first.fill("10:00")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("row", name=re.compile("Соколова"))).to_contain_text("10:00–18:00")
    page.get_by_role("button", name="Copy this week to the next").click()
    expect(page.get_by_text("10 shifts entered in the next week.")).to_be_visible()
    assert Shift.objects.count() == 20
    page.get_by_role("button", name=re.compile("Log out|Выйти")).click()
    own = open_as(operator)
    own.goto("/desk/own-shifts/")
    expect(own.get_by_role("row")).to_have_count(11)
    expect(own.get_by_role("table")).to_contain_text("10:00–18:00")
    check_everywhere(own, "own-shifts")


def test_a_file_is_looked_through_before_it_is_entered(
    room: list[Employee], open_as: Callable[[Employee], Page], supervisor: Employee
) -> None:
    page = open_as(supervisor)
    page.goto("/desk/shifts/file/")
    lines = page.get_by_label("Or paste its lines")
    lines.fill("op0;2026-12-07;09:00;18:00\nop9;2026-12-07;09:00;18:00\nop1;2026-12-07;nine;18:00")
    page.get_by_role("button", name="Look through").click()
    expect(page.get_by_role("alert")).to_contain_text("Line 2")
    expect(page.get_by_role("alert")).to_contain_text("Line 3")
    check_everywhere(page, "shifts-file-faults")
    page.get_by_label("Lines of the file").fill("op0;2026-12-07;09:00;18:00\nop1;2026-12-07;09:00;18:00")
    page.get_by_role("button", name="Look through").click()
    expect(page.get_by_role("status")).to_contain_text("2 shifts can be entered.")
    check_everywhere(page, "shifts-file")
    page.get_by_role("button", name="Enter", exact=True).click()
    expect(page.get_by_role("row", name=re.compile("Белов"))).to_contain_text("09:00–18:00")


def test_figures_and_the_floor_beside_the_schedule(
    room: list[Employee], krc: Any, open_as: Callable[[Employee], Page], supervisor: Employee, other: Employee
) -> None:
    now = timezone.now()
    plan = Plan(room[0].pk, now - dt.timedelta(minutes=40), now + dt.timedelta(hours=3))
    shifts.enter(plans=[plan], employee=supervisor, now=now)
    page = open_as(supervisor)
    page.goto("/desk/supervisor/")
    expect(page.get_by_text("Should be here by their shifts")).to_be_visible()
    expect(page.get_by_text("Here without a shift")).to_be_visible()
    check_everywhere(page, "floor-on-shift")
    page.goto("/desk/shifts/figures/")
    heading = page.get_by_role("button", name="Adherence")
    heading.focus()
    expect(page.locator("#formula-adherence")).to_be_visible()
    shoot(page, "shift-figures-formula")
    page.keyboard.press("Escape")
    check_everywhere(page, "shift-figures")


def test_who_keeps_a_shift_that_another_has_changed_is_told_and_keeps_his_once_more(
    krc: Any, open_as: Callable[[Employee], Page], supervisor: Employee, operator: Employee
) -> None:
    now = timezone.now().replace(second=0, microsecond=0)
    hour = dt.timedelta(hours=1)
    shifts.enter(plans=[Plan(operator.pk, now, now + 3 * hour)], employee=supervisor, now=now)
    one = Shift.objects.get()
    page = open_as(supervisor)
    page.goto(f"/desk/shifts/{one.pk}/")
    shifts.change(shift=one, plan=Plan(operator.pk, now, now + 2 * hour), employee=supervisor, now=now)
    page.get_by_label("Begins", exact=True).first.fill("08:00")
    page.get_by_label("Ends", exact=True).first.fill("17:00")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody has changed this shift meanwhile")
    check_everywhere(page, "shift-otherwise")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("Kept.")).to_be_visible()
    one.refresh_from_db()
    assert one.start_at.astimezone(krc.zone).hour == 8
