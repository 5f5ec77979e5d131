"""The goals of the standard on the invented organisation: figures that somebody could believe."""

import datetime as dt

import pytest
from pytest_django import Settings

from kindline.quality import goals
from kindline.runtime import demonstration
from kindline.standard import loader

pytestmark = pytest.mark.db
NOW = dt.datetime(2026, 10, 7, 12, 0, tzinfo=dt.UTC)
BETWEEN = {
    "occupancy": (0.4, 0.85),
    "handling_time": (90, 600),
    "contacts_an_hour": (3, 20),
    "service_time": (60, 600),
    "contacts_a_matter": (1, 1.5),
    "reached": (0.75, 1),
    "satisfied": (0.3, 1),
    "loyalty": (-0.6, 1),
    "several_services": (0.02, 0.8),
    "visits": (0.02, 0.6),
    "visits_for_remote": (0.3, 1),
}


@pytest.mark.clause("krc-3-03")
def test_what_the_director_sees_of_the_demonstration(settings: Settings) -> None:
    settings.KINDLINE = {**settings.KINDLINE, "profile": "krc", "demo_password": "shown at the start"}
    demonstration.load(contacts=240, now=NOW)
    found = goals.follow(loader.load("krc"), NOW.date(), 7)
    series = {one.figure.name: one for goal in found for one in goal.series}
    whole = {
        name: sum(value * of for _, value, of in one.months if value is not None)
        / max(1, sum(of for *_, of in one.months))
        for name, one in series.items()
    }
    wrong = {name: whole[name] for name, (low, high) in BETWEEN.items() if not low <= whole[name] <= high}
    assert wrong == {}
    assert len(series["occupancy"].known) >= 6
