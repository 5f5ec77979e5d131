"""A bad line in the machine: each stretch has its own attempts and its own time before the call may be ended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from tests.switchboard import calls
from tests.switchboard.calls import Call

PLAN = replace(calls.PLAN, grounds=frozenset({"insult", "bad_line"}))
WISHES = pytest.mark.parametrize("wish", [e.EndBadLine, e.Terminate], ids=["end-bad-line", "terminate"])


def ends(call: Call, wish: type[e.Asked]) -> list[str]:
    """Ask for the end; the refusals."""
    said: dict[str, Any] = {"ground": "bad_line"} if wish is e.Terminate else {}
    return [one.code for one in call.asks(wish, **said) if isinstance(one, c.Refuse)]


def again() -> Call:
    """A client who could not be heard, could be, and after two minutes cannot again."""
    call = Call(PLAN).talking()
    call.asks(e.Attempt)
    call.after(6).asks(e.HeardAgain)
    return call.after(120)


@WISHES
@pytest.mark.clause("court-3-01", "court-3-02")
def test_a_later_stretch_is_tried_anew_for_its_own_seconds(wish: type[e.Asked]) -> None:
    call = again()
    assert ends(call, wish) == ["too_early"]
    call.asks(e.Attempt)
    call.after(5).asks(e.Attempt)
    assert [note.data["attempt"] for note in call.facts("contact_attempted")] == [1, 1, 2]
    assert [note.data["elapsed_s"] for note in call.facts("contact_attempted")] == [0.0, 0.0, 5.0]
    assert len(call.facts("bad_line_flagged")) == 2
    assert call.fact("bad_line_over") == {"employee": 1, "duration_s": 6.0}


@pytest.mark.clause("court-3-01", "court-3-02")
def test_the_end_says_how_long_this_stretch_was() -> None:
    call = again()
    call.asks(e.Attempt)
    assert ends(call.after(9), e.EndBadLine) == ["too_early"]
    assert ends(call.after(2), e.EndBadLine) == []
    assert call.fact("call_terminated") == {"employee": 1, "ground": "bad_line", "after_s": 11.0}


def test_who_was_always_heard_is_not_heard_again() -> None:
    call = Call(PLAN).talking()
    assert not [one for one in call.asks(e.HeardAgain) if isinstance(one, c.Note | c.Refuse)]
    assert [one.code for one in call.asks(e.HeardAgain, 2) if isinstance(one, c.Refuse)] == ["not_your_call"]


@pytest.mark.parametrize("where", ["held", "consulting", "telling", "lost"])
def test_he_is_heard_again_wherever_the_call_is(where: str) -> None:
    call = Call(PLAN).talking(endpoint="op1w")
    call.asks(e.Attempt)
    call.after(3)
    if where == "held":
        call.asks(e.HoldCaller)
    elif where == "lost":
        call.happens(e.MediaLost(at=call.at, employee=1))
    else:
        call.asks(e.TransferAsked, target_employee=2, target="P", endpoint="op2w")
        call.after(2).answered()
    if where == "telling":
        call.asks(e.BackToClient)
    assert not [one for one in call.asks(e.HeardAgain) if isinstance(one, c.Refuse)]
    assert (call.state.bad_line_at, call.state.attempts) == (None, 0)


@pytest.mark.clause("court-3-01")
def test_who_waits_on_hold_is_not_ended_for_a_bad_line() -> None:
    call = Call(PLAN).talking()
    call.asks(e.Attempt)
    call.asks(e.HoldCaller)
    assert ends(call.after(60), e.Terminate) == ["not_now"]


@pytest.mark.clause("court-3-01")
@pytest.mark.parametrize("how", ["passed on", "taken over", "back in the queue"])
def test_what_one_operator_tried_is_not_the_next_one_s(how: str) -> None:
    call = Call(PLAN).talking(endpoint="op1w")
    call.asks(e.Attempt)
    if how == "passed on":
        call.asks(e.TransferAsked, target_employee=2, target="P", endpoint="op2w")
        call.after(2).answered().asks(e.Introduce, client_name="N", matter="m")
        call.asks(e.Complete)
    elif how == "taken over":
        call.supervised().asks(e.TakeOver, 9)
    else:
        call.happens(e.MediaLost(at=call.at, employee=1))
        call.fires("reattach")
    assert (call.state.bad_line_at, call.state.attempts) == (None, 0)
