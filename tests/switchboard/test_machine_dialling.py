"""Numbers dialled on the telephone itself, driven through the machine: outside by the trunk, inside to a colleague."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kindline.standard import loader
from kindline.switchboard import sending
from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import destinations
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.destinations import Destinations
from kindline.switchboard.machine.state import Phase
from tests.switchboard.calls import CALLER, PLAN, Call
from tests.switchboard.test_machine_orders import NUMBERS, STRAY, check, run

ANNA, BORIS, VERA = 1, 2, 3
DIALLER = 7
PHONE = "1772445600.9"
NUMBER = "+79161234567"
MOBILE = "+79169990003"
KRC = destinations.of(loader.load("krc"))


class Dialled(Call):
    """A call that began on an employee's telephone."""

    def __init__(self, **plan: Any) -> None:
        super().__init__(replace(PLAN, **plan))

    def outside(self, number: str = NUMBER, **more: Any) -> Self:
        self.channels = {PHONE}
        told: dict[str, Any] = {
            "employee": ANNA,
            "endpoint": "op1s",
            "channel": PHONE,
            "number": number,
            "line": "hotline",
        }
        self.happens(e.Dialled(at=self.at, **(told | more)))
        return self

    def inside(self) -> Self:
        self.happens(e.DialledInside(at=self.at, employee=ANNA, number="22", shown='"S1 A" <11>'))
        return self

    def found(self, employee: int = BORIS, why_not: str = "") -> Self:
        endpoint = "" if why_not else f"op{employee}s"
        self.happens(
            e.ColleagueFound(at=self.at, employee=0 if why_not else employee, endpoint=endpoint, why_not=why_not)
        )
        return self

    def client(self, kind: Any, **more: Any) -> Self:
        self.happens(kind(at=self.at, channel=CALLER, **more))
        return self

    def last(self, kind: type[c.Command]) -> c.Command:
        return [command for command in flat(self.done) if isinstance(command, kind)][-1]


def flat(commands: list[c.Command]) -> list[c.Command]:
    """The commands one by one."""
    return [one for command in commands for one in (command.commands if isinstance(command, c.Together) else [command])]


def hung_up(call: Dialled, channel: str) -> int:
    """With which cause a channel was ended."""
    [found] = [one for one in flat(call.done) if isinstance(one, c.HangUp) and one.channel == channel]
    return found.cause


def by_mobile() -> Dialled:
    """A call to a client that an employee makes through his mobile, which he has taken."""
    call = Dialled()
    call.channels.clear()
    call.kept.add(ANNA)
    mobile = f"tel:{MOBILE}"
    call.happens(e.DialOut(at=call.at, employee=ANNA, endpoint=mobile, number=NUMBER, line="hotline", wraps_up=False))
    dial = call.last(c.Dial)
    assert isinstance(dial, c.Dial)
    assert sending.outside(dial) == MOBILE
    call.happens(e.Up(at=call.at, channel=dial.channel))
    return call


@pytest.mark.clause("krc-2-43", "krc-5.5.1-02")
def test_a_client_is_called_through_a_mobile_once_somebody_there_has_pressed_a_key() -> None:
    call = by_mobile()
    leg = call.state.operator
    assert leg is not None
    assert (call.state.phase, set(call.state.timers)) == (Phase.CALLING_OPERATOR, {"key"})
    for channel, digit in ((leg.channel, "2"), (CALLER, "1")):
        call.happens(e.Digit(at=call.at, channel=channel, digit=digit))
        assert call.state.phase is Phase.CALLING_OPERATOR, "a voicemail is joined with nobody"
    call.happens(e.Digit(at=call.at, channel=leg.channel, digit="1"))
    assert (call.state.phase, "key" in call.state.timers) == (Phase.CALLING_CLIENT, False)
    dial = call.last(c.Dial)
    assert isinstance(dial, c.Dial)
    assert sending.outside(dial) == NUMBER
    call.client(e.Ringing)
    assert call.last(c.Ring) == c.Ring(leg.channel)
    call.client(e.Up)
    call.plays_out()
    assert call.state.phase is Phase.TALKING
    assert call.last(c.StopRing) == c.StopRing(leg.channel)


def test_a_mobile_on_which_nobody_presses_the_key_is_let_go_and_the_client_hears_nothing_of_it() -> None:
    call = by_mobile()
    call.happens(e.Fired(at=call.at, timer="key"))
    assert call.state.phase is Phase.ENDED
    assert not [
        one for one in flat(call.done) if isinstance(one, c.Dial) and one.number == NUMBER and one.kind == "client"
    ]


