"""Between client and colleague: the operator talks with one of them, the other one waits with music."""

from __future__ import annotations

from dataclasses import replace

from kindline.switchboard.machine import ending, sounds
from kindline.switchboard.machine.commands import Join, Leave, StartMusic, StopMusic
from kindline.switchboard.machine.state import Leg, Phase
from kindline.switchboard.machine.talk import own
from kindline.switchboard.machine.turn import Turn


def to_client(turn: Turn) -> None:
    """Thank the client for waiting and say who takes him, while the colleague waits.

    Clause: krc-5.6.4-17, krc-5.6.4-18.
    """
    state, leg, third = turn.state, own(turn), turn.state.third
    if leg is None or state.transfer is None:
        return
    if third is None or not third.up:
        turn.refuse("not_answered", "the colleague has not answered yet: give the transfer up to go back to the client")
        return
    turn.do(Leave(state.bridge, third.channel), StartMusic(third.channel))
    sounds.join(turn)
    if state.hold is not None:
        ending.close_hold(turn, "resumed")
        turn.operator_is(leg.employee, "talking")
    state.phase = Phase.TELLING
    tell(turn)
    _note(turn, "transfer_client_joined", leg, third)


def to_colleague(turn: Turn) -> None:
    """Back to the colleague, while the client waits."""
    state, leg, third = turn.state, own(turn), turn.state.third
    if leg is not None and third is not None:
        sounds.part(turn)
        fetch(turn)
        state.phase = Phase.CONSULTING
        _note(turn, "transfer_colleague_joined", leg, third)


def fetch(turn: Turn) -> None:
    """Whoever waits aside with music is with the others again. Music goes first, else it would cover them."""
    state, third = turn.state, turn.state.third
    if state.phase is Phase.TELLING and third is not None:
        turn.do(StopMusic(third.channel), Join(state.bridge, (third.channel,)))


def tell(turn: Turn) -> None:
    """The client hears the operator again: he can be told who takes him, once it is sure that he is taken."""
    passed = turn.state.transfer
    if passed is None or not turn.state.joined:
        return
    done = {"introduced": passed.introduced, "accepted": passed.accepted}
    if all(done.get(need, True) for need in turn.plan.transfer_needs):
        turn.state.transfer = replace(passed, told=True)


def _note(turn: Turn, kind: str, leg: Leg, third: Leg) -> None:
    passed = turn.state.transfer
    said = passed.said() if passed else {}
    turn.note(kind, employee=leg.employee, target_employee=third.employee or None, **said)
