"""While a secret is said nothing is recorded; the operator ends it, else the limit, else the end of the talk."""

from __future__ import annotations

import datetime as dt

import pytest

from kindline.switchboard import reconcile, sending
from kindline.switchboard.ari import Answer
from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine import secrecy
from tests.switchboard.calls import CALLER, Call

WIRE = sending.Wire("sb-test")


def muted(call: Call) -> set[str]:
    return {track.leg for track in call.state.tracks if track.name in call.silenced}


def paused(call: Call, reason: str = "card") -> Call:
    call.asks(e.PauseRecording, reason=reason)
    return call


def test_both_legs_fall_silent_and_the_operator_ends_it() -> None:
    call = paused(Call().talking())
    assert muted(call) == {"client", "operator"}
    assert call.fact("recording_paused") == {"employee": 1, "reason": "card"}
    call.after(20).asks(e.ResumeRecording)
    assert muted(call) == set()
    assert call.fact("recording_resumed") == {"employee": 1, "reason": "card", "duration_s": 20.0, "by": "operator"}
    assert call.state.timers == {}
    call.asks(e.ResumeRecording)  # said twice it is as said once
    assert len(call.facts("recording_resumed")) == 1


def test_what_is_forgotten_ends_by_itself() -> None:
    call = paused(Call().talking(), "nonsense").fires(secrecy.TIMER)
    assert muted(call) == set()
    said = call.fact("recording_resumed")
    assert (said["by"], said["reason"], said["duration_s"]) == ("limit", "other", secrecy.LIMIT_S)


def test_asked_again_the_time_begins_anew_and_the_gap_is_one() -> None:
    call = paused(paused(Call().talking()).after(100))
    assert call.state.timers[secrecy.TIMER] == call.at + dt.timedelta(seconds=secrecy.LIMIT_S)
    call.after(50).asks(e.ResumeRecording)
    assert call.fact("recording_resumed")["duration_s"] == 150.0


def test_it_ends_with_the_talk() -> None:
    call = paused(Call().talking()).after(5).gone(CALLER)
    assert call.fact("recording_resumed")["by"] == "end"
    assert call.state.over


def test_only_who_talks_in_the_call_may_ask_and_only_while_something_is_recorded() -> None:
    call = Call().talking()
    (refused,) = call.asks(e.PauseRecording, employee=2, reason="card")
    assert isinstance(refused, c.Refuse)
    assert refused.code == "not_your_call"
    for track in call.state.tracks:
        call.happens(e.Recorded(at=call.at, name=track.name, failed="full"))
    (refused,) = call.asks(e.PauseRecording, reason="card")
    assert isinstance(refused, c.Refuse)
    assert refused.code == "not_recorded"
    call.asks(e.HoldCaller)
    (refused,) = call.asks(e.PauseRecording, reason="card")
    assert isinstance(refused, c.Refuse)
    assert refused.code == "not_now"


def test_who_comes_meanwhile_is_not_recorded_either() -> None:
    call = paused(Call().talking())
    call.asks(e.TransferAsked, target_employee=2, endpoint="op2w")
    call.after(2).answered()
    assert muted(call) == {"client", "operator", "specialist"}
    call.asks(e.ResumeRecording, employee=2)
    assert muted(call) == set()


@pytest.mark.parametrize(
    ("command", "method"), [(c.MuteRecord("a/client-3"), "POST"), (c.UnmuteRecord("a/client-3"), "DELETE")]
)
def test_the_engine_is_told_at_once_and_what_has_ended_is_done(command: c.Engine, method: str) -> None:
    asked = sending.request(WIRE, "a", command)
    assert (asked.method, asked.path) == (method, "recordings/live/a%2Fclient-3/mute")
    assert sending.at_once(command)
    assert sending.settled(command, Answer(404)).value == "done"
    assert sending.failure(command, Answer(404), dt.datetime.now(dt.UTC)) is None


def test_what_did_not_reach_the_engine_is_told_again() -> None:
    call = Call().talking()
    seen = reconcile.Seen(
        call.at, {}, {call.state.bridge: frozenset()}, recording=frozenset(t.name for t in call.state.tracks)
    )

    def told() -> set[type[c.Engine]]:
        found = {type(one) for one in reconcile.repairs(call.state, seen)}
        return found & {c.MuteRecord, c.UnmuteRecord}

    assert told() == set()
    paused(call)
    assert told() == {c.MuteRecord}
    call.asks(e.ResumeRecording)
    assert told() == {c.UnmuteRecord}
