"""When and how often may be called: whatever the numbers, never too many, too often, or at night."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindline.campaigns import pacing
from kindline.campaigns.pacing import Patience, Window

ZONES = st.sampled_from([ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Kyiv"), ZoneInfo("Asia/Kamchatka")])
MOMENTS = st.datetimes(dt.datetime(2025, 1, 1), dt.datetime(2027, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001
HOURS = st.tuples(st.integers(5, 12), st.integers(13, 23))
OUTCOMES = st.sampled_from(
    [
        "confirmed",
        "to_operator",
        "heard",
        "left_on_machine",
        "machine",
        "cut_short",
        "no_answer",
        "busy",
        "unreachable",
        "lost",
    ]
)
MOSCOW = Window(dt.time(9), dt.time(20), ZoneInfo("Europe/Moscow"))


def window(hours: tuple[int, int], zone: ZoneInfo) -> Window:
    return Window(dt.time(hours[0]), dt.time(hours[1]), zone)


@given(MOMENTS, HOURS, ZONES)
def test_the_next_moment_to_call_is_within_the_hours_and_not_in_the_past(
    now: dt.datetime, hours: tuple[int, int], zone: ZoneInfo
) -> None:
    allowed = window(hours, zone)
    opens = allowed.opens(now)
    assert allowed.holds(opens)
    assert now <= opens < now + dt.timedelta(hours=25)
    assert (opens == now) == allowed.holds(now)


COUNTS = st.integers(0, 80)


@given(st.integers(1, 50), COUNTS, COUNTS, st.none() | st.integers(1, 5), st.integers(0, 20), COUNTS)
def test_never_more_at_once_than_the_campaign_the_lines_and_its_operators_allow(
    at_once: int, calling: int, others: int, per_operator: int | None, free: int, lines: int
) -> None:
    room = pacing.room(
        at_once=at_once, calling=calling, lines=lines, per_operator=per_operator, free=free,
        calling_in_all=calling + others,
    )  # fmt: skip
    assert 0 <= room <= lines
    assert room + calling <= max(at_once, calling)
    if per_operator is not None:
        assert room + calling + others <= max(per_operator * free, calling + others)


@given(HOURS, HOURS, ZONES)
def test_the_hours_of_a_campaign_never_leave_those_of_the_standard(
    own: tuple[int, int], norm: tuple[int, int], zone: ZoneInfo
) -> None:
    both = window(own, zone).within(dt.time(norm[0]), dt.time(norm[1]))
    assert dt.time(norm[0]) <= both.begins < both.ends <= dt.time(norm[1])


@given(MOMENTS, HOURS, ZONES)
def test_the_hours_of_a_day_close_after_every_moment_within_them(
    now: dt.datetime, hours: tuple[int, int], zone: ZoneInfo
) -> None:
    allowed = window(hours, zone)
    assert not allowed.holds(now) or allowed.closes(now) > now


@given(st.lists(OUTCOMES, min_size=1, max_size=20), st.integers(1, 8), st.integers(0, 90_000), MOMENTS, HOURS, ZONES)
def test_a_number_is_tried_so_often_at_most_and_no_more_once_it_was_reached(
    outcomes: list[str], most: int, pause_s: int, now: dt.datetime, hours: tuple[int, int], zone: ZoneInfo
) -> None:
    allowed, patience = window(hours, zone), Patience(most, pause_s)
    tries = 0
    for outcome in outcomes:
        tries += 1
        step = pacing.after(outcome, tries=tries, patience=patience, window=allowed, now=now)
        assert (step.next_at is not None) == (step.state == "waiting")
        if step.next_at is None:
            break
        assert step.next_at >= now + dt.timedelta(seconds=pause_s)
        assert allowed.holds(step.next_at)
        now = step.next_at
    assert tries <= most
    if step.state != "waiting":
        assert step.state == pacing.FINAL.get(outcome, "not_reached")


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("confirmed", "confirmed"), ("heard", "reached"), ("to_operator", "to_operator"), ("busy", "waiting")],
)
def test_what_follows_from_an_outcome(outcome: str, state: str) -> None:
    noon = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    assert pacing.after(outcome, tries=1, patience=Patience(3, 60), window=MOSCOW, now=noon).state == state


def test_the_hours_are_those_of_the_organisation() -> None:
    assert MOSCOW.holds(dt.datetime(2026, 3, 2, 6, 0, tzinfo=dt.UTC))
    assert not MOSCOW.holds(dt.datetime(2026, 3, 2, 5, 59, tzinfo=dt.UTC))
    assert not MOSCOW.holds(dt.datetime(2026, 3, 2, 17, 0, tzinfo=dt.UTC))
    evening = dt.datetime(2026, 3, 2, 16, 50, tzinfo=dt.UTC)
    step = pacing.after("busy", tries=1, patience=Patience(2, 1800), window=MOSCOW, now=evening)
    assert step.next_at == dt.datetime(2026, 3, 3, 6, 0, tzinfo=dt.UTC), "not after the hours, but in the morning"
