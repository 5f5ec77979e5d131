"""The phone of whoever a call is passed on to: it rings, in a department one after the other, and is let go."""

from __future__ import annotations

from dataclasses import replace

from kindline.switchboard.machine import ending, internal, queue, tracks
from kindline.switchboard.machine.commands import Dial, FindColleague
from kindline.switchboard.machine.events import ColleagueFound, Gone, Ringing
from kindline.switchboard.machine.passing import DEPARTMENT, OUTSIDE, Transfer
from kindline.switchboard.machine.state import Leg, Phase
from kindline.switchboard.machine.turn import Turn

RING, FIND = "consult", internal.FIND
REASONS = {16: "declined", 17: "busy", 18: "absent", 19: "absent", 20: "absent", 21: "declined"}


def ring(turn: Turn, employee: int, endpoint: str) -> None:
    """Let the phone ring; for a number outside the client's line is shown, as with any call outside."""
    state, passed = turn.state, turn.state.transfer
    if passed is None:
        return
    limit_s = _limit_s(turn, passed)
    state.third = Leg(turn.name("leg"), employee, endpoint, turn.now, wraps_up=bool(employee))
    turn.note("transfer_offered", target_employee=employee or None, **passed.said())
    turn.do(Dial(state.third.channel, endpoint, "consult", limit_s + 5, state.caller, line=state.line))
    turn.set_timer(RING, limit_s)


def _limit_s(turn: Turn, passed: Transfer) -> float:
    """How long it may ring: outside so many rings as the standard has for outgoing calls (yumek-9.4-26)."""
    if passed.kind == OUTSIDE:
        return turn.plan.outgoing_ring_limit_s()
    return turn.plan.ring_limit_s(turn.state.waiting.queue if turn.state.waiting else "")


def rings(turn: Turn) -> None:
    """It says that it rings: outside, where the network takes its time, the rings count from now."""
    event, leg, passed = turn.event, turn.state.third, turn.state.transfer
    queue.ringing(turn)
    outside = passed is not None and passed.kind == OUTSIDE
    if outside and isinstance(event, Ringing) and leg and leg.channel == event.channel and leg.rung_at is None:
        turn.set_timer(RING, turn.plan.outgoing_ring_limit_s())


def why_gone(turn: Turn) -> str:
    """Why a phone that rang is gone, by the cause of the network."""
    return REASONS.get(turn.event.cause if isinstance(turn.event, Gone) else 19, "absent")


def refuse(turn: Turn, reason: str) -> None:
    """Say that the call is not taken, and after how many rings."""
    leg, passed = turn.state.third, turn.state.transfer
    if passed is None:
        return
    rang = leg is not None and not leg.up
    ring_s = leg.ring_s(turn.now) if leg and rang else None
    rings_ = turn.plan.rings(ring_s) if ring_s is not None else None
    turn.note("transfer_refused", reason=reason, rings=rings_, ring_s=ring_s, **passed.said())


def free(turn: Turn) -> None:
    """Let whoever was asked go, and forget the transfer."""
    _release(turn)
    turn.state.transfer = None
    turn.cancel(RING, FIND)


def _release(turn: Turn) -> None:
    state, leg = turn.state, turn.state.third
    if leg is not None:
        tracks.stop(turn, leg.channel)
        gone = turn.event.channel if isinstance(turn.event, Gone) else ""
        ending.release(turn, leg, gone=gone, talked=False)
    state.third = None


def takes(turn: Turn, leg: Leg) -> None:
    """He has the client from now on."""
    state = turn.state
    state.operator, state.third, state.transfer = leg, None, None
    state.bad_line_at, state.attempts = None, 0  # another one: he has tried nothing yet
    state.phase = Phase.TALKING
    if leg.employee:
        state.served_by = (*(one for one in state.served_by if one != leg.employee), leg.employee)
    turn.operator_is(leg.employee, "talking")


# --- a department: one after the other ---
def next_one(turn: Turn) -> bool:
    """One of a department does not answer: the next is sought. Says whether that is so."""
    state, leg, passed = turn.state, turn.state.third, turn.state.transfer
    if passed is None or leg is None or leg.up or passed.kind != DEPARTMENT:
        return False
    _release(turn)
    turn.cancel(RING)
    state.transfer = replace(passed, tried=(*passed.tried, leg.employee))
    _seek(turn, state.transfer)
    return True


def _seek(turn: Turn, passed: Transfer) -> None:
    turn.set_timer(FIND, turn.plan.colleague_find_s)
    turn.do(FindColleague(passed.number, passed.giver, passed.tried))


def found(turn: Turn) -> str:
    """The next one is kept, and his phone rings; returns why there is nobody (any more), if so."""
    event, state = turn.event, turn.state
    if not isinstance(event, ColleagueFound):
        return ""
    if state.third is not None or FIND not in state.timers:
        internal.not_wanted(turn)
        return ""
    turn.cancel(FIND)
    if not event.why_not:
        ring(turn, event.employee, event.endpoint)
    return event.why_not


def look_again(turn: Turn) -> None:
    """The switchboard that led the call is dead, and what it sought with it."""
    if turn.state.transfer is not None and FIND in turn.state.timers:
        _seek(turn, turn.state.transfer)
