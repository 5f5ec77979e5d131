"""Ears: one a person, and what is asked for when they are not needed any more."""

from __future__ import annotations

from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from tests.switchboard.calls import CALLER, Call


def hung_up(call: Call) -> set[str]:
    return {one.channel for one in call.done if isinstance(one, c.HangUp)}


def test_at_the_end_of_a_call_its_ears_end_with_their_channels_and_both_recordings_are_kept() -> None:
    call = Call().talking()
    ears = {track.ear for track in call.state.tracks}
    assert len(ears) == 2
    assert call.state.operator is not None
    operator = call.state.operator.channel
    call.after(5).gone(CALLER)
    assert hung_up(call) == {operator}
    assert call.channels == set()
    assert sorted(one.leg for one in call.done if isinstance(one, c.Keep)) == ["client", "operator"]


def test_an_ear_that_comes_too_late_is_sent_away() -> None:
    call = Call().talking()
    ear = call.state.tracks[0].ear
    call.after(5).gone(CALLER).happens(e.Up(at=call.at, channel=ear))
    assert ear in hung_up(call)
