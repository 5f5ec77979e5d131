"""Recording each person of a talk on a channel of his own (krc-5.5.2-11, krc-5.5.2-12)."""

from __future__ import annotations

from dataclasses import replace

from kindline.switchboard.machine import secrecy
from kindline.switchboard.machine.commands import Engine, HangUp, Keep, Listen, Record
from kindline.switchboard.machine.events import Gone, Recorded, RecordingBegan
from kindline.switchboard.machine.state import Leg, Track
from kindline.switchboard.machine.turn import Turn


def start(turn: Turn, *wanted: tuple[str, str, int | None]) -> None:
    """Begin to record persons, each given as (leg, channel, employee)."""
    ears: list[Engine] = []
    for leg, channel, employee in wanted:
        known = [track for track in turn.state.tracks if track.channel == channel]
        if any(not _failed(track) for track in known):
            continue
        ear = turn.name("ear")
        name = f"{turn.state.contact}/{leg}-{turn.state.serial}"
        turn.state.tracks = (*turn.state.tracks, Track(name, leg, channel, ear, employee, asked_at=turn.now))
        for track in known:
            _drop(turn, track)
        ears.append(Listen(ear, channel))
    turn.together(*ears)


def talk(turn: Turn, operator: Leg) -> None:
    """Record the client and the operator."""
    start(turn, ("client", turn.state.channel, None), ("operator", operator.channel, operator.employee))


def ear_up(turn: Turn, channel: str) -> bool:
    """An ear listens: record what it hears. Says whether the channel was an ear of ours."""
    for track in turn.state.tracks:
        if track.ear == channel:
            turn.do(Record(channel, track.name))
            return True
    return False


def began(turn: Turn) -> None:
    """A recording runs."""
    event = turn.event
    if not isinstance(event, RecordingBegan):
        return
    for track in turn.state.tracks:
        if track.name == event.name and track.started_at is None:
            turn.note("recording_started", leg=track.leg, name=track.name)
            _put(turn, replace(track, started_at=turn.now))
            secrecy.began(turn, track.name)


def ended(turn: Turn) -> None:
    """A recording failed, or ended by itself, while the person is still heard: it stays what the talk has of him.

    An engine whose disk is full ends it as if all were well (T12): when it did is kept until the person's part is over,
    is seen while he talks (recordings.watching) and said of the file to the second (recording.gap_s).
    """
    event = turn.event
    if not isinstance(event, Recorded):
        return
    for track in turn.state.tracks:
        if track.name == event.name and not event.failed:
            _put(turn, replace(track, stopped_at=track.stopped_at or turn.now))
        elif track.name == event.name and not _failed(track):
            turn.note("recording_failed", leg=track.leg, name=track.name, reason=event.failed)
            if track.ear:
                turn.do(HangUp(track.ear))
            _put(turn, replace(track, ear="", stopped_at=track.stopped_at or turn.now))
    if all(_failed(track) for track in turn.state.tracks):
        secrecy.close(turn, "end")


def gone(turn: Turn) -> None:
    """A channel ended: its recording, or that of its ear, is over."""
    event = turn.event
    if isinstance(event, Gone):
        for track in turn.state.tracks:
            if event.channel in (track.channel, track.ear):
                _drop(turn, track)


def stop(turn: Turn, channel: str | None = None) -> None:
    """End the recording of one person, or of all."""
    for track in turn.state.tracks:
        if channel is None or track.channel == channel:
            _drop(turn, track)


def end(turn: Turn) -> None:
    """The call ends, and all its channels with it: an ear ends by itself with the channel that it listens to."""
    for track in turn.state.tracks:
        _drop(turn, track, hang_up=False)


def _put(turn: Turn, new: Track) -> None:
    turn.state.tracks = tuple(new if track.name == new.name else track for track in turn.state.tracks)


def _failed(track: Track) -> bool:
    """Whether the engine cannot record it: it is tried anew when the person comes into a talk again."""
    return track.stopped_at is not None and not track.ear


def _drop(turn: Turn, track: Track, *, hang_up: bool = True) -> None:
    turn.state.tracks = tuple(other for other in turn.state.tracks if other.name != track.name)
    if track.ear and hang_up:
        turn.do(HangUp(track.ear))
    if track.started_at is not None:
        turn.do(Keep(track.name, track.leg, track.employee, track.started_at, turn.now, track.stopped_at))
    elif track.stopped_at is None:  # else it was said when it failed
        turn.note("recording_failed", leg=track.leg, name=track.name, reason="not_begun")
    if not turn.state.tracks:
        secrecy.close(turn, "end")
