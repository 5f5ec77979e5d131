"""The silent channel that keeps a supervised talk in the engine's mixer (ADR 25).

Asterisk decodes for the ears of a channel with one decoder a direction, and as Debian builds it the decoder passes over
frames whose RTP sequence number lies behind the last one. After a transfer another phone's numbers reach the
operator's: in half of the calls they lie behind, and nothing said to him reaches an ear, nor does a whisper enter. A
third channel in the bridge makes the engine mix, and what it writes to such a phone is linear and needs no decoder.
The third is an ear on what is said to the ear of a recording. Nobody says anything to that one: it is silence.
"""

from __future__ import annotations

from dataclasses import replace

from kindline.switchboard.machine.commands import HangUp, Join, Listen
from kindline.switchboard.machine.events import Gone, Up
from kindline.switchboard.machine.state import Supervision
from kindline.switchboard.machine.turn import Turn


def keep(turn: Turn, here: Supervision) -> None:
    """Have it while the supervisor is not in the talk himself; on one recording's ear only once, for it may fail."""
    ears = [track.ear for track in turn.state.tracks if track.ear and track.started_at is not None]
    if here.mixer or not ears or ears[0] == here.mixer_on:
        return
    turn.state.supervision = replace(here, mixer=turn.name("mixer"), mixer_on=ears[0])
    turn.do(Listen(turn.state.supervision.mixer, ears[0], "out"))


def came_up(turn: Turn, here: Supervision) -> bool:
    """It is there: into the talk with it. Says whether it was it."""
    if not isinstance(turn.event, Up) or not here.mixer or turn.event.channel != here.mixer:
        return False
    turn.state.supervision = replace(here, mixer_up=True)
    turn.do(Join(turn.state.bridge, (here.mixer,)))
    return True


def gone(turn: Turn, here: Supervision) -> bool:
    """It has ended, with the recording or by itself. Says whether it was it."""
    if not isinstance(turn.event, Gone) or not here.mixer or turn.event.channel != here.mixer:
        return False
    turn.state.supervision = replace(here, mixer="", mixer_up=False)
    return True


def drop(turn: Turn, here: Supervision) -> Supervision:
    """End it, if it has not ended by itself; the supervision without it."""
    if here.mixer and not (isinstance(turn.event, Gone) and turn.event.channel == here.mixer):
        turn.do(HangUp(here.mixer))
    return replace(here, mixer="", mixer_on="", mixer_up=False)
