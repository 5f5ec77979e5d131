"""Two operators pick up the same call: one has the client, the other's telephone is let go."""

from __future__ import annotations

import pytest

from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.state import Phase
from tests.switchboard.calls import CALLER, Call


def rung_in_vain(call: Call) -> str:
    """The telephone of operator 1, which has rung for too long."""
    call.arrives().plays_out().presses("0").after(4).offered(1).rings()
    leg = call.state.operator
    assert leg is not None
    call.fires("ring")
    assert call.state.phase is Phase.QUEUED
    return leg.channel


def picks_up(call: Call, channel: str) -> None:
    """The engine says that a telephone was picked up, whatever it was told meanwhile."""
    call.channels.add(channel)
    call.happens(e.Up(at=call.at, channel=channel))


@pytest.mark.parametrize("second_rings", [True, False], ids=["while the second rings", "after the second answered"])
def test_who_picks_up_too_late_is_let_go_and_the_other_has_the_client(second_rings: bool) -> None:
    call = Call()
    late = rung_in_vain(call)
    call.after(1).offered(2).rings()
    if second_rings:
        picks_up(call, late)
        call.after(1).answered()
    else:
        call.after(1).answered()
        picks_up(call, late)
    assert call.state.operator is not None
    assert call.state.operator.employee == 2
    assert call.hear_each_other() == {CALLER, call.state.operator.channel}
    assert late not in call.channels, "his telephone is hung up"
    assert call.fact("call_answered")["employee"] == 2
    assert call.state.served_by == (2,)


def test_who_picks_up_too_late_while_nobody_else_is_asked_is_let_go_and_the_client_waits_on() -> None:
    call = Call()
    late = rung_in_vain(call)
    picks_up(call, late)
    assert call.state.phase is Phase.QUEUED
    assert CALLER in call.music
    assert late not in call.channels
    assert not call.facts("call_answered")
