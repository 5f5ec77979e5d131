"""When clients may be called by the house itself: by the client's own clock."""

from __future__ import annotations

import datetime as dt

import pytest

from kindline.standard import loader
from kindline.switchboard import calling_hours

SAMARA, KALININGRAD, MOBILE, KYIV = "+78462001122", "+74012551122", "+79001112233", "+380442001122"


def at(hour: int, minute: int = 0) -> dt.datetime:
    """A moment by universal time."""
    return dt.datetime(2026, 3, 2, hour, minute, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("number", "moment", "may"),
    [
        (KALININGRAD, at(6, 59), False),  # 8:59 there
        (KALININGRAD, at(7), True),
        (SAMARA, at(5), True),  # 9:00 there
        (SAMARA, at(16), False),  # 20:00 there
        (KALININGRAD, at(16), True),  # 18:00 there
        (MOBILE, at(5, 59), False),  # of several zones: the house's, Moscow
        (MOBILE, at(6), True),
        ("", at(6), True),
    ],
)
def test_a_number_is_called_by_the_clock_where_it_is(number: str, moment: dt.datetime, may: bool) -> None:
    hours = calling_hours.of(loader.load("krc"))
    assert hours is not None
    assert str(hours.zone) == "Europe/Moscow"
    assert hours.permit(number, moment) is may


@pytest.mark.parametrize("profile", loader.profile_ids())
def test_every_profile_says_its_hours_and_that_they_are_assumed(profile: str) -> None:
    standard = loader.load(profile)
    found = calling_hours.of(standard)
    assert found is not None
    assert found.begins < found.ends
    assert calling_hours.VARIABLE in standard.assumed


def test_without_hours_nobody_is_held_back() -> None:
    from dataclasses import replace

    assert calling_hours.of(replace(loader.load("krc"), variables={})) is None
    hours = calling_hours.of(loader.load("voe"))
    assert hours is not None
    assert hours.permit(KYIV, at(7))
