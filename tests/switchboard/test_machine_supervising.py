"""A supervisor in a call: who hears whom in each way of being there, and that he never holds anything up."""

from __future__ import annotations

import pytest

from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.state import Phase
from tests.switchboard.calls import CALLER, Call

SUPERVISOR = 9


def listens(call: Call) -> list[c.Listen]:
    """The ears of supervisors, in the order in which they were made."""
    return [one for one in call.done if isinstance(one, c.Listen) and one.spy == "both"]


def refusal(made: list[c.Command]) -> str:
    return next((one.code for one in made if isinstance(one, c.Refuse)), "")


def test_who_listens_sits_apart_with_an_ear_that_carries_nothing() -> None:
    call = Call().talking().supervised()
    here = call.state.supervision
    assert here
    assert call.members[here.room] == {here.channel, here.ear}
    assert here.channel not in call.hear_each_other()
    [ear] = listens(call)
    assert call.state.operator
    assert (ear.channel, ear.whisper) == (call.state.operator.channel, "none")
    assert call.fact("supervision_started") == {"employee": SUPERVISOR, "mode": "listen", "operator": 1}
    assert call.operators()[-1] == (SUPERVISOR, "watching")


def test_a_whisper_goes_to_the_operators_phone_alone() -> None:
    call = Call().talking().supervised()
    call.asks(e.Supervise, SUPERVISOR, mode="whisper")
    call.hears()
    old, new = listens(call)
    assert call.state.operator
    assert (new.channel, new.whisper) == (call.state.operator.channel, "out")
    assert old.ear not in call.channels
    assert CALLER not in {one.channel for one in listens(call)}, "nothing is whispered into the client's phone"
    assert call.fact("supervision_changed") == {"employee": SUPERVISOR, "mode": "whisper", "was": "listen"}


def test_who_joins_is_heard_by_all_and_recorded() -> None:
    call = Call().talking().supervised("barge")
    here = call.state.supervision
    assert here
    assert call.state.operator
    assert call.hear_each_other() == {CALLER, call.state.operator.channel, here.channel}
    assert "supervisor" in {track.leg for track in call.state.tracks}
    call.asks(e.Supervise, SUPERVISOR, mode="listen")
    call.hears()
    assert here.channel not in call.hear_each_other()
    assert "supervisor" not in {track.leg for track in call.state.tracks}


@pytest.mark.parametrize("mode", ["listen", "whisper", "barge"])
def test_a_call_that_is_taken_over_is_the_supervisors(mode: str) -> None:
    call = Call().talking().supervised(mode)
    here, former = call.state.supervision, call.state.operator
    assert here
    assert former
    call.asks(e.TakeOver, SUPERVISOR)
    assert call.state.supervision is None
    assert call.state.operator
    assert call.state.operator.channel == here.channel
    assert call.hear_each_other() == {CALLER, here.channel}
    assert former.channel not in call.channels
    assert (1, "wrap_up") in call.operators()
    assert call.operators()[-1] == (SUPERVISOR, "talking")
    assert call.fact("call_taken_over") == {"employee": SUPERVISOR, "operator": 1, "mode": mode}
    assert call.fact("supervision_ended")["outcome"] == "took_over"
    call.gone(CALLER)
    assert call.state.over
    assert (SUPERVISOR, "wrap_up") in call.operators()


def test_a_call_on_hold_is_taken_over_with_its_client() -> None:
    call = Call().talking().supervised()
    call.asks(e.HoldCaller)
    call.after(20).asks(e.TakeOver, SUPERVISOR)
    assert call.fact("hold_ended")["outcome"] == "taken_over"
    assert CALLER in call.hear_each_other()
    assert not call.music


def test_a_lost_operator_leaves_the_client_with_the_supervisor_who_talks_along() -> None:
    call = Call().talking(endpoint="op1w").supervised("barge")
    here = call.state.supervision
    assert here
    assert call.state.operator
    call.gone(call.state.operator.channel)
    assert call.state.phase is Phase.TALKING
    assert call.hear_each_other() == {CALLER, here.channel}
    assert not call.music


def test_who_only_listens_keeps_listening_when_the_page_comes_back() -> None:
    call = Call().talking(endpoint="op1w").supervised()
    assert call.state.operator
    call.gone(call.state.operator.channel)
    assert call.state.phase is Phase.LOST
    assert call.state.supervision
    assert call.state.supervision.ear == ""
    call.happens(e.PhoneBack(at=call.at, employee=1, endpoint="op1w"))
    call.answered().hears()
    assert listens(call)[-1].channel == call.state.operator.channel
    assert call.state.supervision.ear_up


def test_the_ear_follows_a_transfer() -> None:
    call = Call().talking().supervised()
    call.asks(e.TransferAsked, target_employee=2, endpoint="op2s")
    call.answered()
    call.asks(e.Introduce)
    call.asks(e.Complete)
    assert len(listens(call)) == 1, "not before the two are joined"
    call.fires("ear")
    call.hears()
    assert call.state.operator
    assert call.state.operator.employee == 2
    assert listens(call)[-1].channel == call.state.operator.channel


