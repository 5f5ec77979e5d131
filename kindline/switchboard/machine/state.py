"""The state of one call: plain values, no clock, no wire; kept as JSON in the call's row."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import operator
import types
import typing
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from kindline.switchboard.machine.destinations import in_browser
from kindline.switchboard.machine.inside import Inside
from kindline.switchboard.machine.opinion import Opinion
from kindline.switchboard.machine.passing import Transfer
from kindline.switchboard.machine.plan import Sound
from kindline.switchboard.machine.secret import Secrecy


class Phase(StrEnum):
    """Where a call is."""

    ARRIVING = "arriving"
    PROMPTED = "prompted"
    MENU = "menu"
    MESSAGE = "message"
    QUEUED = "queued"
    PROMISING = "promising"
    ASKING = "asking"
    OFFERING = "offering"
    TALKING = "talking"
    HELD = "held"
    LOST = "operator_lost"
    CONSULTING = "consulting"
    TELLING = "telling"
    FORWARDING = "forwarding"
    CONFERENCE = "conference"
    CALLING_COLLEAGUE = "calling_colleague"
    CALLING_OPERATOR = "calling_operator"
    CALLING_CLIENT = "calling_client"
    RINGING_CLIENT = "ringing_client"
    ANNOUNCING = "announcing"
    RATING = "rating"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Leg:
    """A colleague's phone in the call."""

    channel: str
    employee: int
    endpoint: str
    dialled_at: dt.datetime
    rung_at: dt.datetime | None = None
    up_at: dt.datetime | None = None
    muted_at: dt.datetime | None = None
    dials: bool = False
    """He dialled himself and hears how it rings: his channel is not picked up yet."""
    wraps_up: bool = True
    """After a talk he has work to finish; not who is away from the screen, nor after a talk with a colleague."""

    @property
    def up(self) -> bool:
        """Whether the colleague has answered."""
        return self.up_at is not None

    @property
    def in_browser(self) -> bool:
        """Whether the phone is a page that may be reloaded, and not a telephone."""
        return in_browser(self.endpoint)

    def ring_s(self, now: dt.datetime) -> float:
        """How long the phone has rung, from when it said so."""
        return seconds(self.rung_at or self.dialled_at, now)


@dataclass(frozen=True, slots=True)
class Next:
    """What follows when the messages are played: menu, queue, message, record, announce, await_key or hangup."""

    step: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class MenuPlace:
    """Where the caller is in the menu, and how he came there."""

    node: str
    path: tuple[str, ...] = ()
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A caller's place in a queue; `since` stays when he is sent on to another one."""

    queue: str
    priority: int
    since: dt.datetime
    from_menu: bool = False
    refused: Mapping[str, dt.datetime] = field(default_factory=dict)
    """Who did not take this call, and when."""
    overdue: bool = False
    moved_at: dt.datetime | None = None
    """When he came from another queue: he is not sent on again because this one is full."""
    told_at: dt.datetime | None = None
    """When he was first told how long he would wait, and how long."""
    told_s: float | None = None
    offered: bool = False
    """He was told that he may be called instead."""
    back_to: int = 0
    """The operator who passed him on where nobody took him."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A client who waits wants to be called: to which number, as far as it is known."""

    number: str = ""
    typed: str = ""
    tries: int = 0
    forced: bool = False
    """The queue is too full for him: he cannot wait on."""
    done: bool = False


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What a client asks the menu itself: the service, where he came from, what he answered, the answer."""

    service: str
    node: str = ""
    question: str = ""
    figures: str = ""
    """Of the present question, as far as they are pressed."""
    answers: Mapping[str, str] = field(default_factory=dict)
    tries: int = 0
    confirming: bool = False
    """He hears what he typed, and says whether it is right."""
    looked: bool = False
    sound: Sound | None = None
    answered: bool = False
    """What he came for is told."""


@dataclass(frozen=True, slots=True)
class Hold:
    """The caller hears music and knows why."""

    since: dt.datetime
    employee: int
    reminded_s: float | None = None
    """How long it had lasted when the operator was last reminded."""


@dataclass(frozen=True, slots=True)
class Track:
    """One person's voice in a file of its own."""

    name: str
    leg: str
    channel: str
    ear: str
    """The channel that listens; empty when the person's own channel is recorded."""
    employee: int | None = None
    started_at: dt.datetime | None = None
    stopped_at: dt.datetime | None = None
    """The engine ended it by itself, or failed at it, while the person was still heard."""
    asked_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Supervision:
    """A supervisor in the call: how he is there (listen, whisper or barge), and by what he hears."""

    employee: int
    mode: str
    endpoint: str
    channel: str
    room: str
    """The bridge in which he and his ear are, as long as he is not in the talk itself."""
    asked_at: dt.datetime
    up_at: dt.datetime | None = None
    inside: bool = False
    """He is in the talk: all hear him."""
    ear: str = ""
    ear_on: str = ""
    ear_mode: str = ""
    ear_up: bool = False
    tries: int = 0
    """How often an ear was lost one after the other."""
    mixer: str = ""
    """A silent channel in the talk, by which the engine mixes: else his ear may be deaf. It is on a recording's ear."""
    mixer_on: str = ""
    mixer_up: bool = False

    @property
    def up(self) -> bool:
        """Whether his phone was picked up."""
        return self.up_at is not None


