"""The wallboard and the floor in a real browser: formulas by mouse and keyboard, stale and back, keys of a row."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from kindline.journal import actions as journal
from kindline.staff.models import Employee
from kindline.switchboard.models import Call, Crossing, CrossingNotice, Operator
from tests.desk import test_screen
from tests.desk.conftest import Switchboard, Talk
from tests.desk.looking import check_axe, check_everywhere, shoot

pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
window, open_as = test_screen.window, test_screen.open_as


@pytest.fixture
def busy_day(krc: Any, talk: Talk, supervisor: Employee) -> Any:
    """A talk under way, one who waits too long, and calls that have ended."""
    now, contact = timezone.now(), talk()
    Operator.objects.create(employee=supervisor, state="offline", since=now, registered=True)
    for number, (outcome, wait_s) in enumerate([("answered", 12.0), ("answered", 95.0), ("abandoned", 40.0)]):
        data = {"queue": "general", "outcome": outcome, "wait_s": wait_s}
        journal.record(kind="queue_left", subject_type="contact", subject_id=f"c{number}", data=data, at=now)
    made = Crossing.objects.create(
        profile="krc", queue="", measure="asa_s", level="warn", value=61, limit=60, began_at=now
    )
    CrossingNotice.objects.create(crossing=made, employee=supervisor)
    return contact


OVERFLOWING = """[...document.querySelectorAll('.board-tile')]
  .filter(one => one.scrollWidth > one.clientWidth).map(one => one.innerText)"""


def test_the_wallboard_is_read_by_everybody(
    busy_day: Any, open_as: Callable[[Employee], Page], supervisor: Employee
) -> None:
    page = open_as(supervisor)
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto("/desk/wallboard/")
    level = page.locator(".board-tile", has_text="Service level")
    expect(level.locator(".board-value")).to_have_text("33.3 %")
    expect(page.locator(".board-tile.level-ok, .board-tile.level-warn").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= 1920")
    size = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.board-value')).fontSize)")
    assert size >= 64, "figures are read from five metres"
    page.evaluate("document.querySelectorAll('.board-value').forEach(one => { one.textContent = '33.3 %' })")
    assert page.evaluate(OVERFLOWING) == [], "six signs"
    page.evaluate("document.querySelectorAll('.board-value').forEach(one => one.classList.add('long'))")
    page.evaluate("document.querySelectorAll('.board-value').forEach(one => { one.textContent = '100.0 %' })")
    for width in (390, 800, 1440, 1920):
        page.set_viewport_size({"width": width, "height": 1080})
        assert page.evaluate(OVERFLOWING) == [], f"seven signs at {width}"
    page.reload()
    shoot(page, "wallboard-1920")
    formula = page.locator("#formula-service_level")
    expect(formula).to_be_hidden()
    level.get_by_role("button").hover()
    expect(formula).to_be_visible()
    expect(formula).to_contain_text("Answered within T / (offered − abandoned within t)")
    page.mouse.move(5, 5)
    expect(formula).to_be_hidden()
    level.get_by_role("button").focus()
    expect(formula).to_be_visible()
    page.keyboard.press("Escape")
    expect(formula).to_be_hidden()
    before = page.locator("body").get_attribute("data-theme")
    page.get_by_role("button", name="Dark or light").click()
    expect(page.locator("body")).to_have_attribute("data-theme", "light" if before == "dark" else "dark")
    shoot(page, "wallboard-1920-dark")
    check_axe(page)
    page.get_by_role("button", name="Dark or light").click()
    expect(page.locator("body")).to_have_attribute("data-theme", str(before))
    check_everywhere(page, "wallboard")


ASKED = """
window.Notification = class { static permission = "default";
  static requestPermission() { this.permission = "ANSWER"; return Promise.resolve("ANSWER"); } };
