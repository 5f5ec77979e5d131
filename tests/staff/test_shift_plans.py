"""A shift read from the clock: nights, days on which clocks change, breaks, what cannot be."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindline.staff import shift_plans
from kindline.staff.shift_plans import Clocks, Plan, UnfitShiftError, moved, pieces, planned

KYIV = ZoneInfo("Europe/Kyiv")
SPRING, AUTUMN = dt.date(2027, 3, 28), dt.date(2026, 10, 25)
"""In Kyiv 03:00 is left out on the first, and comes twice on the second."""


def clock(text: str) -> dt.time:
    return dt.time.fromisoformat(text)


def plan(day: dt.date, start: str, end: str, *breaks: tuple[str, str, str]) -> Plan:
    typed = [Clocks(kind, clock(begins), clock(ends)) for kind, begins, ends in breaks]
    return planned(1, day, clock(start), clock(end), typed, KYIV)


@pytest.mark.parametrize(
    ("day", "start", "end", "hours"),
    [
        (dt.date(2026, 12, 7), "09:00", "18:00", 9),
        (dt.date(2026, 12, 7), "22:00", "06:00", 8),
        (SPRING, "00:00", "09:00", 8),
        (SPRING - dt.timedelta(1), "22:00", "06:00", 7),
        (AUTUMN, "00:00", "09:00", 10),
        (AUTUMN - dt.timedelta(1), "22:00", "06:00", 9),
        (AUTUMN, "03:30", "05:00", 2.5),  # of the two half past three the first is meant
    ],
)
def test_a_shift_is_as_long_as_time_passes(day: dt.date, start: str, end: str, hours: float) -> None:
    made = plan(day, start, end)
    assert made.end_at - made.start_at == dt.timedelta(hours=hours)
    assert made.start_at.astimezone(KYIV).date() == day


@pytest.mark.parametrize(
    ("day", "start", "end", "breaks", "code", "field"),
    [
        (dt.date(2026, 12, 7), "09:00", "09:00", [], "same", "end"),
        (SPRING, "03:30", "09:00", [], "no_such_time", "start"),
        (SPRING - dt.timedelta(1), "22:00", "03:15", [], "no_such_time", "end"),
        (SPRING - dt.timedelta(1), "22:00", "06:00", [("break", "03:10", "04:10")], "no_such_time", "breaks"),
        (dt.date(2026, 12, 7), "09:00", "18:00", [("lunch", "17:30", "18:30")], "outside", "breaks"),
        (dt.date(2026, 12, 7), "09:00", "18:00", [("lunch", "08:30", "09:30")], "outside", "breaks"),
        (dt.date(2026, 12, 7), "09:00", "18:00", [("lunch", "13:00", "13:00")], "outside", "breaks"),
        (
            dt.date(2026, 12, 7), "09:00", "18:00", [("lunch", "13:00", "14:00"), ("break", "13:59", "14:10")],
            "overlapping", "breaks",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(
    day: dt.date, start: str, end: str, breaks: list[tuple[str, str, str]], code: str, field: str
) -> None:
    with pytest.raises(UnfitShiftError) as refused:
        plan(day, start, end, *breaks)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_breaks_of_a_night_lie_on_both_sides_of_midnight_in_their_order() -> None:
    made = plan(dt.date(2026, 12, 7), "22:00", "06:00", ("lunch", "02:00", "03:00"), ("break", "23:50", "00:10"))
    said = [(one.kind, f"{one.start_at.astimezone(KYIV):%d %H:%M}") for one in made.breaks]
    assert said == [("break", "07 23:50"), ("lunch", "08 02:00")]


def test_a_copied_week_keeps_the_clock_where_it_changes() -> None:
    before = plan(SPRING - dt.timedelta(6), "09:00", "18:00", ("lunch", "13:00", "14:00"))
    after = moved(before, 7, KYIV)
    assert after == plan(SPRING + dt.timedelta(1), "09:00", "18:00", ("lunch", "13:00", "14:00"))
    assert after.start_at - before.start_at == dt.timedelta(days=7, hours=-1)


MINUTES = st.integers(0, 24 * 60 - 1).map(lambda n: dt.time(n // 60, n % 60))


@given(
    day=st.sampled_from([SPRING - dt.timedelta(1), SPRING, AUTUMN - dt.timedelta(1), AUTUMN, dt.date(2026, 12, 7)]),
    start=MINUTES, end=MINUTES, breaks=st.lists(st.tuples(MINUTES, MINUTES), max_size=3),
)  # fmt: skip
def test_pieces_fill_the_shift_without_gap_or_overlap(
    day: dt.date, start: dt.time, end: dt.time, breaks: list[tuple[dt.time, dt.time]]
) -> None:
    try:
        made = planned(1, day, start, end, [Clocks("break", *one) for one in breaks], KYIV)
    except UnfitShiftError:
        return
    parts = list(pieces(made))
    assert (parts[0].start_at, parts[-1].end_at) == (made.start_at, made.end_at)
    assert all(one.end_at == other.start_at for one, other in pairwise(parts))
    assert [one for one in parts if one.kind == "break"] == list(made.breaks)
    assert all(one.length_s > 0 for one in parts)


def test_days_between_two_are_chosen_by_the_day_of_the_week() -> None:
    found = shift_plans.days(dt.date(2026, 12, 4), dt.date(2026, 12, 14), [0, 4])
    assert found == [dt.date(2026, 12, 4), dt.date(2026, 12, 7), dt.date(2026, 12, 11), dt.date(2026, 12, 14)]