@dataclass(frozen=True, slots=True)
class Announcement:
    """What the autoinformer tells, to whom, and how far it has come."""

    about: str
    """What the caller of the API calls it; it comes back in the facts."""
    sound: Sound
    rung_at: dt.datetime
    """Since when the client's phone rings, as far as is known."""
    ring_limit_s: float
    confirm: str = ""
    operator: str = ""
    client: int | None = None
    on_machine: str = ""
    """tell or later; empty when it is not (any more) listened for a machine."""
    machine: bool = False
    """A machine has answered: it hears the message after its own greeting."""
    times: int = 0
    """How often the client has heard it to the end."""
    outcome: str = ""


@dataclass(slots=True)
class CallState:
    """All that is known of one call. Parts are immutable, so that a shallow copy is a whole copy."""

    contact: str
    channel: str
    started_at: dt.datetime
    phase: Phase = Phase.ARRIVING
    direction: str = "in"
    line: str = ""
    caller: str = ""
    called: str = ""
    closed: bool = False
    tree: int = 0
    """The version of the menu with which the call began; 0 before it came to the menu."""
    playback: str = ""
    playing: str = ""
    played_from: dt.datetime | None = None
    rest: tuple[str, ...] = ()
    then: Next | None = None
    music: bool = False
    place: MenuPlace | None = None
    turns: int = 0
    waiting: Waiting | None = None
    wait_s: float = 0.0
    bridge: str = ""
    joined: bool = False
    operator: Leg | None = None
    third: Leg | None = None
    transfer: Transfer | None = None
    supervision: Supervision | None = None
    conference_since: dt.datetime | None = None
    hold: Hold | None = None
    holds: int = 0
    hold_s: float = 0.0
    talk_since: dt.datetime | None = None
    talk_s: float = 0.0
    talked: bool = False
    lost_at: dt.datetime | None = None
    rung_at: dt.datetime | None = None
    bad_line_at: dt.datetime | None = None
    attempts: int = 0
    silence_at: dt.datetime | None = None
    box: str = ""
    tracks: tuple[Track, ...] = ()
    served_by: tuple[int, ...] = ()
    timers: Mapping[str, dt.datetime] = field(default_factory=dict)
    serial: int = 0
    callback: int | None = None
    wish: Wish | None = None
    inquiry: Inquiry | None = None
    rounds: int = 0
    """How often something was looked at for his inquiries."""
    misses: int = 0
    """How often what he typed was not so."""
    news: Sound | None = None
    """What he is told before the menu."""
    given: str = ""
    """The queue for which the dispatcher gave this call to a client to an operator; empty when he chose to call."""
    announcement: Announcement | None = None
    secrecy: Secrecy | None = None
    opinion: Opinion | None = None
    inside: Inside | None = None
    """One employee calls another: no client is there."""
    secrets: int = 0
    """How often recording was paused in this call."""

    @property
    def by_operator(self) -> bool:
        """Whether an operator called the client."""
        return self.direction == "out" and self.announcement is None

    @property
    def over(self) -> bool:
        """Whether the call has ended."""
        return self.phase is Phase.ENDED


_NAMES = tuple(one.name for one in dataclasses.fields(CallState))
_values = operator.attrgetter(*_NAMES)


def copied(state: CallState) -> CallState:
    """The same state once more; it is made with every event of every call."""
    return CallState(*_values(state))


def seconds(start: dt.datetime | None, end: dt.datetime) -> float:
    """The time from `start` to `end`, never below zero: clocks of two machines may differ."""
    return max(0.0, round((end - start).total_seconds(), 3)) if start else 0.0


def identifier(contact: str, word: str) -> str:
    """An id of fixed length that is the same whenever it is made for the same thing of the same call."""
    return str(uuid.uuid5(uuid.UUID(contact), word))


def contact_of(instance: str, channel: str) -> str:
    """The contact of a caller's channel: the same for every switchboard that meets the channel."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"kindline:{instance}:{channel}"))


def as_json(state: CallState) -> dict[str, Any]:
    """The state as plain JSON; what is as it was at the beginning is left out."""
    return {
        name: _plain(value)
        for name, default in _fields(CallState)
        if (value := getattr(state, name)) != default or default is dataclasses.MISSING
    }


def from_json(data: Mapping[str, Any]) -> CallState:
    """The state that `as_json` wrote; keys that are no longer known are passed over."""
    hints = _hints(CallState)
    return CallState(**{name: _typed(hints[name], value) for name, value in data.items() if name in hints})


@functools.cache
def _fields(kind: type) -> tuple[tuple[str, Any], ...]:
    def default(part: dataclasses.Field[Any]) -> Any:
        return part.default_factory() if part.default_factory is not dataclasses.MISSING else part.default

    return tuple((part.name, default(part)) for part in dataclasses.fields(kind))


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(getattr(value, name)) for name, _ in _fields(type(value))}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _typed(hint: Any, value: Any) -> Any:
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        inner = [part for part in typing.get_args(hint) if part is not type(None)]
        return None if value is None else _typed(inner[0], value)
    if origin is tuple:
        return tuple(_typed(typing.get_args(hint)[0], item) for item in value)
    if origin is not None and issubclass(origin, Mapping):
        return {key: _typed(typing.get_args(hint)[1], item) for key, item in value.items()}
    return _single(hint, value)


def _single(hint: Any, value: Any) -> Any:
    if hint is dt.datetime:
        return dt.datetime.fromisoformat(value)
    if hint is Phase:
        return Phase(value)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        hints = _hints(hint)
        return hint(**{name: _typed(hints[name], item) for name, item in value.items() if name in hints})
    return value
