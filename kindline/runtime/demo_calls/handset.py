"""One telephone in a call: it speaks, presses keys, hears, hangs up."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kindline.runtime.demo_calls.errors import DemoError, HungUpError
from kindline.runtime.demo_calls.exchange import APP, Exchange
from kindline.runtime.demo_calls.line import Event, Line, name

ENDED = ("ChannelDestroyed", "StasisEnd", "ChannelHangupRequest")
SPEECH_S = 60.0
TALK_LEVEL = "300,256"
"""Silence in ms that ends a talk spurt, and the loudness from which it is speech (TALK_DETECT)."""


@dataclass
class Heard:
    """A recording of what a telephone heard."""

    name: str
    file: Path


@dataclass
class Handset:
    """A telephone with a call on it."""

    exchange: Exchange
    line: Line
    channel: str
    brisk_s: float | None = None
    """Where set, nothing said lasts longer."""

    def up(self, limit_s: float = 20.0) -> None:
        """Wait until the call is answered. Raises: HungUpError."""
        answered = self.line.wait(lambda event: self._is(event, "StasisStart") or self._over(event), limit_s)
        if answered is None or self._over(answered):
            raise HungUpError("the call was not answered")
        self.be_silent()

    def be_silent(self) -> None:
        """Send silence, as a telephone does whose owner does not speak: without any packets it counts as lost."""
        self.line.ask("POST", f"channels/{self.channel}/silence")

    def say(self, sound: Path) -> None:
        """Play a sound to the other side, to its end. Raises: HungUpError."""
        playback, since = name(), self.line.mark()
        answer = self.line.ask(
            "POST", f"channels/{self.channel}/play/{playback}", {"media": f"sound:{sound.with_suffix('')}"}
        )
        if not answer.ok:
            raise HungUpError(f"the call is over: {answer.error}")

        def over(event: Event) -> bool:
            return bool(event["type"] == "PlaybackFinished" and event["playback"]["id"] == playback)

        ended = self.line.wait(lambda event: over(event) or self._over(event), self.brisk_s or SPEECH_S, since=since)
        if ended is None:
            self.line.ask("DELETE", f"playbacks/{playback}")
            ended = self.line.wait(over, 5, since=since)
        if ended is not None and self._over(ended):
            raise HungUpError("the other side hung up")
        if ended is not None and ended["playback"].get("state") == "failed":
            raise DemoError(f"the outside telephone cannot play {sound}")
        self.be_silent()

    def press(self, digit: str) -> None:
        """Press a key."""
        self.line.order("POST", f"channels/{self.channel}/dtmf", {"dtmf": digit})

    @contextlib.contextmanager
    def hearing(self) -> Iterator[Heard]:
        """Record what this telephone hears, and nothing of what it says."""
        ear, kept = name(), name()
        self.line.order("POST", f"channels/{self.channel}/snoop/{ear}", {"spy": "in", "app": APP})
        self.line.wait(lambda event: event["type"] == "StasisStart" and event["channel"]["id"] == ear, 5)
        self.line.order("POST", f"channels/{ear}/record", {"name": kept, "format": "wav"})
        try:
            yield Heard(kept, self.exchange.recording(kept))
        finally:
            self.line.ask("POST", f"recordings/live/{kept}/stop")
            self.line.wait(lambda event: event["type"] in RECORDED and event["recording"]["name"] == kept, 5)
            self.line.ask("DELETE", f"channels/{ear}")

    def listen(self, limit_s: float) -> bool:
        """Whether somebody begins to speak within the time. Raises: HungUpError."""
        since = self.line.mark()
        query = {"variable": "TALK_DETECT(set)", "value": TALK_LEVEL}
        self.line.ask("POST", f"channels/{self.channel}/variable", query)
        found = self.line.wait(
            lambda event: self._is(event, "ChannelTalkingStarted") or self._over(event), limit_s, since=since
        )
        if found is not None and self._over(found):
            raise HungUpError("the other side hung up")
        return found is not None

    def hang_up(self) -> None:
        """Hang up, unless it is over already."""
        self.line.ask("DELETE", f"channels/{self.channel}")

    def ended(self, limit_s: float) -> bool:
        """Wait for the other side to hang up; False when it did not in time."""
        return self.line.wait(self._over, limit_s) is not None

    def _is(self, event: Event, kind: str) -> bool:
        return bool(event["type"] == kind and event.get("channel", {}).get("id") == self.channel)

    def _over(self, event: Event) -> bool:
        return bool(event["type"] in ENDED and event.get("channel", {}).get("id") == self.channel)


RECORDED = ("RecordingFinished", "RecordingFailed")


def call(exchange: Exchange, line: Line, number: str, caller: str, headers: dict[str, str]) -> Handset:
    """Dial a number of the office; answered or not is told by `up`."""
    channel = name()
    variables = {f"PJSIP_HEADER(add,{header})": value for header, value in headers.items()}
    query = {"endpoint": f"PJSIP/office/sip:{number}@{exchange.office}", "app": APP}
    query |= {"callerId": caller, "timeout": "30"}
    line.order("POST", f"channels/{channel}", query, {"variables": variables})
    return Handset(exchange, line, channel)


def dial(exchange: Exchange, line: Line, user: str, number: str) -> Handset:
    """Dial a number on the telephone of an operator; answered or not is told by `up`."""
    channel = name()
    query = {"endpoint": f"PJSIP/as-{user}/sip:{number}@{exchange.office}", "app": APP, "timeout": "60"}
    line.order("POST", f"channels/{channel}", query)
    return Handset(exchange, line, channel)


def rung(exchange: Exchange, line: Line, user: str, limit_s: float, *, since: int = 0) -> Handset | None:
    """The telephone of an operator once it rings; None when nobody called it in time."""

    def ours(event: Event) -> bool:
        return bool(event["type"] == "StasisStart" and event.get("args", [])[:1] == [user])

    event = line.wait(ours, limit_s, since=since)
    return Handset(exchange, line, event["channel"]["id"]) if event else None


def answer(handset: Handset) -> None:
    """Let it ring, then pick it up."""
    handset.line.ask("POST", f"channels/{handset.channel}/ring")
    handset.line.order("POST", f"channels/{handset.channel}/answer")
    handset.be_silent()


def header(handset: Handset, wanted: str) -> str:
    """A header of the call that came in."""
    query = {"variable": f"PJSIP_HEADER(read,{wanted})"}
    found = handset.line.ask("GET", f"channels/{handset.channel}/variable", query)
    return str(found.body["value"]) if found.ok else ""
