"""The wallboard's history: today by half hours beside another day, as a table, a plot and a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client as Browser
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.desk import half_hours, wallboard
from kindline.journal import actions as journal
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.switchboard.figures import Stay, Terms
from kindline.switchboard.half_hours import Half, Kept, Today
from kindline.switchboard.half_hours import halves as today_by_halves
from kindline.switchboard.wallboard import Day
from tests.desk import test_screen
from tests.desk.looking import check_everywhere

window, open_as = test_screen.window, test_screen.open_as
PAGE = "/desk/wallboard/half-hours/"
ZONE = loader.load("krc").zone
KYIV = ZoneInfo("Europe/Kyiv")


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


def test_after_a_change_of_clocks_the_same_time_stands_beside_the_same_time() -> None:
    """In Kyiv 03:00 is left out on 28 March 2027, and comes twice on 25 October 2026; then both stand there."""
    usual, spring, autumn = (hours_of(*day) for day in ((2026, 10, 18), (2027, 3, 28), (2026, 10, 25)))
    profile = replace(loader.load("krc"), zone=KYIV)
    for today, other in ((usual, spring), (spring, usual), (usual, autumn), (autumn, usual)):
        rows = half_hours._rows(today, other, profile)
        assert [row.clock for row in rows if row.today["offered"]] == ["02:00", "09:00"]
        assert [row.clock for row in rows if row.other["offered"]] == ["02:00", "09:00"]
        nights = ["03:00", "03:30"] * (2 if autumn in (today, other) else 1)
        assert [row.clock for row in rows][2 : 3 + len(nights)] == [*nights, "04:00"]


def hours_of(year: int, month: int, day: int) -> list[Half]:
    """A day in Kyiv with a call at 02:00 and another at 09:00."""
    midnight, end = (dt.datetime(year, month, day + n, tzinfo=KYIV) for n in (0, 1))
    stays = [Stay(str(hour), "general", 5.0, "answered", midnight.replace(hour=hour)) for hour in (2, 9)]
    utc = [replace(one, at=one.at.astimezone(dt.UTC)) for one in stays]
    return today_by_halves(utc, Kept(end), Terms(60, 60), midnight)


@pytest.mark.db
def test_the_table_can_be_taken_out(fresh: Any, as_supervisor: Browser) -> None:
    left(0, 3)
    lines = b"".join(as_supervisor.get(f"{PAGE}?format=csv")).decode().splitlines()
    assert lines[1].startswith("00:00,3,3,0,100.0,100.0,100.0,100.0,12.0,12.0,12.0,90.0,,,0,0,0,"), (
        "other engines' levels, the median and the 90th percentile stand beside ours"
    )
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