def test_a_silent_channel_lets_the_engine_mix_while_he_listens_or_whispers() -> None:
    call = Call().talking().supervised()
    here = call.state.supervision
    assert here
    [silent] = [one for one in call.done if isinstance(one, c.Listen) and one.ear == here.mixer]
    assert silent.channel in {track.ear for track in call.state.tracks}, "nobody speaks to the ear of a recording"
    assert (silent.spy, silent.whisper) == ("out", "none")
    assert here.mixer in call.members[call.state.bridge]
    call.asks(e.Supervise, SUPERVISOR, mode="whisper")
    call.hears()
    assert here.mixer in call.members[call.state.bridge]
    call.asks(e.Supervise, SUPERVISOR, mode="barge")
    assert here.mixer not in call.channels, "three are in the talk without it"
    call.asks(e.Supervise, SUPERVISOR, mode="listen")
    call.hears()
    assert call.state.supervision
    assert call.state.supervision.mixer in call.members[call.state.bridge]
    call.asks(e.StopSupervision, SUPERVISOR)
    assert call.members[call.state.bridge] == call.hear_each_other()


def test_the_silent_channel_outlives_a_transfer_and_is_not_tried_twice_on_an_ear() -> None:
    call = Call().talking().supervised()
    assert call.state.supervision
    silent = call.state.supervision.mixer
    call.asks(e.TransferAsked, target_employee=2, endpoint="op2s")
    call.answered()
    call.asks(e.Introduce)
    call.asks(e.Complete)
    assert call.state.supervision.mixer == silent in call.members[call.state.bridge]
    call.gone(silent)
    call.after(1).asks(e.Mute, 2)
    assert call.state.supervision.mixer == ""
    assert call.state.supervision.up, "he listens on all the same"


def test_the_end_of_the_call_lets_the_supervisor_go() -> None:
    call = Call().talking().supervised()
    call.after(30).gone(CALLER)
    ended = call.fact("supervision_ended")
    assert (ended["outcome"], ended["duration_s"]) == ("talk_over", 30.0)
    assert call.operators().count((SUPERVISOR, "ready")) == 1
    assert call.channels == set()
    assert call.bridges == set()


@pytest.mark.parametrize(
    ("kind", "outcome"), [(e.StopSupervision, "left"), (e.HangUpAsked, "left"), (e.MediaLost, "lost")]
)
def test_the_talk_goes_on_without_the_supervisor(kind: type[e.Event], outcome: str) -> None:
    call = Call().talking().supervised()
    call.happens(kind(at=call.at, employee=SUPERVISOR))  # type: ignore[call-arg]
    assert call.fact("supervision_ended")["outcome"] == outcome
    assert call.state.phase is Phase.TALKING
    assert CALLER in call.hear_each_other()
    assert call.operators()[-1] == (SUPERVISOR, "ready")


def test_a_supervisor_who_does_not_pick_up_is_let_go() -> None:
    call = Call().talking()
    call.asks(e.Supervise, SUPERVISOR, mode="listen", endpoint="op9s")
    call.fires("supervisor")
    assert call.fact("supervision_ended")["outcome"] == "no_answer"
    assert not call.facts("supervision_started")
    assert call.state.supervision is None


def test_an_ear_that_fails_is_put_back_and_given_up_after_some_tries() -> None:
    call = Call().talking().supervised()
    for _ in range(3):
        assert call.state.supervision
        call.gone(call.state.supervision.ear)
        if call.state.supervision is not None:
            call.fires("ear")
    assert call.state.supervision is None
    assert call.fact("supervision_ended")["outcome"] == "failed"
    assert call.state.phase is Phase.TALKING


def test_a_call_that_is_being_passed_on_is_not_taken_over_and_it_is_said_why() -> None:
    call = Call().talking().supervised()
    call.asks(e.TransferAsked, target_employee=2, endpoint="op2s")
    assert refusal(call.asks(e.TakeOver, SUPERVISOR)) == "passing_on"
    call.rings().after(3).answered()
    assert refusal(call.asks(e.TakeOver, SUPERVISOR)) == "passing_on"
    call.asks(e.Conference)
    assert (call.state.phase, refusal(call.asks(e.TakeOver, SUPERVISOR))) == (Phase.CONFERENCE, "passing_on")


def test_who_has_not_picked_up_is_told_so_of_his_own_phone() -> None:
    call = Call().talking()
    call.asks(e.Supervise, SUPERVISOR, mode="listen", endpoint="op9s")
    assert refusal(call.asks(e.TakeOver, SUPERVISOR)) == "pick_up"


def test_what_cannot_be_is_refused_and_keeps_nobody() -> None:
    call = Call().talking()
    assert refusal(call.asks(e.TakeOver, SUPERVISOR)) == "not_supervising"
    assert refusal(call.asks(e.StopSupervision, SUPERVISOR)) == "not_supervising"
    assert refusal(call.asks(e.Supervise, SUPERVISOR, mode="sing", endpoint="op9s")) == "no_mode"
    assert refusal(call.asks(e.Supervise, SUPERVISOR, mode="listen", why_not="busy")) == "busy"
    assert refusal(call.asks(e.Supervise, 1, mode="listen", why_not="busy")) == "own_call"
    call.supervised()
    assert refusal(call.asks(e.Supervise, 8, mode="listen", endpoint="op8s")) == "supervised"
    call.gone(CALLER)
    assert refusal(call.asks(e.Supervise, 8, mode="listen", endpoint="op8s")) == "talk_over"
    assert refusal(call.asks(e.TakeOver, SUPERVISOR)) == "talk_over"
    assert call.kept == set()
