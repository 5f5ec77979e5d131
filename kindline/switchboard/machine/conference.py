"""A conference: the client, the operator and the colleague whom he consults, all in one talk."""

from __future__ import annotations

from kindline.switchboard.machine import ending, lost, sounds, swapping, transfer
from kindline.switchboard.machine.events import Asked, Conference, MediaLost
from kindline.switchboard.machine.state import Phase
from kindline.switchboard.machine.talk import own
from kindline.switchboard.machine.turn import Turn


def started(turn: Turn) -> None:
    """Bring the client in: from now on each of the three hears both others.

    Clause: krc-5.5.3-07.
    """
    event, state, leg = turn.event, turn.state, own(turn)
    if leg is None or state.transfer is None or not isinstance(event, Conference):
        return
    if state.third is None or not state.third.up:
        turn.refuse("not_answered", "there can be no conference yet: the colleague has not answered")
        return
    if not state.joined:
        sounds.join(turn)
    swapping.fetch(turn)
    swapping.tell(turn)
    if state.hold is not None:
        ending.close_hold(turn, "resumed")
        turn.operator_is(leg.employee, "talking")
    state.conference_since, state.phase = turn.now, Phase.CONFERENCE
    turn.note(
        "conference_started", employee=leg.employee, target=state.transfer.target, target_employee=state.third.employee
    )


def hang_up_asked(turn: Turn) -> None:
    """One of the two leaves: the colleague at will, the operator after what the standard asks for before a transfer.

    Clause: krc-5.6.4-16, yumek-9.4-23.
    """
    event, third = turn.event, turn.state.third
    if isinstance(event, Asked) and third is not None and event.employee == third.employee:
        colleague_left(turn)
    elif own(turn) is None:
        return
    elif missing := transfer.missing_of(turn):
        turn.note("action_refused", action="conference_leave", reason=f"not_{missing}")
        turn.refuse("conference_open", f"the call is not yet {missing}: do that first, or let the colleague go")
    else:
        transfer.complete_now(turn)


def colleague_left(turn: Turn) -> None:
    """The colleague hung up, or his phone is gone: the operator and the client go on."""
    ending.close_conference(turn, "colleague_left")
    transfer.drop_third(turn, "colleague_left")
    transfer.return_to_client(turn)


def operator_gone(turn: Turn) -> None:
    """The operator's channel ended: whatever the reason, the client goes on talking with the colleague."""
    if lost.fell_silent(turn):
        _operator_lost(turn)
    else:
        transfer.complete_now(turn)


def lost_named(turn: Turn) -> None:
    """The network says that the phone of one of the two is not there any more."""
    event, state = turn.event, turn.state
    if not isinstance(event, MediaLost):
        return
    if state.operator is not None and event.employee == state.operator.employee:
        _operator_lost(turn)
    elif state.third is not None and event.employee == state.third.employee:
        colleague_left(turn)


def _operator_lost(turn: Turn) -> None:
    """The operator vanished by no will of his: a transfer only where all that it asks for is done."""
    state, leg, third = turn.state, turn.state.operator, turn.state.third
    if leg is None or third is None:
        return
    turn.note("media_lost", leg="operator", employee=leg.employee)
    may_complete = transfer.can_complete(turn)
    ending.close_conference(turn, "operator_lost")
    if may_complete:
        transfer.complete_now(turn)
        return
    if state.transfer is not None:
        turn.note("transfer_cancelled", target=state.transfer.target, reason="operator_lost")
    transfer.hand_over(turn, leg, third)
