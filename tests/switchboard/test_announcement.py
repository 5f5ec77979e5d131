"""The autoinformer in the machine: who is told what, which key does what, and what each end is called."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.state import Phase
from tests.switchboard.calls import CALLER, PLAN, Call

NUMBER = "+79005556677"
SOUNDS = {**PLAN.sounds, "system.confirmed": PLAN.sounds["notice"]}


def announced(**more: Any) -> Call:
    """A client is being called to be told something."""
    call = Call(replace(PLAN, sounds=SOUNDS))
    call.channels.clear()
    said: dict[str, Any] = {"confirm": "1", "operator": "9", "media": "sound:/told", "duration_s": 3.0, **more}
    call.happens(e.Announce(at=call.at, number=NUMBER, about="campaign:7", **said))
    return call


def up(call: Call) -> Call:
    """The client answers after four seconds of ringing."""
    call.happens(e.Ringing(at=call.at, channel=CALLER))
    call.after(4).happens(e.Up(at=call.at, channel=CALLER))
    return call


def played(call: Call) -> list[str]:
    return [command.media for command in call.done if isinstance(command, c.Play)]


@pytest.mark.clause("krc-2-02", "krc-2-42", "krc-5.5.2-13")
def test_the_notice_and_the_message_are_told_and_a_key_confirms() -> None:
    call = up(announced(client=5)).plays_out()
    assert played(call) == ["sound:/notice", "sound:/told"]
    assert call.state.phase is Phase.ANNOUNCING
    call.presses("1").plays_out()
    assert call.state.over
    assert call.fact("announcement_dialled") == {"number": NUMBER, "about": "campaign:7"}
    assert call.fact("announcement_dial_ended") == {"outcome": "answered", "rings": 1, "ring_s": 4.0}
    assert call.fact("announcement_key") == {"digit": "1", "valid": True}
    assert call.fact("announcement_ended") == {"about": "campaign:7", "outcome": "confirmed", "times": 1}
    assert call.fact("call_ended")["outcome"] == "confirmed"
    assert played(call)[-1] == "sound:/notice", "the thanks"


def test_a_key_may_come_before_the_end_but_not_into_the_notice() -> None:
    call = up(announced()).presses("1")
    assert call.facts("announcement_key") == []
    call.after(3).happens(e.Played(at=call.at, playback=call.state.playback))
    call.presses("51")
    assert [note.data["valid"] for note in call.facts("announcement_key")] == [False, True]
    assert call.fact("announcement_ended")["times"] == 0


@pytest.mark.clause("krc-2-42")
def test_a_key_leads_to_an_operator_like_any_caller() -> None:
    call = up(announced()).plays_out().presses("9")
    assert str(call.state.phase) == "queued"
    assert call.fact("announcement_ended")["outcome"] == "to_operator"
    call.after(4).offered(1).rings().after(2).answered()
    assert call.state.phase is Phase.TALKING
    assert len(call.hear_each_other()) == 2
    assert {track.leg for track in call.state.tracks} == {"client", "operator"}
    call.gone(CALLER)
    assert call.fact("call_ended")["outcome"] == "answered"


def test_who_leaves_the_queue_is_abandoned_and_who_loses_his_operator_waits_again() -> None:
    call = up(announced()).plays_out().presses("9").after(9).gone(CALLER)
    assert call.fact("call_ended")["outcome"] == "abandoned"
    call = up(announced()).plays_out().presses("9").after(4).offered(1, "op1w").rings().after(2).answered()
    assert call.state.operator is not None
    call.gone(call.state.operator.channel).fires("reattach")
    assert call.state.phase is Phase.QUEUED


def test_who_presses_nothing_hears_it_once_more() -> None:
    call = up(announced()).plays_out().fires("key").plays_out()
    assert played(call) == ["sound:/notice", "sound:/told", "sound:/told"]
    call.fires("key")
    assert call.fact("announcement_ended") == {"about": "campaign:7", "outcome": "heard", "times": 2}
    assert call.fact("call_ended")["by"] == "system"


@pytest.mark.parametrize(("heard", "outcome"), [(False, "cut_short"), (True, "heard")])
def test_who_hangs_up_has_heard_it_or_not(heard: bool, outcome: str) -> None:
    call = up(announced())
    if heard:
        call.plays_out()
    call.gone(CALLER)
    assert call.fact("announcement_ended")["outcome"] == outcome


@pytest.mark.parametrize(
    ("cause", "outcome"),
    [(17, "busy"), (21, "busy"), (19, "no_answer"), (20, "unreachable"), (1, "unreachable"), (52, "forbidden")],
)
def test_why_nobody_was_reached(cause: int, outcome: str) -> None:
    call = announced().after(3).gone(CALLER, cause)
    assert call.fact("announcement_dial_ended")["outcome"] == outcome
    assert call.fact("announcement_ended") == {"about": "campaign:7", "outcome": outcome, "times": 0}


@pytest.mark.clause("yumek-9.4-26")
@pytest.mark.parametrize(("asked_s", "rings"), [(0, 6), (12, 3), (600, 6)])
def test_it_never_rings_longer_than_the_standard_lets_it(asked_s: float, rings: int) -> None:
    call = announced(ring_limit_s=asked_s)
    call.happens(e.Ringing(at=call.at, channel=CALLER))
    call.fires("outgoing")
    assert call.fact("announcement_dial_ended")["rings"] == rings
    assert call.fact("announcement_dial_ended")["outcome"] == "no_answer"


def test_without_keys_it_is_only_told() -> None:
    call = up(announced(confirm="", operator="")).plays_out().presses("19")
    assert [note.data["valid"] for note in call.facts("announcement_key")] == [False, False]
    call.fires("key").plays_out().fires("key")
    assert call.fact("announcement_ended")["outcome"] == "heard"


def test_an_engine_that_dies_says_so_once() -> None:
    call = up(announced())
    call.happens(e.NodeLost(at=call.at, node="a"))
    assert call.fact("announcement_ended")["outcome"] == "node_lost"