@pytest.mark.clause("krc-5.5.1-02", "krc-5.5.2-12")
def test_a_number_dialled_on_the_telephone_is_a_call_like_one_begun_on_the_screen() -> None:
    call = Dialled().outside()
    assert (call.state.phase, call.state.direction, call.state.called) == (Phase.CALLING_CLIENT, "out", NUMBER)
    dial = call.last(c.Dial)
    assert isinstance(dial, c.Dial)
    assert (dial.channel, dial.kind, dial.number, dial.line) == (CALLER, "client", NUMBER, "hotline")
    assert call.operators() == [(ANNA, "talking")]
    call.client(e.Ringing)
    assert call.last(c.Ring) == c.Ring(PHONE)
    assert not [one for one in flat(call.done) if isinstance(one, c.Answer)], "he hears it ring, no more"
    call.after(5).client(e.Up)
    assert call.state.playing == "notice", "the client hears first that the talk is recorded"
    call.plays_out()
    assert call.hear_each_other() == {CALLER, PHONE}
    assert c.Answer(PHONE) in flat(call.done)
    assert {track.leg for track in call.state.tracks} == {"client", "operator"}
    call.after(20).gone(PHONE)
    assert call.fact("client_dial_ended")["outcome"] == "answered"
    assert call.operators()[-1] == (ANNA, "wrap_up")
    assert not call.bridges
    assert not call.channels


@pytest.mark.parametrize(("cause", "outcome", "told"), [(17, "busy", 17), (19, "no_answer", 19), (1, "no_answer", 1)])
def test_his_telephone_is_told_why_nobody_answers(cause: int, outcome: str, told: int) -> None:
    call = Dialled().outside().after(3)
    call.gone(CALLER, cause)
    assert call.fact("client_dial_ended")["outcome"] == outcome
    assert hung_up(call, PHONE) == told
    assert call.operators()[-1] == (ANNA, "ready")


def test_after_six_rings_the_attempt_ends_and_who_gives_up_ends_it_sooner() -> None:
    call = Dialled().outside().fires("outgoing")
    assert (call.fact("client_dial_ended")["outcome"], hung_up(call, PHONE)) == ("no_answer", 19)
    call = Dialled().outside()
    call.after(4).gone(PHONE)
    assert (call.fact("client_dial_ended")["outcome"], call.state.over) == ("cancelled", True)
    assert hung_up(call, CALLER) == 16


def test_who_is_away_from_the_screen_has_no_work_to_finish_afterwards() -> None:
    call = Dialled().outside(wraps_up=False).client(e.Up).plays_out()
    call.after(9).gone(CALLER)
    assert call.operators()[-1] == (ANNA, "ready")
    assert "wrap_up_started" not in call.kinds()


def test_an_emergency_service_is_joined_at_once() -> None:
    call = Dialled(destinations=KRC).outside("112").client(e.Up)
    assert call.state.phase is Phase.TALKING
    assert "notice_played" not in call.kinds()
    assert call.hear_each_other() == {CALLER, PHONE}


@pytest.mark.clause("krc-5.5.1-02", "krc-2-43")
def test_a_colleague_is_rung_and_both_are_recorded() -> None:
    call = Dialled().inside()
    assert call.state.phase is Phase.CALLING_COLLEAGUE
    assert call.done[-2:] == [c.Ring(CALLER), c.FindColleague("22", ANNA)]
    call.found().after(1).rings()
    dial = call.last(c.Dial)
    assert isinstance(dial, c.Dial)
    assert (dial.endpoint, dial.kind, dial.caller) == ("op2s", "internal", '"S1 A" <11>')
    call.after(3).answered()
    assert call.hear_each_other() == {CALLER, dial.channel}
    legs = {track.leg: track.employee for track in call.state.tracks}
    assert legs == {"specialist": ANNA, "operator": BORIS}
    assert call.operators() == [(ANNA, "talking"), (BORIS, "talking")]
    call.after(30).gone(dial.channel)
    assert call.fact("internal_ended") | {"estimated": False} == {
        "by": "operator", "cause": "normal", "outcome": "answered", "wait_s": 0.0, "talk_s": 30.0, "hold_s": 0.0,
        "estimated": False,
    }  # fmt: skip
    assert sorted(call.operators()[-2:]) == [(ANNA, "ready"), (BORIS, "ready")], "nobody has a call to write up"
    assert not call.channels
    assert not call.bridges


@pytest.mark.parametrize(
    ("why_not", "cause"), [("busy", 17), ("absent", 20), ("unknown", 1)], ids=["busy", "absent", "unknown"]
)
def test_who_has_dialled_hears_why_there_is_nobody(why_not: str, cause: int) -> None:
    call = Dialled().inside().found(why_not=why_not)
    assert (call.fact("internal_ended")["outcome"], hung_up(call, CALLER)) == (why_not, cause)
    assert call.operators()[-1] == (ANNA, "ready")


