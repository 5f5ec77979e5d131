"""Who answers the autoinformer, a person or a machine: by what is heard after the answer."""

from __future__ import annotations

import pytest

from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from tests.switchboard.calls import CALLER, Call
from tests.switchboard.test_announcement import announced, played, up


def talks(call: Call) -> Call:
    call.happens(e.TalkBegan(at=call.at, channel=CALLER))
    return call


def silent(call: Call) -> Call:
    call.happens(e.TalkEnded(at=call.at, channel=CALLER))
    return call


def machine(on_machine: str) -> Call:
    """A machine that has answered and begins its greeting, while the notice of recording plays."""
    return talks(up(announced(on_machine=on_machine)).after(0.4)).fires("talks")


@pytest.mark.clause("krc-2-42")
def test_a_machine_hears_the_message_alone_after_its_greeting_and_tone() -> None:
    call = machine("tell")
    assert call.fact("machine_answered") == {"about": "campaign:7", "talk_s": 3.0}
    assert not call.state.playback, "the notice goes on into the greeting"
    silent(call.after(9)).after(0.5)
    silent(talks(call).after(0.6))  # the tone
    call.fires("quiet")
    assert played(call) == ["sound:/notice", "sound:/told"]
    talks(call)
    call.plays_out()
    assert call.fact("announcement_ended") == {"about": "campaign:7", "outcome": "left_on_machine", "times": 0}
    assert call.fact("call_ended")["by"] == "system"


def test_a_greeting_without_end_is_not_waited_for() -> None:
    call = machine("tell").fires("quiet").plays_out()
    assert call.fact("announcement_ended")["outcome"] == "left_on_machine"


def test_a_machine_is_called_again_later_where_that_is_wanted() -> None:
    call = machine("later")
    assert call.fact("announcement_ended")["outcome"] == "machine"
    assert call.state.over
    assert played(call) == ["sound:/notice"]


def test_a_machine_that_hangs_up_has_heard_nothing() -> None:
    call = machine("tell").gone(CALLER)
    assert call.fact("announcement_ended")["outcome"] == "machine"


@pytest.mark.parametrize("times", [1, 4])
def test_a_person_says_a_word_and_waits(times: int) -> None:
    call = up(announced(on_machine="later"))
    for _ in range(times):
        silent(talks(call).after(2)).after(0.5)
    call.plays_out().presses("1").plays_out()
    assert call.facts("machine_answered") == []
    assert call.fact("announcement_ended")["outcome"] == "confirmed"


def test_after_some_seconds_nobody_listens_any_more() -> None:
    call = up(announced(on_machine="later")).fires("person")
    assert any(isinstance(one, c.IgnoreTalk) for one in call.done)
    talks(call)
    assert "talks" not in call.state.timers


@pytest.mark.parametrize(("pressed", "outcome"), [("1", "confirmed"), ("9", "to_operator")])
def test_whoever_presses_a_key_is_a_person_after_all(pressed: str, outcome: str) -> None:
    call = machine("tell").presses(pressed)
    assert call.fact("announcement_ended")["outcome"] == outcome
    assert "quiet" not in call.state.timers


def test_a_wrong_key_shows_a_person_too_and_he_hears_the_message() -> None:
    call = machine("tell").presses("5").plays_out()
    assert played(call)[-1] == "sound:/told"
    call.presses("1")
    assert call.fact("announcement_ended")["outcome"] == "confirmed"


def test_a_campaign_that_does_not_ask_is_not_told_who_answers() -> None:
    call = talks(up(announced()))
    assert not any(isinstance(one, c.HearTalk) for one in call.done)
    assert "talks" not in call.state.timers
