"""A client on hold is not forgotten: the operator is reminded, again and again, and warned of the longest hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kindline.standard import holds, loader
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.reminding import TIMER
from kindline.switchboard.machine.state import Phase
from tests.switchboard.calls import CALLER, PLAN, Call
from tests.switchboard.people import plan_of

EVERY = 60.0
REMINDS = replace(PLAN, hold_remind_s=EVERY)
LIMITED = replace(REMINDS, hold_max_s=150.0)


def held(plan: Any = REMINDS) -> Call:
    call = Call(plan).talking()
    call.asks(e.HoldCaller, announced=True, consent=True)
    return call


def reminders(call: Call) -> list[tuple[float, bool]]:
    return [(one.data["duration_s"], one.data["over_limit"]) for one in call.facts("hold_reminded")]


def test_each_interval_of_a_hold_is_a_reminder_and_the_client_stays_on_hold() -> None:
    call = held().fires(TIMER).fires(TIMER)
    assert reminders(call) == [(60.0, False), (120.0, False)]
    assert call.facts("hold_reminded")[0].data["employee"] == 1
    assert (call.state.phase, call.state.hold and call.state.hold.reminded_s) == (Phase.HELD, 120.0)


@pytest.mark.clause("court-3-11")
def test_the_longest_hold_is_warned_of_at_its_moment_and_nothing_is_cut() -> None:
    call = held(LIMITED).fires(TIMER).fires(TIMER).fires(TIMER).fires(TIMER)
    assert reminders(call) == [(60.0, False), (120.0, False), (150.0, True), (180.0, True)]
    assert call.state.phase is Phase.HELD
    assert call.facts("call_ended") == []


def test_a_clock_that_calls_back_too_soon_or_late_reminds_once() -> None:
    call = held()
    call.after(59.9).happens(e.Fired(at=call.at, timer=TIMER))
    assert (call.state.timers[TIMER] - call.at).total_seconds() == pytest.approx(60.1)
    call.after(200).happens(e.Fired(at=call.at, timer=TIMER))  # another switchboard has adopted the call meanwhile
    assert reminders(call) == [(59.9, False), (259.9, False)]
    assert (call.state.timers[TIMER] - call.at).total_seconds() == pytest.approx(40.1)


@pytest.mark.parametrize(
    "way",
    [
        lambda call: call.asks(e.Resume),
        lambda call: call.gone(CALLER),
        lambda call: call.asks(e.HangUpAsked),
        lambda call: call.happens(e.NodeLost(at=call.at, node="a")),
    ],
)
def test_a_hold_that_is_over_is_not_reminded_of(way: Any) -> None:
    call = held()
    way(call.after(30))
    assert TIMER not in call.state.timers
    call.after(60).happens(e.Fired(at=call.at, timer=TIMER))
    assert reminders(call) == []


def test_the_clock_runs_on_while_a_colleague_is_asked_and_each_hold_begins_anew() -> None:
    call = held().after(40)
    call.asks(e.TransferAsked, target_employee=2, endpoint="op2w")
    call.fires(TIMER)
    assert reminders(call) == [(60.0, False)]
    call.asks(e.CancelTransfer)
    call.after(10).asks(e.Resume)
    call.after(5).asks(e.HoldCaller, consent=True)
    call.fires(TIMER)
    assert reminders(call)[1:] == [(60.0, False)]
    assert call.facts("hold_reminded")[1].data["total_s"] == 130.0
    assert call.state.holds == 2


def test_without_a_word_of_the_standard_nobody_is_reminded() -> None:
    assert TIMER not in held(PLAN).state.timers


@pytest.mark.parametrize("profile", loader.profile_ids())
def test_every_profile_says_how_often_and_the_step_to_come_back_with_has_words(profile: str) -> None:
    loaded = loader.load(profile)
    said, plan = holds.of(loaded), plan_of(loaded)
    assert (plan.hold_remind_s, plan.hold_max_s) == (said.every_s, said.max_s)
    assert said.every_s == 60
    scripts = [one for one in loaded.scripts.values() if (one.channel, one.direction) == ("phone", "in")]
    steps = [step for one in scripts for branch in one.branches for step in branch.steps if step.id == said.step]
    assert len(steps) == (len(scripts) if said.step else 0)
    assert all(step.phrases for step in steps)


@pytest.mark.clause("court-3-11")
def test_only_the_courts_have_a_longest_hold() -> None:
    said = {one: holds.of(loader.load(one)) for one in loader.profile_ids()}
    assert {one: (held.max_s, held.clause) for one, held in said.items() if held.max_s} == {
        "court": (180.0, "court-3-11")
    }
