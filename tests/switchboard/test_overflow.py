"""A queue that is too full sends the newcomer on: by those who wait before him, or by the wait he must expect."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from kindline.standard import building, loader
from kindline.switchboard import in_hand, menu, returning
from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.plan import QueueRule
from kindline.switchboard.machine.state import Phase
from tests.switchboard.calls import CALLER, PLAN, Call

BY_LENGTH = QueueRule(5, 15, 30, 300, "general", overflow_length=10)
BY_WAIT = QueueRule(5, 15, 30, 300, "general", overflow_expected_s=600)


def arrived(rule: QueueRule, general: QueueRule = PLAN.queues["general"]) -> Call:
    plan = replace(PLAN, queues={"general": general, "billing": rule})
    call = Call(plan).arrives().plays_out()
    call.presses("2")
    return call


def stands(call: Call, position: int, expected_wait_s: float | None = None) -> Call:
    call.at = call.state.timers["place"]
    call.happens(e.Fired(at=call.at, timer="place", position=position, expected_wait_s=expected_wait_s))
    return call


def queue_of(call: Call) -> str:
    assert call.state.waiting is not None
    return call.state.waiting.queue


@pytest.mark.parametrize(
    ("rule", "position", "expected_s", "queue"),
    [
        (BY_LENGTH, 10, None, "billing"), (BY_LENGTH, 11, None, "general"), (BY_LENGTH, 0, None, "billing"),
        (BY_WAIT, 90, 600.0, "billing"), (BY_WAIT, 2, 601.0, "general"), (BY_WAIT, 90, None, "billing"),
    ],
)  # fmt: skip
def test_the_newcomer_goes_on_where_it_is_too_full(
    rule: QueueRule, position: int, expected_s: float | None, queue: str
) -> None:
    call = stands(arrived(rule), position, expected_s)
    assert queue_of(call) == queue
    left = [note.data["outcome"] for note in call.facts("queue_left")]
    assert left == (["overflow"] if queue == "general" else [])


def hears_his_place(call: Call, position: int, expected_wait_s: float | None) -> Call:
    """The moment at which he is told his place and his wait."""
    call.at = call.state.timers["announce"]
    call.happens(e.Fired(at=call.at, timer="announce", position=position, expected_wait_s=expected_wait_s))
    return call


@pytest.mark.parametrize(
    ("rule", "position", "expected_s", "queue"),
    [
        (BY_WAIT, 3, 600.0, "billing"), (BY_WAIT, 3, 900.0, "general"), (BY_LENGTH, 11, 60.0, "general"),
        (BY_LENGTH, 10, 900.0, "billing"),
    ],
)  # fmt: skip
def test_a_forecast_that_rises_later_sends_him_on_with_the_next_announcement(
    rule: QueueRule, position: int, expected_s: float, queue: str
) -> None:
    call = hears_his_place(stands(arrived(rule), 3, 300.0), 3, 300.0)
    assert queue_of(call) == "billing"
    call = hears_his_place(call.plays_out(), position, expected_s)
    assert queue_of(call) == queue
    told = len(call.facts("queue_position_said"))
    assert told == (1 if queue == "general" else 2), "who goes on is not told a place that he has no more"
    assert call.state.waiting is not None
    began = call.facts("queue_entered")[0].at
    assert call.state.waiting.since == began, "he has waited since he came"


def test_who_was_sent_on_once_is_not_sent_on_again_by_a_later_forecast() -> None:
    full = replace(BY_WAIT, overflow_to="billing")
    call = stands(arrived(BY_WAIT, full), 3, 900.0)
    assert queue_of(call) == "general"
    assert queue_of(hears_his_place(call, 3, 900.0)) == "general"


def test_two_full_queues_do_not_send_a_caller_to_and_fro() -> None:
    call = stands(arrived(BY_LENGTH, replace(BY_LENGTH, overflow_to="billing")), 50)
    assert queue_of(call) == "general"
    assert "place" not in call.state.timers


def test_a_full_queue_may_send_on_to_a_message() -> None:
    call = stands(arrived(replace(BY_LENGTH, overflow_to="voicemail")), 11)
    assert call.state.phase is not Phase.QUEUED
    assert call.facts("queue_left")[0].data["outcome"] == "voicemail"


def test_where_nothing_is_set_nobody_is_sent_on() -> None:
    assert "place" not in arrived(QueueRule(5, 15, 30, 300, "general")).state.timers


@pytest.mark.parametrize("profile", loader.profile_ids())
def test_every_profile_sends_on_who_would_wait_too_long_and_keeps_who_calls_again_for_his_operator(
    profile: str,
) -> None:
    found = loader.load(profile)
    rules = menu.plan(found, found.menu, {}, switchboard="sb-test").queues
    assert all(rule.is_full(201, None) and rule.is_full(1, 1801.0) for rule in rules.values())
    assert not any(rule.is_full(200, 1800.0) for rule in rules.values())
    known = returning.windows(found.menu)
    assert set(known) == set(rules)
    assert {(one.within_s, one.wait_s) for one in known.values()} == {(1800.0, 15.0)}


def test_it_is_a_setting_of_the_queue() -> None:
    raw = {"title": {"ru": "q"}, "overflow": {"after_s": 300, "to": "voicemail", "length": 20, "expected_wait_s": 900}}
    rule = menu._queue(loader.load("krc"), building.queue("q", raw))
    assert (rule.overflow_length, rule.overflow_expected_s) == (20, 900)


def waited_out(general: QueueRule = PLAN.queues["general"]) -> Call:
    """A caller who has waited for the 300 s after which his queue sends him on."""
    return arrived(QueueRule(5, 15, 30, 300, "general"), general).fires("overflow")


def test_who_is_sent_on_waits_since_he_began_to_wait_and_each_second_counts_once() -> None:
    call = arrived(QueueRule(5, 15, 30, 300, "general"))
    began = call.state.waiting
    call.fires("overflow")
    assert began is not None
    assert call.state.waiting is not None
    assert (queue_of(call), call.state.waiting.since) == ("general", began.since)
    call.after(20).offered().rings().answered()
    assert [note.data["wait_s"] for note in call.facts("queue_left")] == [300.0, 320.0]
    assert [note.data["here_s"] for note in call.facts("queue_left")] == [300.0, 20.0]
    assert call.state.wait_s == 320.0


def test_who_gives_up_after_he_was_sent_on_has_waited_all_the_time() -> None:
    call = waited_out().after(20).gone(CALLER)
    assert [note.data["wait_s"] for note in call.facts("queue_left")] == [300.0, 320.0]


def test_whose_talk_was_cut_waits_anew_in_his_queue() -> None:
    call = arrived(QueueRule(5, 15, 30, 300, "general")).after(100).offered().rings().answered().after(60)
    call.happens(e.MediaLost(at=call.at, employee=1))
    call.fires("reattach").after(20).offered().rings().answered()
    assert [note.data["here_s"] for note in call.facts("queue_left")] == [100.0, 20.0]
    assert [note.data["wait_s"] for note in call.facts("queue_left")] == [100.0, 120.0]


def test_who_is_sent_on_is_before_those_who_came_to_the_other_queue_meanwhile() -> None:
    waiting = waited_out().state.waiting
    assert waiting is not None
    late = replace(waiting, since=waiting.since + dt.timedelta(seconds=299), priority=waiting.priority)
    assert in_hand.turn(waiting) < in_hand.turn(late)


def test_the_second_queue_has_its_own_time_until_it_sends_on() -> None:
    call = waited_out(replace(PLAN.queues["general"], callback_after_s=60, overflow_after_s=200))
    sent_on = call.at
    call.fires("callback").plays_out().presses("1").after(10).presses("*")
    assert queue_of(call) == "general"
    assert call.state.timers["overflow"] == sent_on + dt.timedelta(seconds=200)


def test_who_comes_before_all_others_is_not_sent_on() -> None:
    """His talk was cut: he stands at the head, however long the queue is behind him."""
    call = arrived(BY_WAIT).offered(1, "op1w").answered()
    call.happens(e.MediaLost(at=call.at, employee=1))
    call.fires("reattach")
    assert queue_of(hears_his_place(call, 1, 5000.0)) == "billing"


@pytest.mark.parametrize("why", ["too full", "too long"])
def test_what_plays_is_cut_where_he_is_sent_on(why: str) -> None:
    call = hears_his_place(arrived(BY_WAIT), 2, 60.0)
    plays = call.state.playback
    assert plays
    if why == "too full":
        hears_his_place(call, 2, 5000.0)
    else:
        call.fires("overflow")
    assert queue_of(call) == "general"
    assert [one.playback for one in call.done if isinstance(one, c.StopPlay)] == [plays]
    assert call.state.playback == ""
