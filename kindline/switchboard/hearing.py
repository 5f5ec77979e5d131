"""What the engine's events mean to a call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kindline.switchboard import true_time
from kindline.switchboard.machine import events as e


@dataclass(frozen=True, slots=True)
class Heard:
    """An event with the channel, recording or playback by which its call is found."""

    by: str
    event: e.Event


def moment(message: Mapping[str, Any]) -> dt.datetime:
    """When the engine says it happened."""
    try:
        said = dt.datetime.fromisoformat(str(message.get("timestamp")))
    except ValueError:
        return true_time.clock.now()
    return true_time.clock.of_engine(said if said.tzinfo else said.replace(tzinfo=dt.UTC))


def heard(message: Mapping[str, Any]) -> Heard | None:
    """The event of a call in a message of the engine; None when no call is concerned."""
    reader = READERS.get(str(message.get("type")))
    return reader(message, moment(message)) if reader else None


def _up(message: Mapping[str, Any], at: dt.datetime) -> Heard:
    channel = message["channel"]["id"]
    return Heard(channel, e.Up(at=at, channel=channel))


def _gone(message: Mapping[str, Any], at: dt.datetime) -> Heard:
    channel = message["channel"]["id"]
    return Heard(channel, e.Gone(at=at, channel=channel, cause=int(message.get("cause") or 16)))


def _dialled(message: Mapping[str, Any], at: dt.datetime) -> Heard | None:
    if message.get("dialstatus") != "RINGING":
        return None
    channel = message["peer"]["id"]
    return Heard(channel, e.Ringing(at=at, channel=channel))


def _digit(message: Mapping[str, Any], at: dt.datetime) -> Heard:
    channel = message["channel"]["id"]
    return Heard(channel, e.Digit(at=at, channel=channel, digit=str(message.get("digit", ""))[:1]))


def _talk_began(message: Mapping[str, Any], at: dt.datetime) -> Heard:
    channel = message["channel"]["id"]
    return Heard(channel, e.TalkBegan(at=at, channel=channel))


def _talk_ended(message: Mapping[str, Any], at: dt.datetime) -> Heard:
    channel = message["channel"]["id"]
    return Heard(channel, e.TalkEnded(at=at, channel=channel))


def _played(message: Mapping[str, Any], at: dt.datetime) -> Heard:
    playback = message["playback"]
    return Heard(playback["id"], e.Played(at=at, playback=playback["id"], failed=playback.get("state") == "failed"))


def _recording(message: Mapping[str, Any], at: dt.datetime) -> Heard:
    recording = message["recording"]
    name, failed = recording["name"], ""
    if message["type"] == "RecordingStarted":
        return Heard(name, e.RecordingBegan(at=at, name=name))
    if message["type"] == "RecordingFailed":
        failed = str(recording.get("cause") or "failed")
    return Heard(name, e.Recorded(at=at, name=name, duration_s=float(recording.get("duration") or 0), failed=failed))


READERS: dict[str, Callable[[Mapping[str, Any], dt.datetime], Heard | None]] = {
    "StasisStart": _up,
    "StasisEnd": _gone,
    "ChannelDestroyed": _gone,
    "ChannelHangupRequest": _gone,
    "Dial": _dialled,
    "ChannelDtmfReceived": _digit,
    "ChannelTalkingStarted": _talk_began,
    "ChannelTalkingFinished": _talk_ended,
    "PlaybackFinished": _played,
    "RecordingStarted": _recording,
    "RecordingFinished": _recording,
    "RecordingFailed": _recording,
}
