"""How many rings a phone is said to have rung: a timer is always a little late, and a network may say it twice."""

from __future__ import annotations

from typing import Any

import pytest

from kindline.switchboard.machine import events as e
from tests.switchboard.calls import CALLER, PLAN, Call
from tests.switchboard.test_announcement import announced
from tests.switchboard.test_machine_dialling import Dialled
from tests.switchboard.test_machine_matrix import calls_out
from tests.switchboard.test_machine_passing import OUTSIDE, passed

LATE = pytest.mark.parametrize("late_s", [0.0, 0.001, 0.3])


def client_rings(call: Any) -> Any:
    call.happens(e.Ringing(at=call.at, channel=CALLER))
    return call


@pytest.mark.parametrize(
    ("ring_s", "rings"), [(0.0, 1), (4.9, 1), (5.001, 1), (5.4, 1), (5.6, 2), (30.001, 6), (30.5, 6), (30.6, 7)]
)
def test_a_ring_that_has_only_begun_is_none_yet(ring_s: float, rings: int) -> None:
    assert PLAN.rings(ring_s) == rings


@LATE
@pytest.mark.clause("yumek-9.4-26")
def test_a_client_who_does_not_answer_is_rung_six_times_however_late_the_timer_is(late_s: float) -> None:
    call = client_rings(Dialled().outside().after(3)).fires("outgoing", late_s=late_s)
    fact = call.fact("client_dial_ended")
    assert (fact["rings"], fact["ring_s"], fact["outcome"]) == (6, 30 + late_s, "no_answer")


@LATE
@pytest.mark.clause("yumek-9.4-26")
def test_nor_is_an_announcement_rung_a_seventh_time(late_s: float) -> None:
    call = client_rings(announced()).fires("outgoing", late_s=late_s)
    assert call.fact("announcement_dial_ended")["rings"] == 6


@LATE
@pytest.mark.clause("yumek-9.4-26")
def test_nor_is_a_number_outside_to_which_a_call_is_passed_on(late_s: float) -> None:
    call = passed(OUTSIDE).after(8).rings().fires("consult", late_s=late_s)
    assert call.fact("transfer_refused")["rings"] == 6


@LATE
@pytest.mark.clause("krc-5.6.4-02")
def test_nor_is_an_operator_said_to_have_let_it_ring_once_more(late_s: float) -> None:
    call = Call().arrives().plays_out().presses("0").offered(1).rings()
    rings = PLAN.rings((call.state.timers["ring"] - call.at).total_seconds())
    assert call.fires("ring", late_s=late_s).fact("offer_missed")["rings"] == rings


@LATE
def test_nor_one_who_is_given_a_callback(late_s: float) -> None:
    call = calls_out(queue="general").rings()
    rings = PLAN.rings((call.state.timers["ring"] - call.at).total_seconds())
    assert call.fires("ring", late_s=late_s).fact("callback_not_taken")["rings"] == rings


@pytest.mark.clause("yumek-9.4-26")
@pytest.mark.parametrize("make", [lambda: Dialled().outside(), announced], ids=["by hand", "announcement"])
def test_a_network_that_says_again_that_it_rings_gives_no_rings_more(make: Any) -> None:
    call = client_rings(make().after(3))
    due = call.state.timers["outgoing"]
    client_rings(call.after(12))
    assert call.state.timers["outgoing"] == due
    call.fires("outgoing")
    [ended] = [note.data for note in call.facts() if note.kind in ("client_dial_ended", "announcement_dial_ended")]
    assert (ended["rings"], ended["ring_s"]) == (6, 30.0)


def test_nor_does_the_phone_of_who_is_given_a_callback() -> None:
    call = calls_out(queue="general").rings()
    due = call.state.timers["ring"]
    assert call.after(5).rings().state.timers["ring"] == due
