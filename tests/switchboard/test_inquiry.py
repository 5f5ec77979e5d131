"""Self-service in the machine: a number is pressed, looked for, the answer told, by day and by night."""

from __future__ import annotations

import pytest

from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.state import Phase
from tests.switchboard.calls import CALLER, Call


def asking(closed: str = "") -> Call:
    return Call().arrives(closed=closed).plays_out().presses("7")


def looked(call: Call) -> list[c.LookUp]:
    return [one for one in call.done if isinstance(one, c.LookUp)]


def played(call: Call) -> list[str]:
    return [one.media.removeprefix("sound:/") for one in call.done if isinstance(one, c.Play)]


def found(call: Call, media: str = "sound:/found") -> Call:
    call.after(1).happens(e.Found(at=call.at, media=media, duration_s=4.0 if media else 0.0))
    return call


@pytest.mark.parametrize("closed", ["", "night"])
def test_a_number_is_pressed_and_its_answer_told(closed: str) -> None:
    call = asking(closed).plays_out().presses("202600042#")
    assert looked(call) == [c.LookUp("appeal_status", "202600042")]
    found(call)
    assert played(call)[-1] == "found"
    call.plays_out()
    assert call.state.phase is Phase.MENU
    assert call.state.place is not None
    assert call.state.place.node == ("closed" if closed else "main"), "back where he came from"
    assert call.fact("self_service_told") == {"service": "appeal_status", "found": True}
    assert [note.data["duration_s"] for note in call.facts("prompt_played") if note.data["prompt"] == "answer"] == [4.0]


def test_figures_count_into_the_question_and_without_the_hash() -> None:
    call = asking().presses("2026").presses("00042")
    assert looked(call) == []
    call.fires("figures")
    assert looked(call) == [c.LookUp("appeal_status", "202600042")]


def test_what_needs_no_number_is_told_at_once() -> None:
    call = Call().arrives().plays_out().presses("6")
    assert looked(call) == [c.LookUp("hours", "")]
    assert found(call).plays_out().state.phase is Phase.MENU


def test_a_number_that_nobody_knows_may_be_pressed_again_and_then_the_menu_is_back() -> None:
    call = asking()
    for _ in range(3):
        call.plays_out().presses("1#")
        found(call, "")
    assert played(call)[-1] == "self.not_found"
    assert [note.data["reason"] for note in call.facts("self_service_told")] == ["unknown"] * 3
    assert call.plays_out().state.phase is Phase.MENU


def test_who_presses_nothing_is_asked_again_and_then_hears_the_menu() -> None:
    call = asking()
    for _ in range(3):
        call.plays_out().fires("figures")
    assert looked(call) == []
    assert call.state.phase is Phase.MENU


def test_the_star_leads_back_at_any_point() -> None:
    assert asking().presses("*").state.phase is Phase.MENU
    assert asking().presses("20*").state.phase is Phase.MENU
    assert asking().presses("20#*").state.phase is Phase.MENU
    assert found(asking().presses("20#")).presses("*").state.phase is Phase.MENU


def test_an_answer_that_does_not_come_is_owned_up_to_and_comes_too_late() -> None:
    call = asking().presses("20#").fires("lookup")
    assert call.fact("self_service_told") == {"service": "appeal_status", "found": False, "reason": "failed"}
    found(call)
    assert played(call)[-1] == "self.failed"
    assert call.plays_out().state.phase is Phase.MENU


@pytest.mark.parametrize(
    ("keys", "answered", "outcome"), [("", False, "menu"), ("20#", False, "menu"), ("20#", True, "self_service")]
)
def test_he_may_hang_up_at_any_point(keys: str, answered: bool, outcome: str) -> None:
    call = asking().presses(keys)
    if answered:
        found(call)
    call.gone(CALLER)
    assert call.fact("call_ended")["outcome"] == outcome
