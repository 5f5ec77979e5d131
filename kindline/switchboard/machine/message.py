"""A voice message left by the client (krc-5.6.6-15, krc-5.6.6-20)."""

from __future__ import annotations

from kindline.switchboard.machine import ending, sounds, tracks
from kindline.switchboard.machine.commands import DropRecord, Keep, KeepMessage, Record
from kindline.switchboard.machine.events import Recorded
from kindline.switchboard.machine.state import Next, Phase, Track, seconds
from kindline.switchboard.machine.turn import Turn

ASK = "system.leave_message"
THANKS = "system.message_thanks"


def ask(turn: Turn, box: str) -> None:
    """Ask for a message."""
    state = turn.state
    state.phase, state.box = Phase.MESSAGE, box
    state.waiting = None
    turn.cancel("menu", "announce", "overflow", "place", "ring")
    sounds.play(turn, [ASK], Next("record", box))


def record(turn: Turn, box: str) -> None:
    """Record the client until he is silent, presses # or hangs up."""
    state = turn.state
    state.music = False
    name = f"{state.contact}/voicemail-{state.serial}"
    state.tracks = (*state.tracks, Track(name, "voicemail", state.channel, "", asked_at=turn.now))
    plan = turn.plan
    turn.do(Record(state.channel, name, plan.message_s_max, plan.message_silence_s, beep=True, stop_digit="#"))
    turn.set_timer("message", plan.message_s_max + 30)
    state.box = box


def recorded(turn: Turn) -> None:
    """The message is there: thank, and end the call."""
    event, state = turn.event, turn.state
    if not isinstance(event, Recorded) or not any(track.name == event.name for track in state.tracks):
        tracks.ended(turn)
        return
    track = next(track for track in state.tracks if track.name == event.name)
    if event.failed:  # what was said until then is a message all the same
        tracks.ended(turn)
        left = keep(turn, track, _spoken_s(turn, track))
        ending.end(turn, by="system", cause="recording_failed", outcome="voicemail" if left else "")
        return
    if keep(turn, track, event.duration_s):
        sounds.play(turn, [THANKS], Next("hangup", "voicemail"))
    else:
        ending.end(turn, by="system")


def keep(turn: Turn, track: Track, duration_s: float | None) -> bool:
    """Keep a message that says something; says whether there was one. What says nothing is not left lying.

    `duration_s`: None where nobody knows, for the word that it began was missed: its file says (leftovers).
    """
    state = turn.state
    state.tracks = tuple(other for other in state.tracks if other.name != track.name)
    if duration_s is None:
        return False
    if duration_s < turn.plan.message_s_min:
        turn.do(DropRecord(track.name))
        turn.note("recording_discarded", leg=track.leg, name=track.name, reason="too_short", duration_s=duration_s)
        return False
    turn.do(Keep(track.name, "voicemail", None, track.started_at or track.asked_at or turn.now, turn.now))
    turn.note("voicemail_left", box=state.box, name=track.name, duration_s=duration_s, off_hours=state.closed)
    turn.do(KeepMessage(state.box, track.name, turn.now))
    return True


def _spoken_s(turn: Turn, track: Track) -> float | None:
    return seconds(track.started_at, turn.now) if track.started_at else None


def timed_out(turn: Turn) -> None:
    """The engine never said that the recording ended."""
    _close(turn, by="system")


def caller_gone(turn: Turn) -> None:
    """The client hung up while he spoke: what he said is kept."""
    _close(turn, by="client")


def _close(turn: Turn, *, by: str) -> None:
    left = turn.state.phase is Phase.MESSAGE and _kept_before(turn)
    for track in turn.state.tracks:
        if track.leg == "voicemail":
            left = keep(turn, track, _spoken_s(turn, track)) or left
    ending.end(turn, by=by, outcome="voicemail" if left else "")


def _kept_before(turn: Turn) -> bool:
    """Whether the thanks are being said, so that the message is already there."""
    then = turn.state.then
    return then is not None and then.step == "hangup"
