"""A call inside the house: an employee dials a colleague's or a department's extension. No client is there.

For the machine he who dialled is the caller (`state.channel`), the colleague is the operator: whatever holds of a talk
(recording, hold, transfer, a telephone that falls silent) holds of this one, but nobody has work to finish afterwards.
"""

from __future__ import annotations

from dataclasses import replace

from kindline.switchboard.machine import ending, sounds, tracks
from kindline.switchboard.machine.commands import Answer, Dial, FindColleague, HangUp, MakeBridge, Ring
from kindline.switchboard.machine.events import ColleagueFound, DialledInside, Fired, Gone, Ringing, Up
from kindline.switchboard.machine.inside import Inside
from kindline.switchboard.machine.state import Leg, Phase, seconds
from kindline.switchboard.machine.turn import Turn

FIND, RING = "find", "ring"
OUTCOMES = {16: "declined", 17: "busy", 20: "absent", 21: "declined"}
CAUSES = {"declined": "busy", "busy": "busy", "absent": "absent", "unknown": "unallocated"}
"""What who dialled hears of it; anything else: nobody answers."""


def begin(turn: Turn) -> None:
    """An employee dialled an extension: he hears it ring while somebody is sought who answers it.

    Clause: krc-5.5.1-02.
    """
    event, state = turn.event, turn.state
    if not isinstance(event, DialledInside):
        return
    state.direction, state.called = "out", event.number
    state.inside = Inside(event.employee, event.number, event.shown)
    state.phase = Phase.CALLING_COLLEAGUE
    turn.note("internal_dialled", employee=event.employee, number=event.number)
    turn.operator_is(event.employee, "talking")
    turn.do(Ring(state.channel))
    _seek(turn, state.inside)


def _seek(turn: Turn, inside: Inside) -> None:
    turn.set_timer(FIND, turn.plan.colleague_find_s)
    turn.do(FindColleague(inside.number, inside.dialler, inside.tried))


def found(turn: Turn) -> None:
    """Somebody is kept for it: his telephone rings; or there is nobody (any more)."""
    event, state, inside = turn.event, turn.state, turn.state.inside
    if not isinstance(event, ColleagueFound) or inside is None:
        return
    if state.operator is not None or FIND not in state.timers:
        not_wanted(turn)
        return
    turn.cancel(FIND)
    if event.why_not:
        _nobody(turn, inside if inside.tried else replace(inside, outcome=event.why_not))
        return
    state.operator = Leg(turn.name("leg"), event.employee, event.endpoint, turn.now, wraps_up=False)
    state.inside = replace(inside, tried=(*inside.tried, event.employee))
    limit_s = turn.plan.colleague_ring_s
    turn.do(Dial(state.operator.channel, event.endpoint, "internal", limit_s + 5, inside.shown))
    turn.set_timer(RING, limit_s)


def not_wanted(turn: Turn) -> None:
    """Somebody was kept for a call that does not need him any more."""
    event = turn.event
    if isinstance(event, ColleagueFound) and event.employee:
        turn.operator_is(event.employee, "ready")


def rings(turn: Turn) -> None:
    """His telephone says that it rings."""
    event, leg = turn.event, turn.state.operator
    if isinstance(event, Ringing) and leg is not None and event.channel == leg.channel and leg.rung_at is None:
        turn.state.operator = replace(leg, rung_at=turn.now)


def answered(turn: Turn) -> None:
    """The colleague picked up: both talk, and both are recorded as in any other talk."""
    event, state, leg = turn.event, turn.state, turn.state.operator
    if not isinstance(event, Up) or leg is None or event.channel != leg.channel or state.inside is None:
        return
    leg = state.operator = replace(leg, up_at=turn.now)
    turn.cancel(RING)
    state.phase, state.talked, state.talk_since = Phase.TALKING, True, turn.now
    state.served_by, state.bridge = (leg.employee,), turn.name("bridge")
    turn.note("internal_answered", employee=leg.employee, ring_s=leg.ring_s(turn.now))
    turn.operator_is(leg.employee, "talking")
    turn.together(MakeBridge(state.bridge), Answer(state.channel))
    sounds.join(turn, leg.channel)
    dialler = ("specialist", state.channel, state.inside.dialler)
    tracks.start(turn, dialler, ("operator", leg.channel, leg.employee))


def colleague_gone(turn: Turn) -> None:
    """His telephone did not answer, was busy or declined."""
    cause = turn.event.cause if isinstance(turn.event, Gone) else 19
    _missed(turn, OUTCOMES.get(cause, "no_answer"))


def declined(turn: Turn) -> None:
    """He does not take it, on his screen."""
    leg, event = turn.state.operator, turn.event
    if leg is None or getattr(event, "employee", None) != leg.employee:
        turn.refuse("not_your_call", "this call is not offered to you")
    else:
        _missed(turn, "declined")


def fired(turn: Turn) -> None:
    """It has rung for long enough, or nobody could be found in time."""
    event, inside = turn.event, turn.state.inside
    if not isinstance(event, Fired) or inside is None:
        return
    if event.timer == RING:
        _missed(turn, "no_answer")
    elif event.timer == FIND:
        _nobody(turn, inside)


def look_again(turn: Turn) -> None:
    """The switchboard that led the call is dead, and what it sought with it."""
    if turn.state.inside is not None and turn.state.operator is None:
        _seek(turn, turn.state.inside)


def _missed(turn: Turn, outcome: str) -> None:
    state, leg, inside = turn.state, turn.state.operator, turn.state.inside
    if leg is None or inside is None:
        return
    turn.note("internal_missed", employee=leg.employee, outcome=outcome, ring_s=seconds(leg.dialled_at, turn.now))
    if not (isinstance(turn.event, Gone) and turn.event.channel == leg.channel):
        turn.do(HangUp(leg.channel))
    turn.operator_is(leg.employee, "ready")
    turn.cancel(RING)
    state.operator, state.inside = None, replace(inside, outcome=outcome)
    _seek(turn, state.inside)


def _nobody(turn: Turn, inside: Inside) -> None:
    turn.state.inside = inside
    ending.end(turn, by="system", cause=CAUSES.get(inside.outcome, "no_answer"), outcome=inside.outcome)
