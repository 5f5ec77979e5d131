"""The wallboard's history: today by half hours beside another day, as a table, a plot and a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.desk import half_hours, wallboard
from kindline.journal import actions as journal
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.switchboard.half_hours import Today
from kindline.switchboard.wallboard import Day
from tests.desk import test_screen
from tests.desk.looking import check_everywhere

window, open_as = test_screen.window, test_screen.open_as
PAGE = "/desk/wallboard/half-hours/"
ZONE = loader.load("krc").zone


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, krc: Any) -> Any:
    """A process that has read nothing yet."""
    monkeypatch.setattr(wallboard, "DAY", Day())
    monkeypatch.setattr(wallboard, "HALVES", Today())
    half_hours.of_past.cache_clear()
    return krc


def left(days_ago: int, n: int, outcome: str = "answered", wait_s: float = 12.0) -> str:
    """A call that left the queue a moment after midnight of a day; returns the half hour on the clock."""
    day = timezone.now().astimezone(ZONE).date() - dt.timedelta(days=days_ago)
    at = dt.datetime.combine(day, dt.time(), ZONE) + dt.timedelta(seconds=1)
    for number in range(n):
        subject = ("contact", f"{days_ago}-{outcome}-{number}", "switchboard")
        data = {"queue": "general", "outcome": outcome, "wait_s": wait_s}
        ended = {"by": "client", "cause": "normal", "outcome": outcome, "wait_s": wait_s, "talk_s": 90.0, "hold_s": 5.0}
        journal.record_many(
            [journal.NewFact("queue_left", *subject, data, at), journal.NewFact("call_ended", *subject, ended, at)]
        )
    return f"{at:%H:%M}"


@pytest.mark.db
def test_today_stands_beside_the_same_day_last_week_or_yesterday(fresh: Any, as_supervisor: Browser) -> None:
    left(0, 3)
    left(0, 1, "abandoned", 40.0)
    left(7, 2)
    shown = as_supervisor.get(PAGE)
    [row] = shown.context["rows"]
    assert row.clock == "00:00"
    assert [row.today[one] for one in ("offered", "answered", "abandoned", "service_level", "aht_s")] == [
        4,
        3,
        1,
        75,
        90,
    ]
    assert (row.other["offered"], row.other["service_level"]) == (2, 100.0)
    assert shown.context["has_other"]
    beside = as_supervisor.get(f"{PAGE}?beside=yesterday")
    assert [one.other["offered"] for one in beside.context["rows"]] == [0]
    assert not beside.context["has_other"]
    assert len(beside.context["plots"][0]["data"]["series"]) == 1


@pytest.mark.db
def test_the_table_can_be_taken_out(fresh: Any, as_supervisor: Browser) -> None:
    left(0, 3)
    lines = b"".join(as_supervisor.get(f"{PAGE}?format=csv")).decode().splitlines()
    assert lines[1].startswith("00:00,3,3,0,100.0,12.0,90.0,,0,0,0,")
    assert b"".join(as_supervisor.get(f"{PAGE}?format=xlsx")).startswith(b"PK")


@pytest.mark.db
def test_the_wall_shows_what_the_day_has_come_to(fresh: Any, as_supervisor: Browser) -> None:
    left(0, 2)
    part = as_supervisor.get("/desk/wallboard/?part=1").content.decode()
    assert '<b id="day-aht_s">1:30</b>' in part
    assert '<b id="day-occupancy">—</b>' in part
    page = as_supervisor.get("/desk/wallboard/").content.decode()
    assert 'id="formula-occupancy"' in page
    assert PAGE in page


@pytest.mark.db
def test_only_those_in_charge_see_it(fresh: Any, as_operator: Browser) -> None:
    assert as_operator.get(PAGE).status_code == 403


@pytest.mark.browser
@pytest.mark.db(transaction=True)
def test_the_history_is_read_by_everybody(
    fresh: Any, open_as: Callable[[Employee], Page], supervisor: Employee
) -> None:
    left(0, 3)
    left(7, 2)
    page = open_as(supervisor)
    page.goto("/desk/wallboard/")
    page.get_by_role("link", name="By half hour").click()
    expect(page.get_by_role("region", name="By half hour")).to_contain_text("100.0 %")
    expect(page.locator(".chart canvas")).to_have_count(2)
    check_everywhere(page, "half-hours")
