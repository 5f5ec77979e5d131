"""A supervisor becomes the operator of a call: because he takes it, or because the operator vanished beside him."""

from __future__ import annotations

from kindline.switchboard.machine import ending, mixing, sounds, supervising, tracks, transfer
from kindline.switchboard.machine.commands import DropBridge, Join, Leave
from kindline.switchboard.machine.events import Asked, Gone
from kindline.switchboard.machine.state import Leg, Phase, Supervision
from kindline.switchboard.machine.turn import Turn


def take_over(turn: Turn) -> None:
    """The supervisor becomes the operator of the call, the operator goes to his wrap-up."""
    event, here, state = turn.event, turn.state.supervision, turn.state
    if not isinstance(event, Asked):
        return
    if here is None or here.employee != event.employee:
        turn.refuse("not_supervising", "listen first: your phone is not in this call")
    elif not here.up:
        turn.refuse("pick_up", "your phone has not been picked up yet")
    elif state.phase not in (Phase.TALKING, Phase.HELD, Phase.LOST):
        code = "not_now" if state.third is None else "passing_on"
        turn.refuse(code, f"the call is {state.phase.value}: it cannot be taken over now")
    else:
        inherit(turn, here)


def inherits(turn: Turn) -> bool:
    """The operator vanished while a supervisor talks along: the client goes on talking with him."""
    here = turn.state.supervision
    if here is None or not here.inside or turn.state.phase not in (Phase.TALKING, Phase.TELLING):
        return False
    if turn.state.third is not None:
        transfer.drop_third(turn, "operator_lost")
    inherit(turn, here)
    return True


def inherit(turn: Turn, here: Supervision) -> None:
    """The call is the supervisor's from now on; he does not part from the client."""
    state, leg = turn.state, turn.state.operator
    if leg is None:
        return
    supervising.drop_ear(turn, here)
    mixing.drop(turn, here)
    if state.joined and not here.inside:
        turn.do(Leave(here.room, here.channel), Join(state.bridge, (here.channel,)))
    elif not state.joined:
        if not here.inside:
            turn.do(Leave(here.room, here.channel))
        sounds.join(turn, here.channel)
    turn.do(DropBridge(here.room))
    turn.cancel(supervising.RING, supervising.EAR, "reattach")
    ending.close_hold(turn, "taken_over")
    turn.note("call_taken_over", employee=here.employee, operator=leg.employee, mode=here.mode)
    supervising.ended(turn, here, "took_over")
    tracks.stop(turn, leg.channel)
    gone = turn.event.channel if isinstance(turn.event, Gone) else ""
    ending.release(turn, leg, gone=gone, talked=True)
    state.supervision, state.lost_at, state.phase = None, None, Phase.TALKING
    state.bad_line_at, state.attempts = None, 0  # he has tried nothing yet
    state.operator = Leg(here.channel, here.employee, here.endpoint, here.asked_at, up_at=here.up_at)
    state.served_by = (*(one for one in state.served_by if one != here.employee), here.employee)
    turn.operator_is(here.employee, "talking")
    tracks.start(turn, ("operator", here.channel, here.employee))
