"""What a quarterly report says of appeals: those that were due, the whole quarter too; frozen ones as they were."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from kindline.site.report_models import QuarterReport
from kindline.site.reports import figures, words
from kindline.standard import loader
from kindline.standard.profile import Profile
from tests.site.test_reports import QUARTER, RESULTS

clause = pytest.mark.clause


@pytest.fixture
def voe() -> Profile:
    """The distributor."""
    return loader.load("voe")


DUE_ROWS: list[dict[str, Any]] = [
    {"month": "2026-07", "topic": "Світло", "appeals": 9, "due": 8, "on_time": 5, "late": 1, "overdue_open": 2,
     "extended": 1, "repeated": 0, "on_time_percent": 62},
    {"month": "2026-08", "topic": None, "appeals": None, "due": 12, "on_time": 9, "late": 3, "overdue_open": 0,
     "extended": 2, "repeated": 1, "on_time_percent": 75},
    {"month": "2026-09", "topic": "Світло", "appeals": 7, "due": None, "on_time": None, "late": None,
     "overdue_open": None, "extended": None, "repeated": None, "on_time_percent": None},
]  # fmt: skip
OLD_ROWS: list[dict[str, Any]] = [
    {"month": "2026-07", "topic": "Світло", "appeals": 9, "answered_in_time": 6, "answered_late": 1, "waiting": 2,
     "in_time_percent": 86},
]  # fmt: skip


def shown(voe: Profile, rows: list[dict[str, Any]]) -> dict[str, words.Shown]:
    """The tables of a report with these rows of appeals, by their titles."""
    found = {"monitoring": RESULTS, "appeals": rows, "satisfaction": []}
    return {one.title: one for one in words.parts(found, voe, "en")}


@clause("voe-1-09")
def test_answers_on_time_are_told_of_the_whole_quarter_too(voe: Profile) -> None:
    with translation.override("en"):
        found = shown(voe, DUE_ROWS)
    told = dict(found["Answers on time"].rows)
    assert (told["due"], told["answered by the limit"], told["late and open"], told["extended"]) == (20, 14, 2, 3)
    assert told["answered by the limit / appeals whose limit lay in the quarter, percent"] == 70
    assert found["Appeals by month and topic"].rows[0] == ("Світло", "07.2026", 9, 8, 5, 1, 2, 1, 0, 62)


@clause("voe-1-09")
def test_a_report_that_was_frozen_before_says_what_it_said(voe: Profile) -> None:
    with translation.override("en"):
        found = shown(voe, OLD_ROWS)
    assert "Answers on time" not in found
    assert found["Appeals by month and topic"].columns[3:] == (
        "answered within the term", "answered after the term", "not answered yet",
    )  # fmt: skip
    assert found["Appeals by month and topic"].rows == [("Світло", "07.2026", 9, 6, 1, 2)]
    report = QuarterReport(quarter=QUARTER, figures={"monitoring": RESULTS, "appeals": OLD_ROWS, "satisfaction": []})
    told = [(row["measure"], row["value"]) for row in figures.table(report, voe).rows if row["part"] == "appeals"]
    assert told == [("appeals", 9), ("answered_in_time", 6), ("answered_late", 1), ("waiting", 2)]
