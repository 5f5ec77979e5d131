"""A call instead of waiting, in the machine: offered, asked for, read back, typed anew, and the place kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.plan import QueueRule
from kindline.switchboard.machine.state import Phase
from tests.switchboard.calls import CALLER, PLAN, START, Call

NUMBER = "+79001112233"


def offered(call: Call | None = None) -> Call:
    """A client who has waited for a minute and heard the offer."""
    call = call or Call()
    return call.arrives().plays_out().presses("0").fires("callback").plays_out()


def kept(call: Call) -> c.KeepPlace:
    [found] = [one for one in call.done if isinstance(one, c.KeepPlace)]
    return found


def played(call: Call) -> list[str]:
    return [one.media.removeprefix("sound:/") for one in call.done if isinstance(one, c.Play)]


@pytest.mark.clause("krc-5.4.1-23", "krc-5.5.2-09")
def test_he_confirms_his_number_and_his_place_is_kept() -> None:
    call = offered()
    since = call.state.waiting.since if call.state.waiting else None
    call.presses("1").plays_out()
    assert played(call)[-13:] == ["callback.number", *(f"digit.{one}" for one in "89001112233"), "callback.confirm"]
    call.presses("1")
    assert kept(call) == c.KeepPlace(NUMBER, "general", 0, since or START, call.at)
    assert call.fact("callback_asked") | {"wait_s": 0} == {
        "queue": "general", "phone": NUMBER, "own_number": True, "wait_s": 0,
    }  # fmt: skip
    call.plays_out()
    assert played(call)[-1] == "callback.accepted"
    assert call.fact("queue_left")["outcome"] == "callback"
    assert call.fact("call_ended")["outcome"] == "callback"


def test_the_key_means_nothing_before_it_was_offered() -> None:
    call = Call().arrives().plays_out().presses("0").presses("1")
    assert call.state.phase is Phase.QUEUED
    assert offered().presses("5").state.phase is Phase.QUEUED


def test_a_key_that_is_no_figure_does_not_end_the_waiting_for_figures() -> None:
    call = offered().presses("1").plays_out().presses("289A")
    assert call.state.timers.keys() == {"wish"}, "nothing would ever happen"


def test_it_is_offered_again_and_not_into_another_message_or_a_ringing_phone() -> None:
    call = offered()
    call.fires("announce").fires("callback")
    assert len(call.facts("callback_offered")) == 1, "the place in the queue is being told"
    call.plays_out().fires("callback").plays_out()
    assert len(call.facts("callback_offered")) == 2
    call.offered(1).fires("callback")
    assert call.state.phase is Phase.OFFERING
    assert "callback" in call.state.timers
    assert len(call.facts("callback_offered")) == 2


def test_another_number_is_typed_read_back_and_confirmed() -> None:
    call = offered().presses("12").plays_out().presses("88007776655#").plays_out()
    assert played(call)[-1] == "callback.confirm"
    call.presses("1")
    assert kept(call).phone == "+78007776655"
    assert call.fact("callback_asked")["own_number"] is False


def test_what_was_typed_counts_without_the_hash_once_nothing_more_comes() -> None:
    call = offered().presses("12").presses("88007776655").fires("wish")
    assert call.state.wish is not None
    assert call.state.wish.number == "+78007776655"


def test_a_number_that_cannot_be_is_asked_again_and_then_he_waits_on() -> None:
    call = offered().presses("12")
    for _ in range(3):
        call.presses("12#")
    assert call.fact("callback_declined")["reason"] == "wrong_number"
    assert call.state.phase is Phase.QUEUED
    assert CALLER in call.music


def test_the_star_clears_what_was_typed_and_then_leaves() -> None:
    call = offered().presses("12").presses("555*")
    assert call.state.wish is not None
    assert call.state.wish.typed == ""
    call.presses("*")
    assert call.fact("callback_declined")["reason"] == "stays"
    assert call.state.phase is Phase.QUEUED


def test_who_stays_on_the_line_keeps_his_place_and_his_limits() -> None:
    call = offered()
    before = call.state.waiting
    call.presses("1").after(20).presses("*")
    assert call.state.waiting == before
    assert call.state.timers["overflow"] == START + dt.timedelta(seconds=600) + (
        (before.since if before else START) - START
    )
    call.offered(1).rings().after(2).answered()
    assert call.state.phase is Phase.TALKING


def test_who_says_nothing_waits_on() -> None:
    call = offered().presses("1").plays_out()
    for _ in range(2):
        call.fires("wish").plays_out()
    call.fires("wish")
    assert call.fact("callback_declined")["reason"] == "silence"
    assert call.state.phase is Phase.QUEUED


def test_a_hidden_number_must_be_typed() -> None:
    call = Call()
    call.happens(e.Arrived(at=call.at, line="direct", caller="anonymous", called="direct"))
    call.plays_out().fires("callback").plays_out().presses("1")
    assert played(call)[-1] == "callback.type"
    call.presses("89005554433#").plays_out().presses("1")
    assert kept(call).phone == "+79005554433"


@pytest.mark.parametrize(
    ("keys", "outcome", "left"),
    [("", "abandoned", "abandoned"), ("1", "abandoned", "abandoned"), ("1289", "abandoned", "abandoned"),
     ("11", "callback", "callback")],
)  # fmt: skip
def test_he_may_hang_up_at_any_point(keys: str, outcome: str, left: str) -> None:
    call = offered().presses(keys).gone(CALLER)
    assert call.fact("call_ended")["outcome"] == outcome
    assert call.fact("queue_left")["outcome"] == left


def test_an_operator_who_comes_free_meanwhile_is_not_lost() -> None:
    call = offered().presses("1")
    call.offered(1)
    assert call.kept == set()
    assert call.state.phase is Phase.PROMISING


def test_a_call_whose_turn_would_come_too_late_is_not_promised() -> None:
    rules = dict(PLAN.queues) | {"general": replace(PLAN.queues["general"], callback_within_s=40)}
    call = offered(Call(replace(PLAN, queues=rules)))
    assert call.facts("callback_offered") == []
    assert call.fact("callback_withheld")["expected_wait_s"] == 50
    assert call.presses("1").state.phase is Phase.QUEUED
    assert "callback" in call.state.timers, "the queue may have become shorter by then"


FULL = QueueRule(0, 15, 30, 600, "callback", box="night", overflow_length=3)


def full() -> Call:
    call = Call(replace(PLAN, queues={"general": FULL})).arrives().plays_out().presses("0")
    call.at = call.state.timers["place"]
    call.happens(e.Fired(at=call.at, timer="place", position=9))
    return call


def test_a_full_queue_sends_on_to_a_callback() -> None:
    call = full()
    assert call.state.phase is Phase.PROMISING
    call.presses("1").plays_out()
    assert call.fact("queue_left")["outcome"] == "callback"
    assert kept(call).queue == "general"


def test_who_does_not_want_it_there_leaves_a_message() -> None:
    call = full().presses("*")
    assert call.state.phase is Phase.MESSAGE
    assert call.state.box == "night"
    assert call.fact("queue_left")["outcome"] == "voicemail"


# --- the call to him ---
def given(endpoint: str = "op1s") -> Call:
    """The dispatcher gave an operator the call to a client who waits for his turn."""
    call = Call()
    call.channels.clear()
    call.kept.add(1)
    since = START - dt.timedelta(seconds=90)
    event = e.DialOut(
        at=call.at, employee=1, endpoint=endpoint, number=NUMBER, callback=5, queue="general", since=since
    )
    call.happens(event)
    return call


def test_an_operator_is_asked_first_then_the_client_is_called_and_both_talk() -> None:
    call = given().rings().after(3).answered()
    assert call.fact("callback_given") == {"employee": 1, "queue": "general", "wait_s": 90.0}
    dials = [one for one in call.done if isinstance(one, c.Dial)] + [
        one for many in call.done if isinstance(many, c.Together) for one in many.commands if isinstance(one, c.Dial)
    ]
    assert {one.kind for one in dials} == {"offer", "client"}
    call.after(5).happens(e.Up(at=call.at, channel=CALLER))
    call.plays_out()
    assert call.state.phase is Phase.TALKING
    assert CALLER in call.hear_each_other()
    call.gone(CALLER)
    assert call.fact("call_ended")["outcome"] == "answered"


@pytest.mark.parametrize(
    ("how", "reason", "state"),
    [("ring", "timeout", "paused"), ("decline", "declined", "ready"), ("busy", "declined", "ready"),
     ("away", "unreachable", "offline"), ("hang up", "declined", "ready")],
)  # fmt: skip
def test_an_operator_who_does_not_take_it_is_passed_over(how: str, reason: str, state: str) -> None:
    call = given().rings()
    leg = call.state.operator.channel if call.state.operator else ""
    if how == "ring":
        call.fires("ring")
    elif how in ("decline", "hang up"):
        call.asks(e.Decline if how == "decline" else e.HangUpAsked)
    else:
        call.gone(leg, 17 if how == "busy" else 20)
    assert call.fact("callback_not_taken")["reason"] == reason
    assert call.fact("call_ended")["outcome"] == "not_taken"
    assert call.operators()[-1] == (1, state)
    assert call.facts("client_dialled") == []
    assert call.kept == set()


def test_another_cannot_decline_it() -> None:
    call = given().rings()
    made = call.asks(e.Decline, employee=2)
    assert any(isinstance(one, c.Refuse) for one in made)
    assert call.state.phase is Phase.CALLING_OPERATOR


def test_who_will_be_called_already_is_told_so_and_not_offered_it_again() -> None:
    call = Call().arrives().plays_out().presses("0").fires("callback", kept=True)
    assert [one.media for one in call.done if isinstance(one, c.Play)][-1] == "sound:/callback.known"
    assert call.fact("callback_known")["queue"] == "general"
    assert call.facts("callback_offered") == []
    assert call.plays_out().presses("1").state.phase is Phase.QUEUED
