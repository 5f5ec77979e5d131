"""What can happen to a call: from the engine, from the dispatcher, from an operator, from the clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from kindline.switchboard.machine.happening import Asked, Event
from kindline.switchboard.machine.passing_wishes import (
    Accept,
    BackToClient,
    BackToColleague,
    CancelTransfer,
    Complete,
    Conference,
    Introduce,
    RefuseTransfer,
    TransferAsked,
)

__all__ = [
    "Accept",
    "Asked",
    "BackToClient",
    "BackToColleague",
    "CancelTransfer",
    "Complete",
    "Conference",
    "Event",
    "Introduce",
    "RefuseTransfer",
    "TransferAsked",
]


# --- from the engine ---
@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived(Event):
    """A client's call stands before us; `closed` says why nobody serves the line now, or is empty."""

    line: str
    caller: str = ""
    called: str = ""
    closed: str = ""
    instead_of: str = ""
    """The line that was called and is closed, where another one takes its calls meanwhile."""
    emergency: int = 0
    """The emergency message that he hears first; 0: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Up(Event):
    """A channel that we asked for is there (a phone was picked up, an ear listens)."""

    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ringing(Event):
    """A phone says that it rings."""

    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone(Event):
    """A channel ended, with the cause number of the telephone network."""

    channel: str
    cause: int = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Digit(Event):
    """Somebody pressed a key."""

    channel: str
    digit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkBegan(Event):
    """Somebody whom we listen to begins to talk."""

    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkEnded(Event):
    """He is silent again."""

    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent(Event):
    """Nobody is heard in a talk; `side` (client, operator) sends nothing at all, or `both` are alike."""

    silence_s: float
    side: str = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken(Event):
    """Somebody is heard again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played(Event):
    """A message ended, or could not be played."""

    playback: str
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded(Event):
    """A recording ended; `failed` says why it could not be made."""

    name: str
    duration_s: float = 0.0
    failed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingBegan(Event):
    """A recording runs."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeLost(Event):
    """The engine died and took the call with it."""

    node: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaLost(Event):
    """An operator's phone vanished from the network."""

    employee: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneBack(Event):
    """An operator's phone is there again."""

    employee: int
    endpoint: str


# --- from the clock and the dispatcher ---
@dataclass(frozen=True, slots=True, kw_only=True)
class Fired(Event):
    """A timer of the call came due; the place in the queue comes with the timers of waiting."""

    timer: str
    position: int = 0
    expected_wait_s: float | None = None
    kept: bool = False
    """With the timer `callback`: he is to be called already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer(Event):
    """The dispatcher keeps an operator for this call."""

    employee: int
    endpoint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialOut(Event):
    """An operator calls a client: his own phone is called first.

    With `queue` the dispatcher gave him the call: the client keeps a place there `since` a moment.
    """

    employee: int
    endpoint: str
    number: str
    callback: int | None = None
    line: str = ""
    queue: str = ""
    since: dt.datetime | None = None
    wraps_up: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialled(Event):
    """An employee dialled a number outside on his own telephone, whose channel is there already."""

    employee: int
    endpoint: str
    channel: str
    number: str
    line: str = ""
    callback: int | None = None
    answered: bool = False
    """His channel was picked up before: he calls through the house from a mobile."""
    wraps_up: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DialledInside(Event):
    """An employee dialled an extension: a colleague's or a department's."""

    employee: int
    number: str
    shown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColleagueFound(Event):
    """Who is kept for a call inside the house, and his phone; with `why_not` there is nobody (any more)."""

    employee: int = 0
    endpoint: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce(Event):
    """A client is called by the machine itself, to be told something."""

    number: str
    about: str
    media: str
    duration_s: float
    confirm: str = ""
    operator: str = ""
    on_machine: str = ""
    """Where a machine answers: `tell` it the message after its greeting, call `later`; empty: it is not told apart."""
    ring_limit_s: float = 0.0
    """Zero: as long as the standard lets a phone ring."""
    client: int | None = None
    line: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Event):
    """What came of a round of a client's inquiry, as it is spoken.

    With `ask` a question follows; `wrong`: what he typed is not so; `stop`: why the machine goes no further.
    """

    media: str = ""
    duration_s: float = 0.0
    service: str = ""
    round: int = 0
    ask: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    """What holds of his answers from now on."""
    done: bool = False
    """Something he came for is done, though a question follows."""
    wrong: bool = False
    stop: str = ""
    """too_often (here or elsewhere), operator (he may do it)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver(Event):
    """The switchboard that led the call is dead: what it had begun beside the engine is lost with it."""


# --- from an operator ---
@dataclass(frozen=True, slots=True, kw_only=True)
class Decline(Asked):
    """Not me: offer the call to the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldCaller(Asked):
    """Let the client wait with music."""

    announced: bool = False
    consent: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(Asked):
    """Back to the client."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute(Asked):
    """Nobody hears the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmute(Asked):
    """The operator is heard again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseRecording(Asked):
    """A secret is about to be said: card, password or other."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeRecording(Asked):
    """The secret is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDigits(Asked):
    """Press keys towards the client."""

    digits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUpAsked(Asked):
    """End the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminate(Asked):
    """End the call on a ground that the standard grants."""

    ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt(Asked):
    """The client cannot be heard: one more attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardAgain(Asked):
    """The client can be heard again: what comes later is another bad line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndBadLine(Asked):
    """End a call in which the client cannot be heard."""


# --- from a supervisor ---
@dataclass(frozen=True, slots=True, kw_only=True)
class Supervise(Asked):
    """Listen, whisper or join; `endpoint` is the supervisor's phone when he was kept for it just now, else
    `why_not` says why not; both are empty when he is in the call already and wants another way of being there.
    """

    mode: str
    endpoint: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopSupervision(Asked):
    """The supervisor leaves the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOver(Asked):
    """The supervisor takes the call; the operator is free of it."""
