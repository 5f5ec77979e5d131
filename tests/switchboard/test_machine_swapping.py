"""Between client and colleague: one of them talks with the operator, the other one waits with music."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kindline.standard import loader, transfers
from kindline.switchboard import reconcile
from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.state import Phase
from tests.switchboard.calls import CALLER, PLAN, Call

STRICT = replace(PLAN, transfer_needs=frozenset({"introduced", "told"}))
PASSED: dict[str, Any] = {"target_employee": 2, "target": "Petrova", "endpoint": "op2w"}


def consults(plan: Any = PLAN, *, held: bool = False) -> Call:
    """The operator talks with a colleague, who has heard whom it is about."""
    call = Call(plan).talking(endpoint="op1w").after(10)
    if held:
        call.asks(e.HoldCaller, announced=True)
    call.asks(e.TransferAsked, **PASSED)
    call.after(3).rings().after(2).answered()
    call.asks(e.Introduce, client_name="N", matter="m")
    return call


def tells(plan: Any = PLAN) -> Call:
    """He is with the client again."""
    call = consults(plan).after(8)
    assert not refusals(call.asks(e.BackToClient))
    return call


def refusals(made: list[c.Command]) -> list[str]:
    return [one.code for one in made if isinstance(one, c.Refuse)]


def legs(call: Call) -> tuple[str, str]:
    operator, colleague = call.state.operator, call.state.third
    assert operator
    assert colleague
    return operator.channel, colleague.channel


@pytest.mark.clause("krc-5.6.4-17", "krc-5.6.4-18")
def test_the_operator_goes_back_to_the_client_while_the_colleague_waits_with_music() -> None:
    call = tells()
    operator, colleague = legs(call)
    assert call.state.phase.value == "telling"
    assert (call.hear_each_other(), call.music) == ({CALLER, operator}, {colleague})
    assert call.fact("transfer_client_joined") == {
        "employee": 1, "target_employee": 2, "target": "Petrova", "target_kind": "employee",
    }  # fmt: skip
    call.after(5).asks(e.BackToColleague)
    assert call.state.phase.value == "consulting"
    assert (call.hear_each_other(), call.music) == ({operator, colleague}, {CALLER})
    assert call.fact("transfer_colleague_joined")["target_employee"] == 2


@pytest.mark.clause("krc-5.6.4-16", "krc-5.6.4-17")
def test_from_the_client_they_are_connected_and_the_operator_leaves() -> None:
    call = tells()
    operator, colleague = legs(call)
    assert not refusals(call.asks(e.Complete))
    assert (call.hear_each_other(), call.music) == ({CALLER, colleague}, set())
    assert operator not in call.channels
    assert call.fact("transfer_completed")["mode"] == "attended"


@pytest.mark.clause("krc-5.6.4-18")
def test_where_the_standard_demands_it_nobody_is_connected_before_the_client_was_told() -> None:
    call = consults(STRICT)
    assert refusals(call.asks(e.Complete)) == ["not_told"]
    assert call.fact("action_refused") == {"action": "transfer_complete", "reason": "not_told"}
    call.asks(e.BackToClient)
    assert not refusals(call.asks(e.Complete))
    call = consults(STRICT)
    call.asks(e.Conference)
    assert not refusals(call.asks(e.Complete)), "in a conference the client hears it as well"


@pytest.mark.clause("krc-5.5.3-07")
def test_a_conference_begins_from_there_too() -> None:
    call = tells()
    call.asks(e.Conference)
    assert (call.hear_each_other(), call.music) == ({CALLER, *legs(call)}, set())


def test_given_up_the_operator_stays_with_the_client() -> None:
    call = tells()
    operator, colleague = legs(call)
    call.asks(e.CancelTransfer)
    assert call.state.phase is Phase.TALKING
    assert call.hear_each_other() == {CALLER, operator}
    assert colleague not in call.channels
    assert call.kept == {1}


@pytest.mark.parametrize("how", ["refuses", "hangs up", "is lost"])
def test_a_colleague_who_waits_no_longer_leaves_the_two_alone(how: str) -> None:
    call = tells()
    operator, colleague = legs(call)
    if how == "refuses":
        call.asks(e.RefuseTransfer, 2)
    elif how == "hangs up":
        call.gone(colleague)
    else:
        call.happens(e.MediaLost(at=call.at, employee=2))
    assert call.state.phase is Phase.TALKING
    assert (call.hear_each_other(), call.kept) == ({CALLER, operator}, {1})
    assert len(call.facts("transfer_refused")) == 1


def test_a_client_who_hangs_up_leaves_nobody_waiting() -> None:
    call = tells().gone(CALLER)
    assert call.state.over
    assert (call.channels, call.kept, call.bridges) == (set(), set(), set())


@pytest.mark.parametrize(("plan", "phase"), [(PLAN, Phase.TALKING), (STRICT, Phase.TALKING)])
def test_an_operator_whose_page_is_lost_has_told_the_client_and_they_are_connected(plan: Any, phase: Phase) -> None:
    call = tells(plan)
    _, colleague = legs(call)
    call.happens(e.MediaLost(at=call.at, employee=1))
    assert call.state.phase is phase
    assert call.hear_each_other() == {CALLER, colleague}


def test_one_who_has_not_introduced_him_keeps_the_client_for_his_return() -> None:
    call = Call().talking(endpoint="op1w")
    call.asks(e.TransferAsked, **PASSED)
    call.after(2).answered().asks(e.BackToClient)
    call.happens(e.MediaLost(at=call.at, employee=1))
    assert (call.state.phase, call.music, call.kept) == (Phase.LOST, {CALLER}, {1})


def test_a_telephone_that_is_hung_up_then_leaves_the_client_at_the_head_of_his_queue() -> None:
    call = Call().talking(endpoint="op1s")
    call.asks(e.TransferAsked, **PASSED)
    call.after(2).answered().asks(e.BackToClient)
    call.gone(legs(call)[0])
    assert (call.state.phase, call.music, call.kept) == (Phase.QUEUED, {CALLER}, set())


def test_a_hold_is_over_once_the_client_hears_the_operator_again() -> None:
    call = consults(held=True)
    call.after(4).asks(e.BackToClient)
    assert call.fact("hold_ended")["outcome"] == "resumed"
    call.asks(e.CancelTransfer)
    assert call.state.phase is Phase.TALKING


def test_a_phone_that_still_rings_keeps_nobody_from_the_client_by_another_way() -> None:
    call = Call().talking()
    call.asks(e.TransferAsked, **PASSED)
    assert refusals(call.asks(e.BackToClient)) == ["not_answered"]
    assert refusals(call.asks(e.BackToClient, 2)) == ["not_your_call"]
    assert refusals(call.asks(e.BackToColleague)) == ["not_now"]


def repaired(call: Call, *inside: str) -> list[c.Engine]:
    """What is told to an engine in whose bridge these are, after a kill."""
    there = {one: {"state": "Up"} for one in (CALLER, *legs(call))}
    seen = reconcile.Seen(channels=there, bridges={call.state.bridge: frozenset(inside)}, started_at=call.at)
    return reconcile.repairs(call.state, seen)


def test_after_a_reconnection_the_colleague_is_left_where_he_waits() -> None:
    call = tells()
    assert repaired(call, CALLER, legs(call)[0]) == []


def test_a_kill_before_the_colleague_left_leaves_him_not_with_the_client() -> None:
    call = tells()
    operator, colleague = legs(call)
    bridge = call.state.bridge
    assert repaired(call, operator, colleague) == [
        c.Leave(bridge, colleague), c.StartMusic(colleague), c.StopMusic(CALLER), c.Join(bridge, (CALLER,)),
    ]  # fmt: skip


def test_a_kill_before_the_client_left_leaves_him_not_with_the_two() -> None:
    call = tells()
    operator, colleague = legs(call)
    bridge = call.state.bridge
    call.asks(e.BackToColleague)
    assert repaired(call, operator, CALLER) == [
        c.Leave(bridge, CALLER), c.StartMusic(CALLER), c.StopMusic(colleague), c.Join(bridge, (colleague,)),
    ]  # fmt: skip


def test_a_card_s_number_that_is_said_then_is_not_recorded() -> None:
    call = tells()
    assert not refusals(call.asks(e.PauseRecording, reason="card"))
    assert call.silenced == {track.name for track in call.state.tracks}
    call.asks(e.BackToColleague)
    assert not refusals(call.asks(e.PauseRecording, reason="card"))


@pytest.mark.clause("court-2-15")
def test_a_client_who_insults_then_is_hung_up_on_and_nobody_waits_on() -> None:
    call = tells()
    assert not refusals(call.asks(e.Terminate, ground="insult"))
    assert call.state.over
    assert (call.channels, call.kept, call.bridges) == (set(), set(), set())


def test_a_supervisor_who_talks_along_has_the_client_when_the_operator_vanishes() -> None:
    call = tells(STRICT).supervised("barge")
    operator, colleague = legs(call)
    here = call.state.supervision
    assert here
    call.gone(operator, cause=44)
    assert call.state.phase is Phase.TALKING
    assert call.hear_each_other() == {CALLER, here.channel}
    assert (colleague in call.channels, call.kept, call.music) == (False, {9}, set())


@pytest.mark.clause("krc-5.6.4-18", "yumek-9.4-23")
def test_nobody_can_be_told_who_takes_him_before_somebody_does() -> None:
    call = consults(replace(PLAN, transfer_needs=frozenset({"introduced", "accepted", "told"})))
    call.asks(e.BackToClient)
    assert refusals(call.asks(e.Complete)) == ["not_accepted"]
    call.asks(e.BackToColleague)
    call.asks(e.Accept, 2)
    assert refusals(call.asks(e.Complete)) == ["not_told"]
    call.asks(e.BackToClient)
    assert not refusals(call.asks(e.Complete))


def test_he_is_told_as_well_when_the_colleague_accepts_while_the_operator_is_with_him() -> None:
    call = tells(replace(PLAN, transfer_needs=frozenset({"introduced", "accepted", "told"})))
    call.asks(e.Accept, 2)
    assert not refusals(call.asks(e.Complete))


@pytest.mark.clause("krc-5.6.4-17", "krc-5.6.4-18")
def test_a_standard_demands_it_as_data() -> None:
    krc = loader.load("krc")
    assert "told" not in transfers.of(krc).needs
    clause = krc.clauses["krc-5.6.4-17"]
    assert clause.rule
    rule = replace(
        clause.rule, kind="notified_before", params={"notice": "transfer_client_joined", "event": "transfer_completed"}
    )
    strict = replace(krc, clauses={**krc.clauses, clause.id: replace(clause, how="enforced", rule=rule)})
    assert transfers.of(strict).needs == transfers.of(krc).needs | {"told"}