"""


@pytest.mark.parametrize(("answer", "left"), [("granted", 0), ("denied", 1)])
def test_the_wallboard_asks_for_the_browsers_notices_and_keeps_quiet_about_an_answer(
    busy_day: Any, open_as: Callable[[Employee], Page], supervisor: Employee, answer: str, left: int
) -> None:
    page = open_as(supervisor)
    page.add_init_script(ASKED.replace("ANSWER", answer))
    page.goto("/desk/wallboard/")
    page.get_by_role("button", name="Notify me of crossings").click()
    expect(page.get_by_role("button", name="Notify me of crossings")).to_have_count(0)
    expect(page.get_by_role("button", name="Notices are blocked in this browser")).to_have_count(left)
    assert page.evaluate("Notification.permission") == answer


def test_a_heading_of_a_queue_opens_its_formula(
    busy_day: Any, open_as: Callable[[Employee], Page], supervisor: Employee
) -> None:
    page = open_as(supervisor)
    page.goto("/desk/wallboard/")
    heading = page.locator(".board-queues thead").get_by_role("button", name="Answered / offered")
    heading.focus()
    expect(page.locator("#formula-answered_offered")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#formula-answered_offered")).to_be_hidden()


def test_a_wallboard_without_news_says_so_and_comes_back_with_what_it_missed(
    busy_day: Any, open_as: Callable[[Employee], Page], supervisor: Employee
) -> None:
    page = open_as(supervisor)
    page.goto("/desk/wallboard/")
    answered = page.locator(".board-queues tr", has_text="General questions").locator("td").last
    expect(answered).to_have_text("2 / 3")
    expect(answered.get_by_role("link").first).to_have_attribute("href", re.compile("left=answered&queue=general$"))

    def away(route: Route) -> None:
        route.abort()

    page.route(re.compile("part=1"), away)
    stale = page.locator("#stale")
    expect(stale).to_be_visible(timeout=25_000)
    expect(stale).to_contain_text("No news since")
    data = {"queue": "general", "outcome": "answered", "wait_s": 5.0}
    journal.record(kind="queue_left", subject_type="contact", subject_id="c9", data=data, at=timezone.now())
    connection.close()
    page.unroute(re.compile("part=1"), away)
    expect(stale).to_be_hidden()
    expect(answered).to_have_text("3 / 4")


def test_the_keys_of_a_row_do_what_its_buttons_do(
    busy_day: Any, open_as: Callable[[Employee], Page], supervisor: Employee, operator: Employee,
    switchboard: Switchboard,
) -> None:  # fmt: skip
    page = open_as(supervisor)
    page.goto("/desk/supervisor/")
    row = page.locator(f"#operator-{operator.pk}")
    row.focus()
    page.keyboard.press("w")
    expect(page.get_by_role("status").filter(has_text="You whisper")).to_be_visible()
    assert switchboard.last == (f"/calls/{busy_day.pk}/supervise", {"employee": supervisor.pk, "mode": "whisper"})
    check_everywhere(page, "floor")
    page.locator(f"#operator-{operator.pk}").click()
    expect(page.get_by_role("heading", name="Put into a state")).to_be_visible()
    check_everywhere(page, "floor-operator")
    page.goto("/desk/wallboard/thresholds/")
    check_everywhere(page, "thresholds")


def test_the_operator_is_told_that_somebody_listens(
    busy_day: Any, open_as: Callable[[Employee], Page], supervisor: Employee, operator: Employee
) -> None:
    row = Call.objects.get(pk=busy_day.pk)
    now = timezone.now().isoformat()
    row.data["supervision"] = {
        "employee": supervisor.pk, "mode": "listen", "endpoint": "x", "channel": "c", "room": "r", "asked_at": now,
        "up_at": now,
    }  # fmt: skip
    Call.objects.filter(pk=row.pk).update(data=row.data)
    page = open_as(operator)
    expect(page.locator(".supervised")).to_contain_text("Орлова Вера слушает этот разговор")
