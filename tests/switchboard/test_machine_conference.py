"""The machine of a conference: how it begins, who may leave it and how, who keeps the client."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from kindline.switchboard import reconcile
from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.lost import NO_MEDIA
from kindline.switchboard.machine.state import CallState, Phase
from kindline.switchboard.reconcile import Seen
from tests.switchboard.calls import CALLER, PLAN, START, Call

FREE_PLAN = dataclasses.replace(PLAN, transfer_needs=frozenset())
STRICT_PLAN = dataclasses.replace(PLAN, transfer_needs=frozenset({"introduced", "accepted"}))


def consulting(call: Call | None = None, endpoint: str = "op1s") -> Call:
    """Operator 1 talks with colleague 2, the client waits."""
    call = (call or Call()).talking(endpoint=endpoint).after(10)
    call.asks(e.TransferAsked, target_employee=2, target="Petrova", endpoint="op2s")
    return call.rings().after(3).answered().after(5)


def conference(call: Call | None = None, endpoint: str = "op1s") -> Call:
    """All three talk, for 20 seconds so far."""
    call = consulting(call, endpoint)
    assert not refusals(call.asks(e.Conference))
    return call.after(20)


def refusals(made: list[c.Command]) -> list[str]:
    """The codes of what was refused."""
    return [one.code for one in made if isinstance(one, c.Refuse)]


def legs(call: Call) -> tuple[str, str]:
    """The channels of the operator and of the colleague."""
    assert call.state.operator
    assert call.state.third
    return call.state.operator.channel, call.state.third.channel


def ended(call: Call, outcome: str) -> None:
    """The conference has ended so, after its 20 seconds."""
    assert call.fact("conference_ended") == {
        "employee": 1, "target": "Petrova", "target_employee": 2, "duration_s": 20.0, "outcome": outcome,
    }  # fmt: skip
    assert call.state.conference_since is None


def freed(call: Call) -> dict[int, str]:
    """What became last of each colleague."""
    return dict(call.operators())


# --- its beginning ---
@pytest.mark.clause("krc-5.5.3-07")
def test_the_client_is_brought_in_and_nobody_is_left_out() -> None:
    call = conference()
    assert call.state.phase is Phase.CONFERENCE
    assert call.hear_each_other() == {CALLER, *legs(call)}
    assert CALLER not in call.music
    assert call.fact("conference_started") == {"employee": 1, "target": "Petrova", "target_employee": 2}
    assert {track.leg for track in call.state.tracks} == {"client", "operator", "specialist"}
    assert not [one for one in call.done if isinstance(one, c.Keep)], "a recording was broken off"


def test_music_ends_before_the_client_comes_into_the_bridge() -> None:
    call = consulting()
    made = [one for one in call.asks(e.Conference) if isinstance(one, c.Engine)]
    assert made == [c.StopMusic(CALLER), c.Join(call.state.bridge, (CALLER,))]


def test_a_client_on_hold_is_off_hold_in_it() -> None:
    call = Call().talking()
    call.asks(e.HoldCaller, announced=True)
    call.after(30).asks(e.TransferAsked, target_employee=2, endpoint="op2s")
    call.after(3).answered().asks(e.Conference)
    assert call.state.phase is Phase.CONFERENCE
    assert call.fact("hold_ended") == {"duration_s": 33.0, "total_s": 33.0, "outcome": "resumed"}
    assert freed(call)[1] == "talking"


def test_not_before_the_colleague_has_answered() -> None:
    call = Call().talking()
    call.asks(e.TransferAsked, target_employee=2, endpoint="op2s")
    assert refusals(call.asks(e.Conference)) == ["not_answered"]
    assert call.state.phase is Phase.CONSULTING
    assert CALLER not in call.hear_each_other()


def test_only_the_operator_begins_it_and_only_from_a_consultation() -> None:
    assert refusals(consulting().asks(e.Conference, employee=2)) == ["not_your_call"]
    assert refusals(Call().talking().asks(e.Conference)) == ["not_now"]
    assert refusals(conference().asks(e.Conference)) == ["not_now"]


# --- in it ---
@pytest.mark.parametrize("wish", [e.HoldCaller, e.Resume])
def test_nobody_is_put_on_hold_in_it(wish: type[e.Asked]) -> None:
    call = conference()
    assert refusals(call.asks(wish)) == ["not_now"]
    assert call.state.phase is Phase.CONFERENCE
    assert call.hear_each_other() == {CALLER, *legs(call)}


def test_no_fourth_is_called() -> None:
    call = conference()
    assert refusals(call.asks(e.TransferAsked, target_employee=3, endpoint="op3s")) == ["not_now"]
    assert call.kept == {1, 2}


@pytest.mark.parametrize("who", [1, 2])
def test_each_of_the_two_mutes_himself_alone(who: int) -> None:
    call = conference()
    own = legs(call)[who - 1]
    assert c.MuteLeg(own) in call.asks(e.Mute, employee=who)
    assert call.fact("microphone_muted") == {"employee": who}
    call.after(4)
    assert c.UnmuteLeg(own) in call.asks(e.Unmute, employee=who)
    assert call.fact("microphone_unmuted") == {"employee": who, "duration_s": 4.0}


def test_a_colleague_who_stays_with_the_client_stays_muted_and_can_be_heard_again() -> None:
    call = conference(Call(FREE_PLAN))
    call.asks(e.Mute, employee=2)
    call.asks(e.Complete)
    assert refusals(call.asks(e.Unmute, employee=2)) == []
    assert call.kinds().count("microphone_unmuted") == 1


def test_keys_are_pressed_towards_the_client() -> None:
    assert c.PressDigits(CALLER, "12") in conference().asks(e.SendDigits, digits="12")


# --- the operator leaves ---
def leave_by_button(call: Call) -> list[c.Command]:
    return call.asks(e.Complete)


def leave_by_hanging_up(call: Call) -> list[c.Command]:
    return call.asks(e.HangUpAsked)


@pytest.mark.parametrize("leave", [leave_by_button, leave_by_hanging_up])
@pytest.mark.clause("krc-5.5.3-07")
def test_the_operator_leaves_and_the_colleague_keeps_the_client(leave: Any) -> None:
    call = conference()
    operator, colleague = legs(call)
    call.asks(e.Introduce, client_name="N", matter="m")
    assert not refusals(leave(call))
    assert call.state.phase is Phase.TALKING
    assert call.state.operator
    assert call.state.operator.channel == colleague
    assert call.hear_each_other() == {CALLER, colleague}
    assert operator not in call.channels
    assert freed(call) == {1: "wrap_up", 2: "talking"}
    ended(call, "transferred")
    assert call.fact("transfer_completed")["connect_s"] == 28.0
    assert call.state.served_by == (1, 2)
    assert {track.leg for track in call.state.tracks} == {"client", "specialist"}


def test_the_client_is_not_joined_anew_when_the_operator_leaves() -> None:
    call = conference(Call(FREE_PLAN))
    assert not [one for one in call.asks(e.Complete) if isinstance(one, c.Join)]


@pytest.mark.clause("krc-5.6.4-16")
def test_without_the_introduction_he_may_not_leave() -> None:
    call = conference()
    assert refusals(call.asks(e.Complete)) == ["not_introduced"]
    assert refusals(call.asks(e.HangUpAsked)) == ["conference_open"]
    assert [note.data["action"] for note in call.facts("action_refused")] == ["transfer_complete", "conference_leave"]
    assert call.state.phase is Phase.CONFERENCE
    assert call.hear_each_other() == {CALLER, *legs(call)}


@pytest.mark.clause("yumek-9.4-23")
def test_where_the_colleague_must_accept_he_can_in_the_conference() -> None:
    call = conference(Call(STRICT_PLAN))
    call.asks(e.Introduce)
    assert refusals(call.asks(e.HangUpAsked)) == ["conference_open"]
    call.asks(e.Accept, employee=2)
    assert not refusals(call.asks(e.HangUpAsked))
    ended(call, "transferred")


def test_a_telephone_that_is_hung_up_cannot_be_refused_the_colleague_keeps_the_client() -> None:
    call = conference()
    operator, colleague = legs(call)
    call.gone(operator)
    assert call.hear_each_other() == {CALLER, colleague}
    assert freed(call) == {1: "wrap_up", 2: "talking"}
    ended(call, "transferred")
    assert "transfer_introduced" not in call.kinds(), "the clause of the introduction is not met"
    assert call.fact("transfer_completed")["target_employee"] == 2


# --- the operator vanishes ---
def page_closed(call: Call) -> None:
    call.happens(e.MediaLost(at=call.at, employee=1))


def channel_gone(call: Call) -> None:
    call.gone(legs(call)[0])


@pytest.mark.parametrize("vanish", [page_closed, channel_gone])
def test_an_operator_whose_page_vanishes_leaves_the_client_with_the_colleague(vanish: Any) -> None:
    call = conference(endpoint="op1w")
    operator, colleague = legs(call)
    vanish(call)
    assert call.state.phase is Phase.TALKING
    assert call.hear_each_other() == {CALLER, colleague}
    assert operator not in call.channels
    assert call.fact("media_lost") == {"leg": "operator", "employee": 1}
    ended(call, "operator_lost")
    assert call.fact("transfer_cancelled")["reason"] == "operator_lost"
    assert "transfer_completed" not in call.kinds(), "nobody has passed the call on"
    assert freed(call) == {1: "wrap_up", 2: "talking"}
    call.happens(e.PhoneBack(at=call.at, employee=1, endpoint="op1w"))
    assert call.hear_each_other() == {CALLER, colleague}


def test_a_telephone_that_falls_silent_has_vanished_too() -> None:
    call = conference()
    call.gone(legs(call)[0], NO_MEDIA)
    ended(call, "operator_lost")


def test_after_the_introduction_a_vanished_operator_has_passed_the_call_on() -> None:
    call = conference(endpoint="op1w")
    call.asks(e.Introduce)
    page_closed(call)
    ended(call, "operator_lost")
    assert call.fact("transfer_completed")["target_employee"] == 2
    assert "transfer_cancelled" not in call.kinds()


# --- the colleague leaves ---
def test_the_operator_lets_the_colleague_go() -> None:
    call = conference()
    operator, colleague = legs(call)
    made = call.asks(e.CancelTransfer, reason="thanked")
    assert not [one for one in made if isinstance(one, c.Join)], "the talk is not broken for it"
    assert call.state.phase is Phase.TALKING
    assert call.hear_each_other() == {CALLER, operator}
    assert colleague not in call.channels
    assert freed(call) == {1: "talking", 2: "ready"}
    ended(call, "released")
    assert call.fact("transfer_cancelled") == {"target": "Petrova", "reason": "thanked"}
    assert {track.leg for track in call.state.tracks} == {"client", "operator"}


def hangs_up(call: Call) -> None:
    call.gone(legs(call)[1])


def asks_to_leave(call: Call) -> None:
    assert not refusals(call.asks(e.HangUpAsked, employee=2))


def page_vanishes(call: Call) -> None:
    call.happens(e.MediaLost(at=call.at, employee=2))


@pytest.mark.parametrize("leave", [hangs_up, asks_to_leave, page_vanishes])
def test_the_colleague_leaves_and_the_talk_goes_on(leave: Any) -> None:
    call = conference()
    operator, colleague = legs(call)
    leave(call)
    assert call.state.phase is Phase.TALKING
    assert call.hear_each_other() == {CALLER, operator}
    assert colleague not in call.channels
    assert freed(call) == {1: "talking", 2: "ready"}
    ended(call, "colleague_left")
    assert call.fact("transfer_cancelled")["reason"] == "colleague_left"
    assert "transfer_refused" not in call.kinds(), "he was there"
    assert not refusals(call.asks(e.HoldCaller))


def test_a_colleague_who_cannot_answer_says_so_and_leaves() -> None:
    call = conference()
    call.asks(e.RefuseTransfer, employee=2, reason="cannot_answer")
    assert call.state.phase is Phase.TALKING
    ended(call, "colleague_left")
    assert call.fact("transfer_refused")["reason"] == "cannot_answer"


def test_another_colleague_can_be_consulted_after_it() -> None:
    call = conference()
    call.asks(e.CancelTransfer)
    call.asks(e.TransferAsked, target_employee=3, endpoint="op3s")
    call.after(2).answered().asks(e.Conference)
    assert call.state.phase is Phase.CONFERENCE
    assert [note.data["target_employee"] for note in call.facts("conference_started")] == [2, 3]


# --- the end ---
def test_a_client_who_hangs_up_ends_it_for_all() -> None:
    call = conference()
    call.gone(CALLER)
    assert call.state.over
    assert not call.channels
    assert not call.bridges
    assert freed(call) == {1: "wrap_up", 2: "ready"}
    assert call.fact("call_ended")["by"] == "client"
    ended(call, "hangup")
    stored = [one.leg for one in call.done if isinstance(one, c.Keep)]
    assert sorted(stored) == ["client", "operator", "specialist"]


def test_a_talk_is_ended_on_a_ground_for_all() -> None:
    call = conference()
    call.asks(e.Terminate, ground="insult")
    assert call.state.over
    assert not call.channels
    ended(call, "hangup")


def test_an_engine_that_dies_ends_it() -> None:
    call = conference()
    call.happens(e.NodeLost(at=call.at, node="a"))
    assert freed(call) == {1: "wrap_up", 2: "ready"}
    ended(call, "hangup")


# --- after a switchboard that died ---
def seen(call: Call, *, inside: set[str], gone: set[str] | None = None) -> Seen:
    """The engine with all channels of the call up but those that are gone, and these in the bridge."""
    state = call.state
    there = set(reconcile.channels_of(state)) - (gone or set())
    return Seen(
        START,
        {channel: {"id": channel, "state": "Up"} for channel in there},
        {state.bridge: frozenset(inside)},
        recording=frozenset(track.name for track in state.tracks),
    )


def caught_up(call: Call, found: Seen) -> CallState:
    """The call after all that it missed."""
    for event in reconcile.missed(call.state, found, call.at):
        call.happens(event)
    return call.state


def test_a_conference_that_is_whole_misses_nothing() -> None:
    call = conference()
    found = seen(call, inside={CALLER, *legs(call)})
    assert reconcile.missed(call.state, found, call.at) == []
    assert reconcile.repairs(call.state, found) == []
    assert set(legs(call)) < set(reconcile.channels_of(call.state))
    assert reconcile.half_dialled(call.state, found) == []


def test_a_client_who_was_not_yet_brought_in_is_brought_in_without_the_music() -> None:
    call = conference()
    found = seen(call, inside=set(legs(call)))
    assert reconcile.repairs(call.state, found) == [c.StopMusic(CALLER), c.Join(call.state.bridge, (CALLER,))]


def test_one_who_left_meanwhile_is_missed() -> None:
    call = conference()
    state = caught_up(call, seen(call, inside=set(), gone={legs(call)[1]}))
    assert state.phase is Phase.TALKING
    ended(call, "colleague_left")
    call = conference()
    colleague = legs(call)[1]
    state = caught_up(call, seen(call, inside=set(), gone={legs(call)[0]}))
    assert state.operator
    assert state.operator.channel == colleague
    call = conference()
    assert caught_up(call, seen(call, inside=set(), gone={CALLER, *legs(call)})).over
    ended(call, "hangup")