def test_in_a_department_the_next_one_is_rung_and_nobody_twice() -> None:
    call = Dialled().inside().found(BORIS).fires("ring")
    assert call.last(c.FindColleague) == c.FindColleague("22", ANNA, (BORIS,))
    call.found(VERA)
    assert call.state.operator
    call.after(2).gone(call.state.operator.channel, 21)
    assert [note.data["outcome"] for note in call.facts("internal_missed")] == ["no_answer", "declined"]
    assert call.last(c.FindColleague) == c.FindColleague("22", ANNA, (BORIS, VERA))
    call.found(why_not="busy")
    assert (call.fact("internal_ended")["outcome"], hung_up(call, CALLER)) == ("declined", 17), "as the last one said"
    assert (BORIS, "ready") in call.operators()
    assert (VERA, "ready") in call.operators()


def test_who_gives_up_leaves_nobody_kept() -> None:
    call = Dialled().inside().found()
    call.after(2).gone(CALLER)
    assert call.state.over
    assert sorted(call.operators()[-2:]) == [(ANNA, "ready"), (BORIS, "ready")]
    call = Dialled().inside().gone(CALLER).found()
    assert call.operators()[-1] == (BORIS, "ready"), "he was kept for a call that is over"


def test_a_dead_switchboards_search_is_begun_again() -> None:
    call = Dialled().inside()
    call.happens(e.TakenOver(at=call.at))
    assert [one for one in call.done if isinstance(one, c.FindColleague)] == [c.FindColleague("22", ANNA)] * 2
    call.fires("find")
    assert call.fact("internal_ended")["outcome"] == "no_answer"


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(NUMBERS, max_size=40), st.sampled_from(["sought", "ringing", "talking"]))
def test_any_order_of_a_call_inside_leaves_nobody_kept(numbers: list[int], far: str) -> None:
    call = Dialled()
    call.kept.add(DIALLER)
    call.happens(e.DialledInside(at=call.at, employee=DIALLER, number="22"))
    if far != "sought":
        call.found(ANNA)
    if far == "talking":
        call.answered()
    check(call)
    run(numbers, call)
    call.after(1).gone(CALLER)
    check(call)
    assert call.state.over
    run(numbers[:6], call)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(NUMBERS, max_size=40), st.booleans())
def test_any_order_of_a_call_outside_leaves_nobody_kept(numbers: list[int], joined: bool) -> None:
    call = Dialled()
    call.kept.add(ANNA)
    call.outside()
    if joined:
        call.client(e.Up).plays_out()
    run(numbers, call)
    if not call.state.over:
        call.gone(CALLER)
    assert not call.channels - {STRAY}
    assert not call.bridges
    assert not call.kept


# --- where calls may go ---
@pytest.mark.fault("X6")
@pytest.mark.parametrize(
    ("number", "why_not"),
    [
        ("+79161234567", ""), ("+74951234567", ""), ("112", ""), ("103", ""),
        ("+78091234567", "premium"), ("+78031234567", "premium"), ("+442071234567", "abroad"),
        ("+77012345678", "abroad"), ("+88161234567", "abroad"), ("0900", "no_number"), ("", "no_number"),
        ("+", "no_number"),
    ],
)  # fmt: skip
def test_x6_only_the_countrys_own_numbers_are_called(number: str, why_not: str) -> None:
    assert KRC.hindrance(number) == why_not


@pytest.mark.fault("X6")
def test_x6_the_setting_opens_prefixes_and_the_longer_one_decides() -> None:
    opened = destinations.of(loader.load("krc"), "+44, +7809 1551")
    assert [opened.hindrance(one) for one in ("+442071234567", "+78091234567", "1551", "+331234567")] == [
        "", "", "", "abroad",
    ]  # fmt: skip
    closed = Destinations("UA", refused=("+380900",), allowed=("+380",))
    assert closed.hindrance("+380900123456") == "premium"
    assert closed.hindrance("+380501234567") == ""


@pytest.mark.fault("X6")
def test_x6_emergency_numbers_are_data_and_no_setting_closes_them() -> None:
    for name in ("court", "krc", "voe", "yumek"):
        found = destinations.of(loader.load(name))
        assert {"101", "102", "103", "104", "112"} <= found.emergency
        assert not [one for one in found.emergency if found.hindrance(one)]


@pytest.mark.fault("X6")
def test_x6_a_number_that_costs_extra_is_no_number_for_a_callback() -> None:
    call = Dialled(destinations=KRC).arrives().plays_out().presses("0").after(61).fires("callback").plays_out()
    call.presses("1").plays_out()
    call.presses("2").plays_out().presses("88091234567#")
    assert call.state.wish
    assert call.state.wish.number == ""
    assert call.state.playing == "callback.wrong"
