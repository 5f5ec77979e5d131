"""What a caller is told of his wait: from the pace of the queue, from impatience, else from the length of talks."""

from __future__ import annotations

import pytest

from kindline.switchboard import forecasts
from kindline.switchboard.machine import events as e
from kindline.switchboard.waits import FRESH_S, Pace, Waits
from tests.switchboard.calls import Call
from tests.switchboard.people import Kept, at, operator


def told(call: Call, position: int, expected_wait_s: float | None) -> Call:
    """It is said to the caller how he stands."""
    call.happens(e.Fired(at=call.at, timer="announce", position=position, expected_wait_s=expected_wait_s))
    return call


def moved(gap_s: float, times: int = 50, wait_s: float = 300.0) -> Waits:
    waits = Waits()
    for n in range(times):
        waits.served("q", n * gap_s, wait_s)
    return waits


def test_a_queue_that_moves_every_ten_seconds_needs_ten_seconds_a_place() -> None:
    assert moved(10.0).expected_s("q", 6, 500.0) == 60.0


def test_steps_of_an_empty_queue_say_nothing_of_its_pace() -> None:
    assert moved(10.0, wait_s=0.0).expected_s("q", 6, 500.0) is None
    pace = Pace()
    pace.served(0.0, 5.0)
    pace.served(10.0, 9.0)
    assert pace.gap_s is None
    pace.served(20.0, 10.0)
    assert pace.gap_s == 10.0


def test_the_pace_follows_what_happened_lately() -> None:
    waits = moved(10.0)
    for n in range(100):
        waits.served("q", 500.0 + n * 2.0, 300.0)
    assert waits.expected_s("q", 10, 700.0) == pytest.approx(20.0, abs=0.5)


def test_an_old_pace_and_an_unknown_queue_fall_back_to_the_length_of_talks() -> None:
    waits = moved(10.0)
    waits.handling_s, waits.operators = 60.0, 2
    assert waits.expected_s("q", 3, 490.0 + FRESH_S) == 30.0
    assert waits.expected_s("q", 3, 491.0 + FRESH_S) == 90.0
    assert waits.expected_s("other", 3, 490.0) == 90.0


def test_where_callers_give_up_the_queue_moves_faster_than_it_is_served() -> None:
    waits = moved(10.0)
    patient = waits.expected_s("q", 30, 500.0)
    for _ in range(50):
        waits.gave_up("q", 300.0)
    assert waits.expected_s("q", 30, 500.0, patient=True) == patient, "who keeps his place does not give up"
    told = waits.expected_s("q", 30, 500.0)
    assert patient == 300.0
    assert told is not None
    assert 100.0 < told < 250.0


def test_what_was_told_first_is_compared_with_what_came_true() -> None:
    call = Call().arrives().plays_out()
    call.presses("0")
    told(told(call, 3, 90.0).after(30), 2, 60.0)
    call.after(40).offered().rings().after(5).answered()
    assert call.fact("wait_forecast_compared") == {
        "queue": call.fact("queue_entered")["queue"], "expected_wait_s": 90.0, "wait_s": 75.0, "error_s": 15.0,
    }  # fmt: skip


def test_who_was_told_nothing_is_compared_with_nothing() -> None:
    call = Call().arrives().plays_out()
    call.presses("0")
    told(call, 1, None).after(5).offered().rings().answered()
    assert "wait_forecast_compared" not in call.kinds()


@pytest.mark.db
def test_the_mean_error_counts_both_ways_and_is_none_when_nobody_was_told() -> None:
    assert forecasts.mean_error_s(at(0), at(86400)) is None
    for told_s in (30.0, 130.0):
        anna = operator(f"anna{told_s:.0f}")
        call = Kept("krc").arrives().plays_out()
        call.presses("0")
        told(call, 1, told_s).after(60).offered(anna.pk).rings().answered()
    assert forecasts.mean_error_s(at(0), at(86400)) == 50.0
