"""What the machine must know of the organisation's standard and of its sounds, as plain data."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from kindline.switchboard.machine.destinations import Destinations

RING_HEARD_S = 0.5
"""A ring counts once its tone has been heard so long; its tone lasts a second, the rest of its period is silence."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A rendered message: what the engine plays, and how long it really is."""

    media: str
    duration_s: float


@dataclass(frozen=True, slots=True)
class Key:
    """What a key of a menu does: `action` is one of goto, queue, operator, voicemail, info, self, back,
    repeat, hangup."""

    action: str
    target: str = ""
    sound: str = ""
    on_end: str = "back"


@dataclass(frozen=True, slots=True)
class Level:
    """A node of the menu: its message, its enabled keys and its patience."""

    sound: str
    keys: Mapping[str, Key]
    depth: int = 1
    timeout_s: float = 5
    tries: int = 3


@dataclass(frozen=True, slots=True)
class QueueRule:
    """How callers wait in a queue, and where they go when they wait too long."""

    priority: int = 0
    ring_timeout_s: float | None = None
    announce_every_s: float | None = None
    overflow_after_s: float | None = None
    overflow_to: str = ""
    """`voicemail`, or the name of another queue."""
    box: str = ""
    """Where messages of those who waited too long are kept."""
    overflow_length: float | None = None
    """He before whom so many wait goes on at once."""
    overflow_expected_s: float | None = None
    """He who is expected to wait longer goes on at once."""
    callback_after_s: float | None = None
    """Who has waited so long is offered to be called instead; None: nobody is."""
    callback_key: str = "1"
    callback_within_s: float | None = None
    """Nobody is offered a call whose turn is expected to come later than this."""

    def can_promise(self, expected_s: float | None) -> bool:
        """Whether a call in his turn may be offered to who is expected to wait so long; unknown is not long."""
        return self.callback_within_s is None or (expected_s or 0.0) <= self.callback_within_s

    def is_full(self, position: int, expected_s: float | None) -> bool:
        """Whether the caller at a place should not wait here at all."""
        if self.overflow_length is not None and position > self.overflow_length:
            return True
        return self.overflow_expected_s is not None and (expected_s or 0.0) > self.overflow_expected_s


