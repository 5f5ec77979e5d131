"""Attended transfer: the client waits, the colleague is told who calls and about what, then takes the call or not."""

from __future__ import annotations

from dataclasses import replace

from kindline.switchboard.machine import ending, sounds, tracks
from kindline.switchboard.machine.commands import Dial, Join
from kindline.switchboard.machine.events import (
    Accept,
    CancelTransfer,
    Complete,
    Fired,
    Gone,
    Introduce,
    RefuseTransfer,
    TransferAsked,
    Up,
)
from kindline.switchboard.machine.state import Leg, Phase, Transfer, seconds
from kindline.switchboard.machine.talk import own
from kindline.switchboard.machine.turn import Turn


def asked(turn: Turn) -> None:
    """Call a colleague while the client waits.

    Clause: krc-5.6.4-15, krc-5.6.4-16, yumek-9.4-20.
    """
    event, state = turn.event, turn.state
    if not isinstance(event, TransferAsked):
        return
    leg = own(turn)
    if leg is None:
        _let_go(turn, event)
        return
    turn.note(
        "transfer_started", employee=leg.employee, target=event.target, target_employee=event.target_employee,
        mode="attended",
    )  # fmt: skip
    if event.why_not or not event.endpoint:
        turn.note("transfer_refused", target=event.target, reason=event.why_not or "absent")
        turn.refuse(event.why_not or "absent", "the colleague cannot take a call now")
        return
    sounds.part(turn)
    limit_s = turn.plan.ring_limit_s(state.waiting.queue if state.waiting else "")
    state.third = Leg(turn.name("leg"), event.target_employee, event.endpoint, turn.now)
    state.transfer = Transfer(event.target, event.target_employee, turn.now)
    state.phase = Phase.CONSULTING
    turn.note("transfer_offered", target=event.target, target_employee=event.target_employee)
    turn.do(Dial(state.third.channel, event.endpoint, "consult", limit_s + 5, state.caller))
    turn.set_timer("consult", limit_s)


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
    third = state.third = replace(state.third, up_at=turn.now)
    turn.do(Join(state.bridge, (third.channel,)))
    turn.cancel("consult")
    ring_s = third.ring_s(turn.now)
    turn.note("transfer_answered", target=state.transfer.target, target_employee=third.employee, ring_s=ring_s)
    turn.operator_is(third.employee, "talking")
    tracks.start(turn, ("specialist", third.channel, third.employee))


def introduced(turn: Turn) -> None:
    """The colleague is told who calls and about what (krc-5.6.4-16)."""
    event, state = turn.event, turn.state
    if own(turn) is None or not isinstance(event, Introduce) or state.transfer is None:
        return
    state.transfer = replace(state.transfer, introduced=True)
    turn.note("transfer_introduced", client_name=event.client_name, matter=event.matter, target=state.transfer.target)


def accepted(turn: Turn) -> None:
    """The colleague says that he can answer the question (yumek-9.4-23)."""
    event, state = turn.event, turn.state
    if not isinstance(event, Accept) or state.transfer is None or state.third is None:
        return
    if event.employee != state.third.employee or not state.third.up:
        turn.refuse("not_your_call", "only the colleague who was called can accept")
        return
    state.transfer = replace(state.transfer, accepted=True)
    turn.note("transfer_accepted", target=state.transfer.target, target_employee=state.third.employee)


def refused(turn: Turn) -> None:
    """The colleague does not take the call: back to the client (krc-5.6.4-20)."""
    event, state = turn.event, turn.state
    if not isinstance(event, RefuseTransfer) or state.third is None:
        return
    if event.employee != state.third.employee:
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
    """The colleague's phone is gone: not answered, declined, or hung up."""
    cause = turn.event.cause if isinstance(turn.event, Gone) else 19
    reasons = {16: "declined", 17: "busy", 18: "absent", 19: "absent", 20: "absent", 21: "declined"}
    _back(turn, reasons.get(cause, "absent"))


def fired(turn: Turn) -> None:
    """The colleague did not pick up in time."""
    if isinstance(turn.event, Fired) and turn.event.timer == "consult":
        _back(turn, "absent")


def _back(turn: Turn, reason: str) -> None:
    state = turn.state
    if state.transfer is not None:
        turn.note("transfer_refused", target=state.transfer.target, reason=reason)
    return_to_client(turn)


def return_to_client(turn: Turn) -> None:
    """Let the colleague go and talk with the client, who hears the operator already when it was a conference."""
    state, leg = turn.state, turn.state.operator
    _free_third(turn)
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
    _free_third(turn)


def _free_third(turn: Turn) -> None:
    state, third = turn.state, turn.state.third
    if third is not None:
        tracks.stop(turn, third.channel)
        gone = turn.event.channel if isinstance(turn.event, Gone) else ""
        ending.release(turn, third, gone=gone, talked=False)
    state.third = state.transfer = None
    turn.cancel("consult")


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
    state = turn.state
    if state.transfer is None or state.third is None or not state.third.up:
        return "answered"
    done = {"introduced": state.transfer.introduced, "accepted": state.transfer.accepted}
    return next((need for need in sorted(turn.plan.transfer_needs) if not done.get(need, True)), "")


def complete_now(turn: Turn) -> None:
    """The colleague becomes the operator of the call."""
    state, leg, third, transfer = turn.state, turn.state.operator, turn.state.third, turn.state.transfer
    if leg is None or third is None or transfer is None:
        return
    if not state.joined:
        sounds.join(turn, third.channel)
    ending.close_hold(turn, "transferred")
    ending.close_conference(turn, "transferred")
    turn.note(
        "transfer_completed", employee=leg.employee, target=transfer.target, target_employee=third.employee,
        mode="attended", connect_s=seconds(transfer.started_at, turn.now),
    )  # fmt: skip
    hand_over(turn, leg, third)


def hand_over(turn: Turn, leg: Leg, third: Leg) -> None:
    """The operator leaves, the client stays with the colleague."""
    state = turn.state
    tracks.stop(turn, leg.channel)
    gone = turn.event.channel if isinstance(turn.event, Gone) else ""
    ending.release(turn, leg, gone=gone, talked=True)
    state.operator, state.third, state.transfer = third, None, None
    state.phase = Phase.TALKING
    state.served_by = (*(one for one in state.served_by if one != third.employee), third.employee)
    turn.operator_is(third.employee, "talking")


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


def third_hangs_up(turn: Turn) -> None:
    """The colleague hangs up before the client is joined to him: the same as a refusal."""
    _back(turn, "declined")
