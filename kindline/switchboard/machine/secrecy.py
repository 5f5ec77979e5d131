"""While a secret is said (a card's number, a password) nobody is recorded: files go on in silence, the gap has a cause.

It ends by the operator's word, by itself after LIMIT_S, or with the last recording.
"""

from __future__ import annotations

from kindline.switchboard.machine.commands import MuteRecord, UnmuteRecord
from kindline.switchboard.machine.events import Asked, PauseRecording
from kindline.switchboard.machine.secret import Secrecy
from kindline.switchboard.machine.state import seconds
from kindline.switchboard.machine.turn import Turn

TIMER = "secret"
LIMIT_S = 120.0
"""A card with its dates and code is dictated in half a minute; what is forgotten must not cost the rest of the talk."""
REASONS = ("card", "password", "other")


def pause(turn: Turn) -> None:
    """A secret is about to be said: nothing is recorded from now on; asked again, the time begins anew."""
    event, state = turn.event, turn.state
    if not isinstance(event, PauseRecording) or not _is_there(turn):
        return
    if not any(track.ear or track.stopped_at is None for track in state.tracks):  # none, or only such as failed
        turn.refuse("not_recorded", "nothing is being recorded")
        return
    turn.set_timer(TIMER, LIMIT_S)
    if state.secrecy is None:
        reason = event.reason if event.reason in REASONS else "other"
        state.secrecy, state.secrets = Secrecy(turn.now, event.employee, reason), state.secrets + 1
        turn.note("recording_paused", employee=event.employee, reason=reason)
        turn.do(*(MuteRecord(track.name) for track in state.tracks if track.started_at is not None))


def resume(turn: Turn) -> None:
    """The secret is said."""
    if _is_there(turn):
        close(turn, "operator")


def passed(turn: Turn) -> None:
    """Nobody said that it is over: it is."""
    close(turn, "limit")


def began(turn: Turn, name: str) -> None:
    """A recording has begun in the midst of it."""
    if turn.state.secrecy is not None:
        turn.do(MuteRecord(name))


def close(turn: Turn, by: str) -> None:
    """Record again, where recording is paused; the gap and its cause are a fact."""
    state, was = turn.state, turn.state.secrecy
    if was is None:
        return
    state.secrecy = None
    turn.cancel(TIMER)
    turn.do(*(UnmuteRecord(track.name) for track in state.tracks if track.started_at is not None))
    turn.note(
        "recording_resumed", employee=was.employee, reason=was.reason, duration_s=seconds(was.since, turn.now), by=by
    )


def _is_there(turn: Turn) -> bool:
    """Whether who asks talks in this call; refused when not."""
    event, state = turn.event, turn.state
    there = {leg.employee for leg in (state.operator, state.third) if leg is not None and leg.up}
    if isinstance(event, Asked) and event.employee in there:
        return True
    turn.refuse("not_your_call", "only who talks in this call can do that")
    return False
