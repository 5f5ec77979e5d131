"""The machine of passing a call on: to departments, deputies and numbers outside, after an introduction and blindly."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.queue import HEAD
from kindline.switchboard.machine.state import Phase
from tests.switchboard.calls import CALLER, PLAN, Call

FREE = dataclasses.replace(PLAN, transfer_needs=frozenset(), blind_transfer=True)
STRICT = dataclasses.replace(PLAN, transfer_needs=frozenset({"introduced", "accepted"}))
NUMBER = "+79161234567"
COLLEAGUE: dict[str, Any] = {"target_employee": 2, "target": "Petrova", "endpoint": "op2s"}
DEPUTY: dict[str, Any] = COLLEAGUE | {"kind": "deputy"}
DEPARTMENT: dict[str, Any] = COLLEAGUE | {"target": "Office", "kind": "department", "number": "77"}
OUTSIDE: dict[str, Any] = {
    "target_employee": 0, "target": NUMBER, "endpoint": f"tel:{NUMBER}", "kind": "outside", "number": NUMBER,
}  # fmt: skip
EVERY = pytest.mark.parametrize("to", [COLLEAGUE, DEPUTY, DEPARTMENT, OUTSIDE], ids=["own", "deputy", "unit", "out"])


def passed(to: dict[str, Any], plan: Any = FREE, mode: str = "attended") -> Call:
    """A talk of operator 1 that he has just passed on."""
    call = Call(plan).talking().after(10)
    call.asks(e.TransferAsked, mode=mode, **to)
    return call


def blind(to: dict[str, Any]) -> Call:
    return passed(to, mode="blind")


def refusals(made: list[c.Command]) -> list[str]:
    return [one.code for one in made if isinstance(one, c.Refuse)]


def dials(call: Call) -> list[c.Dial]:
    return [one for one in call.done if isinstance(one, c.Dial)]


def said(call: Call, kind: str) -> tuple[Any, ...]:
    """What a fact says of the destination: employee, kind, number."""
    fact = call.fact(kind)
    return fact.get("target_employee"), fact["target_kind"], fact.get("number")


# --- after an introduction ---
@EVERY
@pytest.mark.clause("krc-5.6.4-15", "krc-5.6.4-16")
def test_whoever_it_is_he_is_introduced_and_connected(to: dict[str, Any]) -> None:
    call = passed(to, PLAN).rings().after(5).answered().after(5)
    assert CALLER in call.music
    assert refusals(call.asks(e.Complete)) == ["not_introduced"]
    call.asks(e.Introduce, client_name="N", matter="m")
    assert not refusals(call.asks(e.Complete))
    assert call.state.phase is Phase.TALKING
    assert call.state.operator
    assert call.hear_each_other() == {CALLER, call.state.operator.channel}
    assert dict(call.operators())[1] == "wrap_up"
    expected = (to["target_employee"] or None, to.get("kind", "employee"), to.get("number"))
    assert {said(call, f"transfer_{kind}") for kind in ("started", "offered", "answered", "completed")} == {expected}
    assert call.fact("transfer_completed")["mode"] == "attended"
    legs = [(track.leg, track.employee) for track in call.state.tracks]
    assert legs == [("client", None), ("specialist", to["target_employee"] or None)]


def test_a_number_outside_sees_the_line_that_the_client_called() -> None:
    assert (dials(passed(OUTSIDE))[-1].endpoint, dials(passed(OUTSIDE))[-1].line) == (f"tel:{NUMBER}", "hotline")


@pytest.mark.clause("yumek-9.4-26")
def test_outside_it_stops_after_the_sixth_ring_counted_from_the_first() -> None:
    call = passed(OUTSIDE).after(8).rings()
    since = call.at
    call.fires("consult")
    assert (call.at - since).total_seconds() == 30
    assert call.fact("transfer_refused")["rings"] == 6
    assert call.fact("transfer_refused")["reason"] == "absent"
    assert call.state.phase is Phase.TALKING
    assert CALLER in call.hear_each_other()


@pytest.mark.parametrize(("cause", "reason"), [(17, "busy"), (21, "declined"), (19, "absent"), (20, "absent")])
@pytest.mark.clause("krc-5.6.4-20", "krc-5.6.4-22")
def test_who_outside_does_not_take_it_is_told_apart(cause: int, reason: str) -> None:
    call = passed(OUTSIDE)
    assert call.state.third
    call.after(2).gone(call.state.third.channel, cause)
    assert call.fact("transfer_refused")["reason"] == reason
    assert call.hear_each_other() == {CALLER, call.state.operator.channel if call.state.operator else ""}


@pytest.mark.parametrize("to", [DEPARTMENT, OUTSIDE, COLLEAGUE | {"endpoint": f"tel:{NUMBER}"}])
@pytest.mark.clause("yumek-9.4-23")
def test_who_has_no_screen_says_it_to_the_operator(to: dict[str, Any]) -> None:
    call = passed(to, STRICT).answered()
    call.asks(e.Introduce, client_name="N", matter="m")
    assert refusals(call.asks(e.Complete)) == ["not_accepted"]
    assert not refusals(call.asks(e.Accept))
    assert not refusals(call.asks(e.Complete))


def test_the_operator_says_it_for_nobody_who_has_a_screen_and_for_nobody_who_has_not_answered() -> None:
    call = passed(COLLEAGUE, STRICT).answered()
    assert refusals(call.asks(e.Accept)) == ["not_your_call"]
    assert refusals(passed(OUTSIDE, STRICT).asks(e.Accept)) == ["not_your_call"]
    assert refusals(passed(OUTSIDE, STRICT).asks(e.RefuseTransfer, reason="cannot_answer")) == ["not_your_call"]


def test_who_outside_cannot_answer_the_question_is_let_go() -> None:
    call = passed(OUTSIDE).answered()
    assert not refusals(call.asks(e.RefuseTransfer, reason="cannot_answer"))
    assert call.fact("transfer_refused")["reason"] == "cannot_answer"
    assert call.state.phase is Phase.TALKING


@pytest.mark.parametrize("cause", [16, 44])
def test_the_talk_with_a_number_outside_ends_with_it(cause: int) -> None:
    call = passed(OUTSIDE).answered()
    call.asks(e.Complete)
    assert call.state.operator
    call.after(60).gone(call.state.operator.channel, cause)
    assert call.state.over
    assert call.fact("call_ended")["by"] == "outside"
    assert 0 not in dict(call.operators())


# --- a department: one after the other ---
@pytest.mark.parametrize("mode", ["attended", "blind"])
def test_of_a_department_the_next_is_rung_until_nobody_is_left(mode: str) -> None:
    call = passed(DEPARTMENT, mode=mode)
    assert call.state.third
    call.after(3).gone(call.state.third.channel, 17)
    assert call.done[-1] == c.FindColleague("77", 1, (2,))
    call.happens(e.ColleagueFound(at=call.at, employee=3, endpoint="op3s"))
    assert dials(call)[-1].endpoint == "op3s"
    call.fires("consult")
    assert call.done[-1] == c.FindColleague("77", 1, (2, 3))
    call.happens(e.ColleagueFound(at=call.at, why_not="absent"))
    assert call.fact("transfer_refused")["reason"] == "absent"
    assert call.state.phase is (Phase.TALKING if mode == "attended" else Phase.QUEUED)
    assert not call.kept - {1}


@pytest.mark.parametrize("mode", ["attended", "blind"])
def test_when_nobody_can_be_sought_in_time_the_client_is_not_left_waiting(mode: str) -> None:
    call = passed(DEPARTMENT, mode=mode)
    assert call.state.third
    call.gone(call.state.third.channel, 20)
    call.fires("find")
    assert call.state.phase is (Phase.TALKING if mode == "attended" else Phase.QUEUED)
    call.happens(e.ColleagueFound(at=call.at, employee=3, endpoint="op3s"))
    assert not call.kept - {1}, "who was found too late is let go"


def test_a_switchboard_that_takes_the_call_over_seeks_again() -> None:
    call = passed(DEPARTMENT)
    assert call.state.third
    call.gone(call.state.third.channel, 20)
    assert call.happens(e.TakenOver(at=call.at))[-1] == c.FindColleague("77", 1, (2,))


def test_one_of_a_department_who_has_answered_and_hangs_up_is_a_refusal_not_a_reason_to_ring_the_next() -> None:
    call = passed(DEPARTMENT).answered()
    assert call.state.third
    call.gone(call.state.third.channel)
    assert call.fact("transfer_refused")["reason"] == "declined"
    assert call.state.phase is Phase.TALKING


# --- blindly ---
@EVERY
def test_the_operator_is_free_at_once_and_whoever_answers_has_the_client(to: dict[str, Any]) -> None:
    call = blind(to)
    assert call.state.phase.value == "forwarding"
    assert call.operators()[-1] == (1, "wrap_up")
    assert CALLER in call.music
    call.rings().after(4).answered()
    assert call.state.phase is Phase.TALKING
    assert call.state.operator
    assert call.hear_each_other() == {CALLER, call.state.operator.channel}
    assert CALLER not in call.music
    fact = call.fact("transfer_completed")
    assert (fact["mode"], fact["employee"], fact["connect_s"]) == ("blind", 1, 4.0)
    assert {(track.leg, track.employee) for track in call.state.tracks} == {
        ("client", None), ("specialist", to["target_employee"] or None),
    }  # fmt: skip
    assert call.state.served_by == ((1, 2) if to["target_employee"] else (1,))


@pytest.mark.clause("krc-5.6.4-16", "yumek-9.4-20")
def test_it_is_measured_as_blind_nobody_answered_the_operator_and_nobody_was_introduced() -> None:
    assert not {"transfer_answered", "transfer_introduced", "transfer_accepted"} & set(
        blind(COLLEAGUE).answered().kinds()
    )


@pytest.mark.clause("krc-5.6.4-16", "krc-5.5.3-05", "yumek-9.4-20")
def test_where_the_standard_asks_for_an_introduction_it_is_refused() -> None:
    call = Call().talking()
    assert refusals(call.asks(e.TransferAsked, mode="blind", **COLLEAGUE)) == ["blind_not_allowed"]
    assert call.fact("action_refused") == {"action": "transfer_blind", "reason": "blind_not_allowed"}
    assert call.state.phase is Phase.TALKING
    assert not call.kept - {1}
    assert "transfer_started" not in call.kinds()


def not_answered(call: Call) -> None:
    call.fires("consult")


def busy(call: Call) -> None:
    assert call.state.third
    call.gone(call.state.third.channel, 17)


def declined(call: Call) -> None:
    call.asks(e.Decline, 2)


def refused(call: Call) -> None:
    call.asks(e.RefuseTransfer, 2, reason="cannot_answer")


def lost(call: Call) -> None:
    call.happens(e.MediaLost(at=call.at, employee=2))


@pytest.mark.parametrize(
    ("how", "reason"),
    [(not_answered, "absent"), (busy, "busy"), (declined, "declined"), (refused, "cannot_answer"), (lost, "absent")],
)
def test_where_nobody_takes_it_the_client_is_at_the_head_of_his_queue(how: Any, reason: str) -> None:
    call = blind(COLLEAGUE).after(2)
    how(call)
    assert call.state.phase is Phase.QUEUED
    waiting = call.state.waiting
    assert waiting
    assert (waiting.queue, waiting.priority, waiting.back_to) == ("general", HEAD, 1)
    assert list(waiting.refused) == ["2"], "he is not offered to the one who did not take him"
    assert CALLER in call.music
    assert call.fact("transfer_refused")["reason"] == call.fact("transfer_returned")["reason"] == reason
    assert call.fact("transfer_returned")["employee"] == 1
    assert not call.kept
    assert not call.state.tracks
    call.offered(1).after(3).answered()
    assert call.kinds().count("call_answered") == 2


def test_only_who_is_called_can_refuse_it() -> None:
    call = blind(COLLEAGUE)
    assert refusals(call.asks(e.RefuseTransfer, 1)) == ["not_your_call"]
    assert call.state.phase is Phase.FORWARDING


def test_a_client_who_hangs_up_meanwhile_leaves_no_phone_ringing() -> None:
    call = blind(COLLEAGUE)
    call.after(3).gone(CALLER)
    assert call.state.over
    assert not call.channels
    assert call.fact("transfer_cancelled")["reason"] == "client_hung_up"
    assert call.fact("call_ended")["outcome"] == "answered"


def test_a_client_on_hold_can_be_passed_on_and_the_hold_is_counted() -> None:
    call = Call(FREE).talking()
    call.asks(e.HoldCaller, announced=True)
    call.after(20).asks(e.TransferAsked, mode="blind", **COLLEAGUE)
    assert call.fact("hold_ended") == {"duration_s": 20.0, "total_s": 20.0, "outcome": "transferred"}
    call.answered()
    assert call.state.phase is Phase.TALKING


def test_a_client_who_was_called_comes_back_to_the_queue_of_his_line() -> None:
    call = Call(FREE)
    call.channels.clear()
    call.happens(e.DialOut(at=call.at, employee=1, endpoint="op1s", number=NUMBER, line="hotline"))
    call.kept.add(1)
    call.answered()
    call.channels.add(CALLER)
    call.happens(e.Up(at=call.at, channel=CALLER))
    call.plays_out().asks(e.TransferAsked, mode="blind", **COLLEAGUE)
    call.fires("consult")
    assert call.state.phase is Phase.QUEUED
    assert call.state.waiting
    assert call.state.waiting.queue == "general"


def test_a_supervisor_who_listens_is_let_go_when_the_operator_has_left() -> None:
    call = Call(FREE).talking().supervised()
    call.asks(e.TransferAsked, mode="blind", **COLLEAGUE)
    assert call.state.supervision is None
    assert call.fact("supervision_ended")["outcome"] == "talk_over"


@pytest.mark.parametrize(
    "wish",
    [
        (e.HoldCaller, {}), (e.Resume, {}), (e.SendDigits, {"digits": "1"}), (e.Attempt, {}), (e.EndBadLine, {}),
        (e.Terminate, {"ground": "insult"}), (e.HangUpAsked, {}), (e.Introduce, {}), (e.Accept, {}), (e.Complete, {}),
        (e.Conference, {}), (e.CancelTransfer, {}), (e.PauseRecording, {"reason": "card"}),
        (e.TransferAsked, COLLEAGUE | {"target_employee": 4, "endpoint": "op4s"}),
    ],
    ids=lambda one: one[0].__name__,
)  # fmt: skip
def test_nothing_else_can_be_asked_of_a_call_that_is_passed_on(wish: tuple[type[e.Asked], dict[str, Any]]) -> None:
    call = blind(COLLEAGUE)
    assert refusals(call.asks(wish[0], **wish[1]))
    assert call.state.phase is Phase.FORWARDING
    assert call.kept == {2}
