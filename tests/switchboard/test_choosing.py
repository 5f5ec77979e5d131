"""The choice of operator and caller, over all that can come and go: order, fairness, and nobody twice."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kindline.switchboard.choosing import POINT_S, Caller, Floor, Idle, Match, Need, pair

QUEUES = {"plain": Need(), "bills": Need({"bills": 1}), "law": Need({"law": 3}), "both": Need({"bills": 2, "law": 2})}
LEVELS = st.dictionaries(st.sampled_from(["bills", "law"]), st.integers(1, 5))
Event = tuple[str, int, str, int, Mapping[str, int], bool]
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["call", "ready", "ready", "leave", "away"]),
        st.integers(1, 8),
        st.sampled_from(sorted(QUEUES)),
        st.integers(0, 3),
        LEVELS,
        st.booleans(),
    ),
    max_size=60,
)


class Model:
    """The same choice by looking through everybody."""

    def __init__(self) -> None:
        self.callers: dict[str, Caller] = {}
        self.idle: dict[int, Idle] = {}

    def best_caller(self, one: Idle) -> list[Caller]:
        able = [caller for caller in self.callers.values() if QUEUES[caller.queue].met_by(one.levels)]
        return sorted(able, key=lambda caller: (caller.turn, int(caller.contact)))

    def best_operator(self, caller: Caller) -> list[Idle]:
        able = [one for one in self.idle.values() if QUEUES[caller.queue].met_by(one.levels)]
        return sorted(able, key=lambda one: one.since)


@settings(max_examples=200, deadline=None)
@given(EVENTS)
def test_who_comes_gets_the_first_in_order_and_nobody_is_there_twice(events: list[Event]) -> None:
    floor, model = Floor(QUEUES), Model()
    busy: dict[int, str] = {}
    served: set[str] = set()
    for now, (kind, number, queue, priority, levels, back) in enumerate(events):
        made = wanted = None
        if kind == "call":
            caller = Caller(str(now), queue, priority=priority, since=float(now))
            made = floor.call(caller, now)
            able = model.best_operator(caller)
            wanted = Match(caller.contact, able[0].employee) if able else None
            model.callers[caller.contact] = caller
        elif kind == "ready" and number not in model.idle and (number not in busy or back):
            busy.pop(number, None)
            one = Idle(number, levels, float(now))
            made = floor.ready(one, now)
            first = model.best_caller(one)
            wanted = Match(first[0].contact, number) if first else None
            model.idle[number] = one
        elif kind == "leave" and model.callers:
            gone = sorted(model.callers)[number % len(model.callers)]
            floor.leave(gone)
            del model.callers[gone]
        elif kind == "away":
            floor.away(number)
            model.idle.pop(number, None)
        assert made == wanted
        if made:
            assert made.contact not in served
            assert made.employee not in busy
            served.add(made.contact)
            busy[made.employee] = made.contact
            del model.callers[made.contact], model.idle[made.employee]
        assert (floor.waiting, floor.idle) == (len(model.callers), len(model.idle))
        for caller in model.callers.values():
            assert not model.best_operator(caller), "somebody waits whom somebody ready could serve"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 30), st.integers(1, 30))
def test_a_round_gives_nobody_two_and_leaves_nobody_who_could_be_served(seed: int, calls: int, staff: int) -> None:
    chance = random.Random(seed)
    queues = [chance.choice(sorted(QUEUES)) for _ in range(calls)]
    callers = [Caller(str(n), name, priority=n % 3, since=float(n)) for n, name in enumerate(queues)]
    idle = [Idle(n, {"bills": chance.randrange(6), "law": chance.randrange(6)}, float(n)) for n in range(staff)]
    found = pair(callers, idle, QUEUES, 100.0)
    assert len({one.contact for one in found}) == len({one.employee for one in found}) == len(found)
    left = [one for one in idle if one.employee not in {match.employee for match in found}]
    for caller in callers:
        if caller.contact not in {match.contact for match in found}:
            assert not any(QUEUES[caller.queue].met_by(one.levels) for one in left)
    turns = {caller.contact: caller.turn for caller in callers}
    assert [turns[one.contact] for one in found] == sorted(turns[one.contact] for one in found)


def test_newcomers_with_priority_do_not_keep_anybody_waiting_for_ever() -> None:
    floor = Floor({"urgent": Need(), "plain": Need()})
    floor.call(Caller("patient", "plain", since=0.0), 0.0)
    for minute in range(1, 20):
        now = minute * POINT_S
        floor.call(Caller(f"urgent{minute}", "urgent", priority=5, since=now), now)
        made = floor.ready(Idle(1, since=now), now)
        assert made is not None
        if made.contact == "patient":
            break
    assert minute == 5


# --- return to the same operator ---
def kept(since: float = 0.0, until: float = 30.0) -> Caller:
    return Caller("again", "bills", since=since, returns_to=7, returns_until=until)


def able(employee: int, since: float = 0.0) -> Idle:
    return Idle(employee, {"bills": 3}, since)


def test_who_calls_again_gets_the_operator_who_knows_him_though_another_is_idle_longer() -> None:
    assert pair([kept()], [able(1, -50.0), able(7, -10.0)], QUEUES, 1.0) == [Match("again", 7)]


def test_within_the_window_he_waits_for_that_operator_and_then_anybody_takes_him() -> None:
    floor = Floor(QUEUES)
    assert floor.ready(able(1), 0.0) is None
    assert floor.call(kept(), 0.0) is None
    assert floor.due(29.0) == []
    assert floor.due(30.0) == [Match("again", 1)]
    floor = Floor(QUEUES)
    floor.call(kept(), 0.0)
    assert floor.ready(able(1), 5.0) is None
    assert floor.ready(able(7), 6.0) == Match("again", 7)


def test_an_operator_without_the_skill_is_not_waited_for_longer_than_the_window() -> None:
    floor = Floor(QUEUES)
    floor.call(kept(), 0.0)
    assert floor.ready(Idle(7, {"law": 5}), 1.0) is None
    assert floor.ready(able(2), 2.0) is None
    assert floor.due(31.0) == [Match("again", 2)]


# --- overflow to another queue ---
def test_overflow_opens_another_queue_and_keeps_the_turn() -> None:
    floor = Floor(QUEUES)
    floor.call(Caller("early", "law", since=0.0), 0.0)
    floor.call(Caller("late", "bills", since=10.0), 10.0)
    assert floor.also("early", "bills", 60.0) is None
    assert floor.ready(able(1), 61.0) == Match("early", 1)
    assert floor.ready(able(2), 62.0) == Match("late", 2)
    assert floor.ready(Idle(3, {"law": 5}), 63.0) is None
    assert floor.also("early", "bills", 64.0) is None


# --- policies ---
@pytest.mark.parametrize(("policy", "chosen"), [("longest-idle", 1), ("least-occupied", 2), ("skill-reserve", 3)])
def test_a_policy_says_who_of_those_ready_is_asked(policy: str, chosen: int) -> None:
    floor = Floor(QUEUES, policy)
    floor.ready(Idle(1, {"bills": 3, "law": 3}, since=0.0, busy_s=900.0), 0.0)
    floor.ready(Idle(2, {"bills": 3, "law": 3}, since=1.0, busy_s=100.0), 1.0)
    floor.ready(Idle(3, {"bills": 3}, since=2.0, busy_s=500.0), 2.0)
    assert floor.call(Caller("a", "bills", since=3.0), 3.0) == Match("a", chosen)


def test_a_queue_without_settings_asks_for_nothing_and_finds_those_who_were_ready_before() -> None:
    floor = Floor(QUEUES)
    floor.ready(Idle(1, since=0.0), 0.0)
    assert floor.call(Caller("a", "new", since=1.0), 1.0) == Match("a", 1)
    assert floor.call(Caller("b", "new", since=2.0), 2.0) is None
    assert floor.ready(Idle(2, since=3.0), 3.0) == Match("b", 2)
