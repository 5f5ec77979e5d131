"""Blind transfer: the operator has told the client and leaves; whoever is called has him as soon as he answers.

Where nobody takes him the client comes back to the head of his queue, never to nothing (ADR 54).
"""

from __future__ import annotations

from dataclasses import replace

from kindline.switchboard.machine import ending, queue, sounds, third, tracks
from kindline.switchboard.machine.events import Asked, Fired, MediaLost, TransferAsked, Up
from kindline.switchboard.machine.passing import BLIND
from kindline.switchboard.machine.state import Leg, Phase, seconds
from kindline.switchboard.machine.turn import Turn

NOT_ALLOWED = "blind_not_allowed"


def unfit(turn: Turn) -> str:
    """Why the operator must not leave before it is answered; empty when he may.

    Clause: krc-5.6.4-16, yumek-9.4-20.
    """
    if not turn.plan.blind_transfer:
        return NOT_ALLOWED
    return "not_now" if turn.state.inside else ""


def begin(turn: Turn, leg: Leg, event: TransferAsked) -> None:
    """The client waits with music while the other phone rings; the operator is free at once."""
    sounds.part(turn)
    ending.close_hold(turn, "transferred")
    turn.state.phase = Phase.FORWARDING
    third.ring(turn, event.target_employee, event.endpoint)
    tracks.stop(turn, leg.channel)
    turn.state.operator = None
    ending.release(turn, leg, talked=True)


def answered(turn: Turn) -> None:
    """Picked up: he has the client. No word was said before, so that nobody has answered the operator."""
    event, state, passed = turn.event, turn.state, turn.state.transfer
    if not isinstance(event, Up) or state.third is None or passed is None or event.channel != state.third.channel:
        return
    leg = replace(state.third, up_at=turn.now)
    turn.cancel(third.RING)
    sounds.join(turn, leg.channel)
    turn.note(
        "transfer_completed", employee=passed.giver, target_employee=leg.employee or None, mode=BLIND,
        connect_s=seconds(passed.started_at, turn.now), **passed.said(),
    )  # fmt: skip
    third.takes(turn, leg)
    tracks.start(turn, ("client", state.channel, None), ("specialist", leg.channel, leg.employee or None))


def refused(turn: Turn) -> None:
    """Whoever is called does not take it."""
    event, leg = turn.event, turn.state.third
    if not isinstance(event, Asked) or leg is None or event.employee != leg.employee:
        turn.refuse("not_your_call", "only the colleague who was called can refuse")
    else:
        _not_taken(turn, getattr(event, "reason", "") or "declined")


def gone(turn: Turn) -> None:
    """His phone did not answer, was busy or declined."""
    _not_taken(turn, third.why_gone(turn))


def fired(turn: Turn) -> None:
    """It has rung long enough, or nobody else could be found in time."""
    if isinstance(turn.event, Fired) and turn.event.timer in (third.RING, third.FIND):
        _not_taken(turn, "absent")


def lost_named(turn: Turn) -> None:
    """The network says that his phone is not there any more."""
    leg = turn.state.third
    if isinstance(turn.event, MediaLost) and leg is not None and turn.event.employee == leg.employee:
        _not_taken(turn, "absent")


def found(turn: Turn) -> None:
    """The next of the department, or nobody."""
    if why_not := third.found(turn):
        _not_taken(turn, why_not)


def _not_taken(turn: Turn, reason: str) -> None:
    passed, leg = turn.state.transfer, turn.state.third
    if passed is None or third.next_one(turn):
        return
    third.refuse(turn, reason)
    third.free(turn)
    tracks.stop(turn)
    turn.note("transfer_returned", employee=passed.giver, reason=reason, **passed.said())
    queue.back_to_head(turn, back_to=passed.giver, not_to=leg.employee if leg else 0)
