"""Attended transfer: the client waits, whoever is called hears who it is and about what, then takes the call or not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kindline.switchboard.machine import ending, forwarding, sounds, swapping, third, tracks
from kindline.switchboard.machine.commands import Join
from kindline.switchboard.machine.destinations import mobile
from kindline.switchboard.machine.events import (
    Accept,
    Asked,
    CancelTransfer,
    Complete,
    Fired,
    Gone,
    Introduce,
    RefuseTransfer,
    TransferAsked,
    Up,
)
from kindline.switchboard.machine.passing import ATTENDED, BLIND, DEPUTY, EMPLOYEE, Transfer
from kindline.switchboard.machine.state import CallState, Leg, Phase, seconds
from kindline.switchboard.machine.talk import own
from kindline.switchboard.machine.turn import Turn


def asked(turn: Turn) -> None:
    """Call whoever is to take the client, who waits; in a blind transfer the operator leaves at once.

    Clause: krc-5.6.4-15, krc-5.6.4-16, yumek-9.4-20.
    """
    event = turn.event
    if not isinstance(event, TransferAsked):
        return
    leg = own(turn)
    if leg is None:
        _let_go(turn, event)
    elif event.mode == BLIND and (code := forwarding.unfit(turn)):
        _let_go(turn, event)
        turn.note("action_refused", action="transfer_blind", reason=code)
        turn.refuse(code, "a call is not passed on here before it is answered and introduced")
    else:
        _begin(turn, leg, event)


def _begin(turn: Turn, leg: Leg, event: TransferAsked) -> None:
    passed = Transfer(
        event.target, event.target_employee, turn.now, kind=event.kind, number=event.number, mode=event.mode,
        giver=leg.employee,
    )  # fmt: skip
    to = event.target_employee or None
    turn.note("transfer_started", employee=leg.employee, target_employee=to, mode=event.mode, **passed.said())
    if event.why_not or not event.endpoint:
        turn.note("transfer_refused", reason=event.why_not or "absent", **passed.said())
        turn.refuse(event.why_not or "absent", "the colleague cannot take a call now")
        return
    turn.state.transfer = passed
    if passed.blind:
        forwarding.begin(turn, leg, event)
        return
    sounds.part(turn)
    turn.state.phase = Phase.CONSULTING
    third.ring(turn, event.target_employee, event.endpoint)


def refused_now(turn: Turn) -> None:
    """A transfer is asked for when there can be none: let the kept colleague go."""
    event = turn.event
    if isinstance(event, TransferAsked):
        _let_go(turn, event)
        turn.refuse("not_now", f"the call is {turn.state.phase.value}: it cannot be transferred now")


def _let_go(turn: Turn, event: TransferAsked) -> None:
    if event.endpoint:
        turn.operator_is(event.target_employee, "ready")


def answered(turn: Turn) -> None:
    """The colleague picked up: he and the operator talk, the client still waits."""
    event, state = turn.event, turn.state
    if not isinstance(event, Up) or not state.third or not state.transfer or event.channel != state.third.channel:
        return
    leg = state.third = replace(state.third, up_at=turn.now)
    turn.do(Join(state.bridge, (leg.channel,)))
    turn.cancel(third.RING)
    ring_s, to = leg.ring_s(turn.now), leg.employee or None
    turn.note("transfer_answered", target_employee=to, ring_s=ring_s, **state.transfer.said())
    turn.operator_is(leg.employee, "talking")
    tracks.start(turn, ("specialist", leg.channel, to))


def introduced(turn: Turn) -> None:
    """The colleague is told who calls and about what (krc-5.6.4-16)."""
    event, state = turn.event, turn.state
    if own(turn) is None or not isinstance(event, Introduce) or state.transfer is None:
        return
    state.transfer = replace(state.transfer, introduced=True)
    swapping.tell(turn)
    turn.note("transfer_introduced", client_name=event.client_name, matter=event.matter, target=state.transfer.target)


def accepted(turn: Turn) -> None:
    """Whoever was called says that he can answer the question (yumek-9.4-23)."""
    event, state = turn.event, turn.state
    if not isinstance(event, Accept) or state.transfer is None or state.third is None:
        return
    if not state.third.up or not _answers(turn, event, state.transfer, state.third):
        turn.refuse("not_your_call", "only the colleague who was called can accept")
        return
    state.transfer = replace(state.transfer, accepted=True)
    turn.note("transfer_accepted", target_employee=state.third.employee or None, **state.transfer.said())
    swapping.tell(turn)


def _answers(turn: Turn, event: Asked, passed: Transfer, leg: Leg) -> bool:
    """Whether he may say it: who was called, or the operator who hears it from a phone without a screen."""
    operator = turn.state.operator
    heard = leg.up and operator is not None and operator.employee == event.employee
    return event.employee == leg.employee or (heard and not has_screen(passed, leg))


def has_screen(passed: Transfer, leg: Leg) -> bool:
    """Whether who was called has the buttons of a screen before him."""
    return passed.kind in (EMPLOYEE, DEPUTY) and not mobile(leg.endpoint)


def refused(turn: Turn) -> None:
    """The colleague does not take the call: back to the client (krc-5.6.4-20)."""
    event, state = turn.event, turn.state
    if not isinstance(event, RefuseTransfer) or state.third is None or state.transfer is None:
        return
    if not _answers(turn, event, state.transfer, state.third):
        turn.refuse("not_your_call", "only the colleague who was called can refuse")
        return
    ending.close_conference(turn, "colleague_left")
    _back(turn, event.reason or "declined")


def cancelled(turn: Turn) -> None:
    """The operator gives the transfer up: back to the client."""
    event, state = turn.event, turn.state
    if own(turn) is None or not isinstance(event, CancelTransfer) or state.transfer is None:
        return
    ending.close_conference(turn, "released")
    turn.note("transfer_cancelled", target=state.transfer.target, reason=event.reason)
    return_to_client(turn)


def third_gone(turn: Turn) -> None:
    """The phone that was called is gone: not answered, declined, or hung up."""
    _back(turn, third.why_gone(turn))


def fired(turn: Turn) -> None:
    """It was not picked up in time, or nobody else could be found in time."""
    if isinstance(turn.event, Fired) and turn.event.timer in (third.RING, third.FIND):
        _back(turn, "absent")


def found(turn: Turn) -> None:
    """The next of the department is called, or there is nobody."""
    if why_not := third.found(turn):
        _back(turn, why_not)


def _back(turn: Turn, reason: str) -> None:
    if not third.next_one(turn):
        third.refuse(turn, reason)
        return_to_client(turn)


def return_to_client(turn: Turn) -> None:
    """Let the colleague go and talk with the client, who hears the operator already when it was a conference."""
    state, leg = turn.state, turn.state.operator
    third.free(turn)
    if state.hold is not None or leg is None:
        state.phase = Phase.HELD
        return
    if not state.joined:
        sounds.join(turn, leg.channel)
    state.phase = Phase.TALKING


def drop_third(turn: Turn, reason: str) -> None:
    """End the transfer because one of the two is not there."""
    if turn.state.transfer is not None:
        turn.note("transfer_cancelled", target=turn.state.transfer.target, reason=reason)
    third.free(turn)


def completed(turn: Turn) -> None:
    """Join the client with the colleague; the operator leaves.

    Clause: krc-5.6.4-16 (after the introduction), yumek-9.4-23 (after the acceptance), where the profile asks for them.
    """
    event = turn.event
    if own(turn) is None or not isinstance(event, Complete):
        return
    missing = missing_of(turn)
    if missing:
        turn.note("action_refused", action="transfer_complete", reason=f"not_{missing}")
        turn.refuse(f"not_{missing}", f"the transfer cannot be completed: the call is not yet {missing}")
    else:
        complete_now(turn)


def can_complete(turn: Turn) -> bool:
    """Whether all that the standard asks for is done."""
    return not missing_of(turn)


def missing_of(turn: Turn) -> str:
    """What the standard asks for before the colleague has the client alone, and is not done; empty when all is."""
    return lacking(turn.state, turn.plan.transfer_needs)


def lacking(state: CallState, needs: Iterable[str]) -> str:
    """The same of a call, by what the standard asks for."""
    if state.transfer is None or state.third is None or not state.third.up:
        return "answered"
    passed = state.transfer
    done = {"introduced": passed.introduced, "accepted": passed.accepted, "told": passed.told}
    return next((need for need in sorted(needs) if not done.get(need, True)), "")


def complete_now(turn: Turn) -> None:
    """The colleague becomes the operator of the call."""
    state, leg, other, passed = turn.state, turn.state.operator, turn.state.third, turn.state.transfer
    if leg is None or other is None or passed is None:
        return
    if not state.joined:
        sounds.join(turn, other.channel)
    swapping.fetch(turn)
    ending.close_hold(turn, "transferred")
    ending.close_conference(turn, "transferred")
    turn.note(
        "transfer_completed", employee=leg.employee, target_employee=other.employee or None, mode=ATTENDED,
        connect_s=seconds(passed.started_at, turn.now), **passed.said(),
    )  # fmt: skip
    hand_over(turn, leg, other)


def hand_over(turn: Turn, leg: Leg, other: Leg) -> None:
    """The operator leaves, the client stays with the colleague."""
    tracks.stop(turn, leg.channel)
    gone = turn.event.channel if isinstance(turn.event, Gone) else ""
    ending.release(turn, leg, gone=gone, talked=True)
    third.takes(turn, other)


def leave_to_colleague(turn: Turn) -> None:
    """The operator hangs up in the midst of a transfer: completed where it may be, else refused."""
    if own(turn) is None:
        return
    if can_complete(turn):
        complete_now(turn)
    else:
        turn.refuse("transfer_open", "complete or cancel the transfer first: the client is waiting")


def third_named(turn: Turn) -> bool:
    """Whether a channel that ended is the colleague's."""
    event = turn.event
    return isinstance(event, Gone) and turn.state.third is not None and event.channel == turn.state.third.channel
