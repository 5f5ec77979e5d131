"""Self-service in the machine: a number is pressed, looked for, the answer told, by day and by night."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.state import Phase
from kindline.switchboard.machine.turn import NEWS
from tests.switchboard.calls import CALLER, PLAN, Call


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
    assert looked(call) == [c.LookUp("appeal_status", {"appeal_status": "202600042"}, "appeal_status", 1)]
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
    assert looked(call) == [c.LookUp("appeal_status", {"appeal_status": "202600042"}, "appeal_status", 1)]


def test_what_needs_no_number_is_told_at_once() -> None:
    call = Call().arrives().plays_out().presses("6")
    assert looked(call) == [c.LookUp("hours", {}, "", 1)]
    assert found(call).plays_out().state.phase is Phase.MENU


def guessed(call: Call, times: int = 3) -> Call:
    for _ in range(times):
        call.plays_out().presses("1#")
        found(call, "")
    return call


def test_a_number_that_nobody_knows_may_be_pressed_again_and_then_an_operator_goes_on() -> None:
    call = guessed(asking())
    assert played(call)[-1] == "self.not_found"
    assert [note.data["reason"] for note in call.facts("self_service_told")] == ["unknown"] * 3
    assert call.plays_out().state.phase is Phase.QUEUED
    assert played(call)[-2:] == ["self.not_found", "self.to_operator"]


def test_by_night_who_guesses_hears_the_menu_again_and_is_asked_for_no_further_number() -> None:
    call = guessed(asking("night")).plays_out()
    assert call.state.phase is Phase.MENU
    before = len(looked(call))
    call.presses("7")
    assert played(call)[-1] == "self.too_often"
    call.presses("55#").plays_out()
    assert (call.state.phase, len(looked(call))) == (Phase.MENU, before)


def test_who_has_guessed_elsewhere_is_told_so_and_led_on() -> None:
    call = asking().presses("1#")
    call.happens(e.Found(at=call.at, stop="too_often"))
    assert played(call)[-1] == "self.too_often"
    assert call.fact("self_service_told")["reason"] == "too_often"
    assert call.plays_out().state.phase is Phase.QUEUED


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


# --- several questions ---
def comes(call: Call, ask: str = "", media: str = "sound:/found", **more: Any) -> Call:
    """What the round under way came to."""
    service = call.state.inquiry.service if call.state.inquiry else ""
    call.happens(
        e.Found(at=call.at, media=media, duration_s=2.0, ask=ask, service=service, round=call.state.rounds, **more)
    )
    return call


def to_the_value(closed: str = "") -> Call:
    """A client who has named his account and the second of his meters."""
    call = Call().arrives(closed=closed).plays_out().presses("5").plays_out().presses("5512#")
    comes(call, "meter", answers={"account": "5512"}).plays_out().presses("2")
    return comes(call, "value", answers={"account": "5512", "meter": "2"}).plays_out()


@pytest.mark.clause("krc-2-56", "yumek-9.2-07", "yumek-9.2-08")
@pytest.mark.parametrize("closed", ["", "night"])
def test_a_reading_is_read_back_figure_by_figure_and_confirmed_before_it_is_taken(closed: str) -> None:
    call = to_the_value(closed)
    before = len(looked(call))
    call.presses("407#").plays_out()
    assert played(call)[-5:] == ["self.read_back", "digit.4", "digit.0", "digit.7", "self.confirm"]
    assert len(looked(call)) == before, "not before he says that it is right"
    call.presses("1")
    answers = {"account": "5512", "meter": "2", "value": "407"}
    assert looked(call)[-1] == c.LookUp("readings", answers, "value", 3)
    comes(call, done=True)
    assert played(call)[-1] == "found"
    assert call.fact("self_service_told") == {"service": "readings", "found": True}
    assert call.plays_out().state.phase is Phase.MENU


def test_a_slip_is_typed_anew_and_whoever_says_nothing_hears_it_again() -> None:
    call = to_the_value().presses("407#").plays_out()
    call.fires("figures")
    assert played(call)[-1] == "self.read_back"
    call.plays_out().presses("5")
    assert played(call)[-1] == "self.read_back"
    call = to_the_value().presses("407#").plays_out().presses("2")
    assert played(call)[-1] == "self.value"
    call.presses("408#").plays_out().presses("1")
    assert looked(call)[-1].answers["value"] == "408"


def test_what_is_asked_back_is_confirmed_by_a_key_and_another_meter_may_follow() -> None:
    call = to_the_value().presses("9407#").plays_out().presses("1")
    comes(call, "sure", answers={"account": "5512", "meter": "2", "value": "9407", "reading": "8"}).plays_out()
    call.presses("1")
    assert looked(call)[-1].answers["sure"] == "1"
    assert looked(call)[-1].answers["reading"] == "8"
    comes(call, "meter", answers={"account": "5512"}, done=True).plays_out()
    assert call.state.phase is Phase.ASKING
    call.gone(CALLER)
    assert call.fact("call_ended")["outcome"] == "self_service", "he was served"


def test_a_wrong_answer_is_said_with_its_reason_and_asked_again_from_there() -> None:
    call = to_the_value().presses("123456789#").plays_out().presses("1")
    comes(call, "value", answers={"account": "5512", "meter": "2"}, wrong=True).plays_out()
    assert played(call)[-2:] == ["found", "self.value"]
    call.presses("1#").plays_out().presses("1")
    assert looked(call)[-1].answers == {"account": "5512", "meter": "2", "value": "1"}


def test_a_round_whose_switchboard_died_is_asked_again_under_its_number_and_heard_once() -> None:
    call = to_the_value().presses("407#").plays_out().presses("1")
    first = looked(call)[-1]
    call.after(20).happens(e.TakenOver(at=call.at))
    assert looked(call)[-1] == first
    assert len(looked(call)) == 4
    assert call.state.timers["lookup"] > call.at
    comes(call, done=True).plays_out()
    assert call.state.phase is Phase.MENU
    comes(call, done=True)
    assert len(call.facts("self_service_told")) == 1


def test_what_comes_of_a_round_that_is_over_is_passed_over() -> None:
    call = to_the_value().presses("407#").plays_out().presses("1")
    call.happens(e.Found(at=call.at, media="sound:/old", duration_s=1.0, service="readings", round=1, done=True))
    assert call.facts("self_service_told") == []
    assert comes(call, done=True).facts("self_service_told")


def test_a_service_that_looks_first_asks_only_what_is_not_known() -> None:
    call = Call().arrives().plays_out().presses("4")
    assert looked(call) == [c.LookUp("outages", {}, "", 1)]
    comes(call, "account", "")
    assert played(call)[-1] == "self.account"


def test_what_the_machine_may_not_tell_an_operator_does() -> None:
    call = Call().arrives().plays_out().presses("5").plays_out().presses("55#")
    comes(call, stop="operator").plays_out()
    assert call.state.phase is Phase.QUEUED
    assert call.fact("self_service_told")["reason"] == "operator"
    assert call.state.misses == 0


# --- before the menu ---
def test_an_incident_at_the_callers_place_is_told_before_the_menu() -> None:
    call = Call(replace(PLAN, tells_news=True)).arrives()
    assert looked(call) == [c.LookUp(NEWS, {})]
    call.happens(e.Found(at=call.at, media="sound:/news", duration_s=5.0, service=NEWS))
    call.plays_out()
    assert played(call)[:4] == ["notice", "greeting", "news", "main"]


def test_news_that_come_too_late_or_are_none_are_not_told() -> None:
    call = Call(replace(PLAN, tells_news=True)).arrives()
    call.happens(e.Found(at=call.at, service=NEWS))
    call.plays_out()
    call.happens(e.Found(at=call.at, media="sound:/news", duration_s=5.0, service=NEWS))
    assert "news" not in played(call.plays_out())
    assert looked(Call().arrives()) == []