@dataclass(frozen=True, slots=True)
class LineRule:
    """A number that clients call: through the menu, or straight into a queue."""

    queue: str
    menu: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """What a service of the menu asks: figures, ended by the hash; with one figure at most the key itself ends them.

    With `read_back` the client hears what he typed, figure by figure, and confirms it before it is looked at.
    """

    id: str
    figures_max: int = 20
    read_back: bool = False


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A service of the menu: its questions in their order, and whether it is looked first what must be asked at all."""

    questions: tuple[Question, ...] = ()
    looks_first: bool = False

    def question(self, name: str) -> Question:
        """A question by its name; one that is not there is asked like any other."""
        return next((one for one in self.questions if one.id == name), Question(name))


@dataclass(frozen=True, slots=True)
class RatingRule:
    """After which talks the client is asked how he was served: an empty set means all."""

    lines: frozenset[str] = frozenset()
    queues: frozenset[str] = frozenset()
    directions: frozenset[str] = frozenset({"in"})
    talk_s_min: float = 0.0
    """A shorter talk is not asked about."""

    def fits(self, *, line: str, queue: str, direction: str, talk_s: float) -> bool:
        """Whether it is asked after such a talk."""
        of_all = not self.lines or line in self.lines
        of_all &= not self.queues or queue in self.queues
        return of_all and direction in self.directions and talk_s >= self.talk_s_min


@dataclass(frozen=True, slots=True)
class Emergency:
    """What callers of a line (empty: of all) hear at once, until a moment; where it closes, no operator is reached."""

    id: int
    line: str
    until: dt.datetime
    closes: bool = False

    @staticmethod
    def key_of(id_: int) -> str:
        """The name of its sound."""
        return f"emergency.{id_}"


@dataclass(frozen=True)
class Plan:
    """One profile's telephone side. A number that the standard does not have is None: no norm, never zero."""

    profile: str
    version: str
    language: str = "uk"
    lines: Mapping[str, LineRule] = field(default_factory=dict)
    levels: Mapping[str, Level] = field(default_factory=dict)
    queues: Mapping[str, QueueRule] = field(default_factory=dict)
    tree: int = 1
    """Which version of the menu this is; a call keeps the one with which it began."""
    root: str = ""
    closed_level: str = ""
    sounds: Mapping[str, Sound] = field(default_factory=dict)
    notice: str = ""
    greeting: str = ""
    closed_greeting: str = ""
    names_company: bool = False
    ring_period_s: float | None = None
    grounds: frozenset[str] = frozenset()
    """What an operator may end a call for; empty where the standard does not grant it."""
    bad_line_may_end: bool = False
    bad_line_retry_s: float | None = None
    transfer_needs: frozenset[str] = frozenset()
    """What must come before a transfer is completed: `introduced`, `accepted`."""
    blind_transfer: bool = False
    """Whether a call may be passed on without a word to who takes it."""
    hold_needs_consent: bool = False
    hold_remind_s: float | None = None
    """How often the operator is reminded of a client on hold."""
    hold_max_s: float | None = None
    outgoing_rings_max: float | None = None
    switchboard: str = ""
    services: Mapping[str, Dialogue] = field(default_factory=dict)
    """What the menu answers by itself, and what it asks before."""
    rating: RatingRule | None = None
    emergencies: tuple[Emergency, ...] = ()
    tells_news: bool = False
    """Whether a caller whose place an incident covers is told of it before the menu."""
    country: str = "UA"
    """Whose way of writing telephone numbers holds."""
    destinations: Destinations | None = None
    """Which numbers outside may be called; None: it is not known, and nothing is refused here."""
    # Our own technical numbers, of which no standard speaks:
    colleague_ring_s: float = 30.0
    """How long one colleague's telephone rings for a call inside the house."""
    colleague_find_s: float = 10.0
    """How long it may take until somebody is kept for it."""
    reattach_s: float = 30.0
    ring_guard_s: float = 60.0
    """How long a phone may ring where the standard has no ring limit."""
    announce_first_s: float = 6.0
    announcement_times: int = 2
    """How often a message is told to a client who presses no key."""
    announcement_key_s: float = 5.0
    """How long a key is waited for after the message."""
    talk_pause_s: float = 0.7
    """Whoever is silent for so long has ceased to talk."""
    machine_talk_s: float = 3.0
    """Who talks so long without a pause after answering is a machine."""
    machine_within_s: float = 12.0
    """A machine greets within that time after the answer; who is silent then, or later talks long, is a person."""
    machine_greeting_s: float = 45.0
    """A greeting that lasts longer is not waited for."""
    machine_quiet_s: float = 1.5
    """So long after a greeting (and its tone) a machine records."""
    callback_key_s: float = 7.0
    """How long a key is waited for while the number for a callback is asked."""
    callback_tries: int = 3
    inquiry_key_s: float = 6.0
    """How long the next figure of a number is waited for."""
    inquiry_tries: int = 3
    """How often a question is asked in vain, and how often in a call something may be wrong."""
    inquiry_wait_s: float = 15.0
    """How long an answer may be looked for and spoken."""
    rating_look_s: float = 3.0
    """So long the client waits in silence until it is known whether he is asked; then he is let go."""
    rating_key_s: float = 7.0
    rating_tries: int = 2
    """How often the question is put."""
    message_s_max: int = 180
    message_silence_s: int = 4
    message_s_min: float = 1.0
    menu_turns_max: int = 40
    """After so many messages a caller who walks in circles goes to an operator."""

    def ring_limit_s(self, queue: str) -> float:
        """How long one operator's phone may ring for a call of the queue, seconds."""
        rule = self.queues.get(queue)
        return (rule.ring_timeout_s if rule else None) or self.ring_guard_s

    def outgoing_ring_limit_s(self) -> float:
        """How long a client's phone may ring, seconds (yumek-9.4-26)."""
        if self.outgoing_rings_max and self.ring_period_s:
            return self.outgoing_rings_max * self.ring_period_s
        return self.ring_guard_s

    def queue_of(self, line: str) -> str:
        """The queue in which callers of a line end who choose nothing."""
        rule = self.lines.get(line)
        if rule and rule.queue in self.queues:
            return rule.queue
        return next(iter(self.queues), "general")

    def emergency_of(self, line: str, now: dt.datetime) -> Emergency | None:
        """What callers of the line hear at once; its own message goes before that of all lines."""
        fit = [one for one in self.emergencies if one.line in ("", line) and now < one.until]
        return max(fit, key=lambda one: one.line != "", default=None)

    def may_call(self, number: str) -> bool:
        """Whether a number outside may be called at all."""
        return self.destinations is None or not self.destinations.hindrance(number)

    def is_emergency(self, number: str) -> bool:
        """Whether it is a number of an emergency service."""
        return self.destinations is not None and number in self.destinations.emergency

    def rings(self, ring_s: float) -> int | None:
        """How many times a phone has rung in `ring_s`; the first ring begins at once. None without a norm.

        A ring that has only just begun is none yet: the machine's own timer, which ends the last one, is never early.
        """
        if not self.ring_period_s:
            return None
        return max(1, math.ceil((ring_s - RING_HEARD_S) / self.ring_period_s))
