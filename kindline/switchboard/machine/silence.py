"""Two-way silence: nobody is heard on either side of a talk. The operator is told, and it is over with the first word.

The machine is told of it (`Silent`, `Spoken`) by who hears the engine; here is decided whether it means anything now.
"""

from __future__ import annotations

from kindline.switchboard.machine.events import Silent
from kindline.switchboard.machine.state import CallState, Phase, seconds
from kindline.switchboard.machine.turn import Turn


def concerns(state: CallState) -> bool:
    """Whether silence of both sides would mean a bad line: a plain talk, in which nobody is muted on purpose."""
    leg = state.operator
    plain = state.phase is Phase.TALKING and state.inside is None
    return plain and leg is not None and bool(leg.channel) and leg.muted_at is None


def fell(turn: Turn) -> None:
    """Nobody has been heard for some time."""
    event, state = turn.event, turn.state
    if isinstance(event, Silent) and state.operator is not None and state.silence_at is None and concerns(state):
        state.silence_at = turn.now
        employee = state.operator.employee
        turn.note("silence_noticed", employee=employee, silence_s=event.silence_s, side=event.side)


def broke(turn: Turn) -> None:
    """Somebody is heard."""
    _close(turn, "spoken")


def settle(turn: Turn) -> None:
    """After each event: where both are not to be heard any more, the silence has another cause."""
    state = turn.state
    if state.silence_at is not None and not concerns(state):
        _close(turn, "ended" if state.over else "muted" if state.phase is Phase.TALKING else state.phase.value)


def _close(turn: Turn, outcome: str) -> None:
    since = turn.state.silence_at
    if since is not None:
        turn.state.silence_at = None
        turn.note("silence_over", duration_s=seconds(since, turn.now), outcome=outcome)
