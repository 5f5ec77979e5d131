"""What the machine wants done: by the engine, by the journal, by the dispatcher."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Command:
    """Something to be done."""


@dataclass(frozen=True, slots=True)
class Note(Command):
    """A fact for the journal."""

    kind: str
    at: dt.datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    actor: str = "switchboard"


@dataclass(frozen=True, slots=True)
class OperatorIs(Command):
    """An operator's state has changed through this call."""

    employee: int
    state: str
    """One of OperatorState; wrap_up, ready, paused and offline let him go."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Keep(Command):
    """A recording ended: check it, name its retention, put it beside the contact."""

    name: str
    leg: str
    employee: int | None
    started_at: dt.datetime
    ended_at: dt.datetime
    stopped_at: dt.datetime | None = None
    """When the engine ended it by itself, where it did."""


@dataclass(frozen=True, slots=True)
class KeepMessage(Command):
    """A client left a message: it is a piece of work."""

    box: str
    name: str
    left_at: dt.datetime


@dataclass(frozen=True, slots=True)
class KeepPlace(Command):
    """A client who waited is to be called when it is his turn: his place in the queue is kept."""

    phone: str
    queue: str
    priority: int
    since: dt.datetime
    asked_at: dt.datetime


@dataclass(frozen=True, slots=True)
class KeepRating(Command):
    """A client said how he was served, from 1 to `of`, the best."""

    score: int
    of: int
    given_at: dt.datetime


@dataclass(frozen=True, slots=True)
class FindColleague(Command):
    """Keep somebody who answers an extension and was not rung yet; the event `ColleagueFound` answers."""

    number: str
    dialler: int
    tried: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LookUp(Command):
    """Look at what a client typed, and let the voice say what comes of it; the event `Found` answers.

    The same `round` of a call is asked again when nobody knows what came of it: it must be done only once.
    """

    service: str
    answers: Mapping[str, str]
    """Question -> figures, those just typed among them."""
    question: str = ""
    round: int = 0


@dataclass(frozen=True, slots=True)
class Refuse(Command):
    """What an operator asked for cannot be done now; `code` is for programs."""

    code: str
    message: str


# --- to the engine: each becomes an intent before it is sent ---
@dataclass(frozen=True, slots=True)
class Engine(Command):
    """A command to the engine."""


@dataclass(frozen=True, slots=True)
class Together(Command):
    """Commands to the engine that need not wait for each other."""

    commands: tuple[Engine, ...]


@dataclass(frozen=True, slots=True)
class Answer(Engine):
    channel: str


@dataclass(frozen=True, slots=True)
class Ring(Engine):
    """Let who has dialled hear that it rings."""

    channel: str


@dataclass(frozen=True, slots=True)
class StopRing(Engine):
    channel: str


@dataclass(frozen=True, slots=True)
class Play(Engine):
    channel: str
    playback: str
    media: str


@dataclass(frozen=True, slots=True)
class StopPlay(Engine):
    playback: str


@dataclass(frozen=True, slots=True)
class StartMusic(Engine):
    channel: str


@dataclass(frozen=True, slots=True)
class StopMusic(Engine):
    channel: str


@dataclass(frozen=True, slots=True)
class MakeBridge(Engine):
    bridge: str


@dataclass(frozen=True, slots=True)
class DropBridge(Engine):
    bridge: str


@dataclass(frozen=True, slots=True)
class Join(Engine):
    bridge: str
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leave(Engine):
    bridge: str
    channel: str


@dataclass(frozen=True, slots=True)
class Dial(Engine):
    """Call a phone: an operator's (`endpoint`), or a client's number through the trunk."""

    channel: str
    endpoint: str
    kind: str
    """offer, reattach, consult, callback, internal or supervise; `client` for the client's own phone."""
    timeout_s: float
    caller: str = ""
    number: str = ""
    line: str = ""
    """Whose number the client sees, where lines have numbers of their own."""


@dataclass(frozen=True, slots=True)
class HangUp(Engine):
    channel: str
    cause: int = 16


@dataclass(frozen=True, slots=True)
class MuteLeg(Engine):
    channel: str


@dataclass(frozen=True, slots=True)
class UnmuteLeg(Engine):
    channel: str


@dataclass(frozen=True, slots=True)
class PressDigits(Engine):
    channel: str
    digits: str


@dataclass(frozen=True, slots=True)
class Listen(Engine):
    """An ear on one channel: it hears what that person says and nothing else.

    With `spy` both it also hears what is said to him; with `whisper` out, what is said into the ear reaches him alone.
    """

    ear: str
    channel: str
    spy: str = "in"
    whisper: str = "none"


@dataclass(frozen=True, slots=True)
class HearTalk(Engine):
    """Say when the person of a channel begins and ceases to talk; a shorter pause than that is none, seconds."""

    channel: str
    pause_s: float


@dataclass(frozen=True, slots=True)
class IgnoreTalk(Engine):
    channel: str


@dataclass(frozen=True, slots=True)
class Record(Engine):
    channel: str
    name: str
    max_s: int = 0
    silence_s: int = 0
    beep: bool = False
    stop_digit: str = "none"


@dataclass(frozen=True, slots=True)
class StopRecord(Engine):
    name: str


@dataclass(frozen=True, slots=True)
class DropRecord(Engine):
    """Let the file of a recording go: it says nothing."""

    name: str


@dataclass(frozen=True, slots=True)
class MuteRecord(Engine):
    """Write silence instead of what is said; the file keeps its time."""

    name: str


@dataclass(frozen=True, slots=True)
class UnmuteRecord(Engine):
    name: str
