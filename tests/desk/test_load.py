"""The page of the telephone's load: the busy hour from facts, where those in charge look."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.desk.navigation import PAGES
from kindline.journal import actions as journal
from kindline.standard import loader

pytestmark = pytest.mark.db
PAGE = "/desk/load/"


def came(*moments: dt.datetime, outcome: str = "answered") -> None:
    """Calls of clients, as the switchboard leaves them in the journal."""
    for n, at in enumerate(moments):
        subject = ("contact", f"{outcome}-{n}-{at.timestamp()}", "switchboard")
        facts = [journal.NewFact("call_arrived", *subject, {"line": "hotline"}, at)]
        facts += [journal.NewFact("call_answered", *subject, {"wait_s": 75.0}, at)] if outcome == "answered" else []
        journal.record_many([*facts, journal.NewFact("call_ended", *subject, {"outcome": outcome}, at)])


@pytest.fixture
def yesterday(krc: Any) -> dt.datetime:
    """Ten o'clock of the day before, where the organisation is."""
    zone = loader.load("krc").zone
    day = timezone.now().astimezone(zone).date() - dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(10, 40), zone)


@pytest.mark.clause("krc-2-35", "krc-2-54")
def test_the_busy_hour_of_the_day_and_of_the_week_is_shown(as_supervisor: Browser, yesterday: dt.datetime) -> None:
    minute = dt.timedelta(minutes=1)
    came(yesterday, yesterday + 5 * minute, yesterday + 59 * minute, yesterday + 300 * minute)
    came(yesterday + 30 * minute, outcome="abandoned")
    answer = as_supervisor.get(PAGE)
    [row] = [one for one in answer.context["rows"] if one["day"].day == yesterday.date()]
    assert (row["busy"], row["calls"], row["wait"]) == ("10:40 – 11:40", 4, "1:15")
    assert (row["day"].arrived, row["day"].answered, row["day"].abandoned) == (5, 4, 1)
    assert answer.context["usual"] == {"span": "10:40 – 11:40", "calls": round(4 / 7, 1)}
    text = answer.content.decode()
    assert "10:40 – 11:40" in text
    assert "/desk/standard/krc-2-35/" in text


def test_an_average_wait_never_stands_without_the_median_and_the_90th_percentile(
    as_supervisor: Browser, yesterday: dt.datetime
) -> None:
    for n, wait_s in enumerate((*range(1, 10), 600)):
        subject, at = ("contact", f"wait-{n}", "switchboard"), yesterday + n * dt.timedelta(minutes=1)
        facts = [journal.NewFact("call_arrived", *subject, {"line": "hotline"}, at)]
        facts += [journal.NewFact("call_answered", *subject, {"wait_s": float(wait_s)}, at)]
        journal.record_many([*facts, journal.NewFact("call_ended", *subject, {"outcome": "answered"}, at)])
    answer = as_supervisor.get(PAGE)
    [row] = [one for one in answer.context["rows"] if one["day"].day == yesterday.date()]
    assert (row["wait"], row["median"], row["p90"]) == ("1:04", "0:05", "0:09"), "one long wait lies in the average"
    assert "Sum of the wait of answered calls" in answer.content.decode()


def test_the_table_can_be_taken_out(as_supervisor: Browser, yesterday: dt.datetime) -> None:
    came(yesterday)
    lines = b"".join(as_supervisor.get(f"{PAGE}?days=14&format=csv")).decode().splitlines()
    assert len(lines) == 15
    assert f"{yesterday.date():%Y-%m-%d},1,1,0,0,75.0,75.0,75.0,10:40 – 11:40,1" in lines
    assert b"".join(as_supervisor.get(f"{PAGE}?format=xlsx")).startswith(b"PK")


def test_a_standard_without_the_clause_shows_the_hour_all_the_same(as_supervisor: Browser, house: Any) -> None:
    house("court")
    answer = as_supervisor.get(f"{PAGE}?days=x")
    assert answer.context["clause"] == ""
    assert answer.context["usual"] is None
    assert "Nobody called" in answer.content.decode()


def test_it_is_for_those_in_charge_and_stands_in_their_row(
    as_operator: Browser, as_supervisor: Browser, krc: Any
) -> None:
    assert as_operator.get(PAGE).status_code == 403
    assert "phone-load" in [name for name, *_ in PAGES]
    assert PAGE in as_supervisor.get("/desk/supervisor/").content.decode()
