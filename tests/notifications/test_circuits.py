"""When a gateway is asked: the machine alone, under any order of news."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from kindline.notifications import circuits
from kindline.notifications.circuits import FAILURES_MAX, FIRST_REST, LONGEST_REST, RESTS, WORKS, Circuit

NOW = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)
NEW = Circuit(since=NOW)


def failed(circuit: Circuit, times: int, now: dt.datetime = NOW) -> Circuit:
    for _ in range(times):
        circuit = circuits.after_bad(circuit, "down", now)
    return circuit


def test_it_rests_after_several_failures_one_after_the_other() -> None:
    once = failed(NEW, FAILURES_MAX - 1)
    assert once.works
    assert failed(circuits.after_good(once, NOW), FAILURES_MAX - 1).works, "a success between begins anew"
    then = failed(once, 1)
    assert (then.state, then.retry_at, then.reason) == (RESTS, NOW + FIRST_REST, "down")


def test_it_is_tried_after_its_rest_and_rests_longer_each_time() -> None:
    circuit, now, rests = failed(NEW, FAILURES_MAX), NOW, []
    for _ in range(8):
        assert circuit.retry_at is not None
        assert not circuit.may_be_tried(circuit.retry_at - dt.timedelta(seconds=1))
        rests.append(circuit.retry_at - now)
        now = circuit.retry_at
        assert circuit.may_be_tried(now)
        circuit = failed(circuit, 1, now)
    assert rests == sorted(rests)
    assert (rests[0], rests[1], rests[-1]) == (FIRST_REST, 2 * FIRST_REST, LONGEST_REST)
    assert circuit.since == NOW, "since when it fails is not forgotten"
    assert circuits.after_good(circuit, now) == Circuit(since=now)


@given(st.lists(st.tuples(st.sampled_from(["good", "bad", "rest"]), st.integers(0, 900)), max_size=40))
def test_whatever_is_told_in_whatever_order(news: list[tuple[str, int]]) -> None:
    circuit, now, in_a_row = NEW, NOW, 0
    for what, later_s in news:
        was, now = circuit, now + dt.timedelta(seconds=later_s)
        if what == "good":
            circuit, in_a_row = circuits.after_good(circuit, now), 0
        else:
            bad = what == "bad"
            circuit = circuits.after_bad(circuit, "down", now) if bad else circuits.rested(circuit, "down", now)
            in_a_row += bad
        assert circuit.state in (WORKS, RESTS)
        assert circuit.works == (circuit.retry_at is None), "what rests is tried some time, what works is not tried"
        if circuit.state == RESTS:
            assert circuit.retry_at is not None
            assert circuit.retry_at - now <= LONGEST_REST
        if what == "good":
            assert circuit.works
        if was.works and not circuit.works:
            assert what == "rest" or in_a_row >= FAILURES_MAX
