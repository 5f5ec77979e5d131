"""One step of the machine under way: the new state, and what is to be done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from kindline.switchboard.machine.commands import Command, Engine, Note, OperatorIs, Refuse, Together
from kindline.switchboard.machine.events import Asked, Event
from kindline.switchboard.machine.plan import Plan, Sound
from kindline.switchboard.machine.state import CallState, Next, copied, identifier, seconds

Follow = Callable[["Turn", str], None]
ANNOUNCEMENT = "announcement"
INQUIRY = "answer"
NEWS = "news"
"""The names of the messages that belong to this call alone."""
RATING = "rating"
"""What is looked up before a client is asked for a rating: whether he may be."""


class Turn:
    """Collects the outcome of one event; the state it was given is never changed."""

    def __init__(self, plan: Plan, state: CallState, event: Event, follows: Mapping[str, Follow]) -> None:
        self.plan = plan
        self.state = copied(state)
        self.event = event
        self.commands: list[Command] = []
        self._follows = follows

    @property
    def now(self) -> dt.datetime:
        """When the event happened."""
        return self.event.at

    @property
    def actor(self) -> str:
        """Who is behind the event."""
        return f"employee:{self.event.employee}" if isinstance(self.event, Asked) else "switchboard"

    def do(self, *commands: Command) -> None:
        """Ask for something to be done, after what was asked for before."""
        self.commands.extend(commands)

    def together(self, *commands: Engine) -> None:
        """Ask the engine for things that need not wait for each other."""
        if len(commands) > 1:
            self.commands.append(Together(commands))
        else:
            self.commands.extend(commands)

    def note(self, kind: str, **data: Any) -> None:
        """Write a fact; fields that are None are left out."""
        kept = {name: value for name, value in data.items() if value is not None}
        self.commands.append(Note(kind, self.now, kept, self.actor))

    def queue_left(self, outcome: str, wait_s: float) -> None:
        """Say what his waiting came to, after how long in all queues of the call; and in this one (`here_s`)."""
        waiting = self.state.waiting
        if waiting is not None:
            here_s = seconds(waiting.moved_at or waiting.since, self.now)
            self.note("queue_left", queue=waiting.queue, outcome=outcome, wait_s=round(wait_s, 3), here_s=here_s)

    def operator_is(self, employee: int, state: str, reason: str = "") -> None:
        """Say that an operator's state has changed; who is not of the house (0) has none."""
        if employee:
            self.commands.append(OperatorIs(employee, state, reason))

    def refuse(self, code: str, message: str) -> None:
        """Say that what an operator asked for cannot be done, and why."""
        self.commands.append(Refuse(code, message))

    def name(self, word: str) -> str:
        """A new id, made from the call's own id and a running number."""
        self.state.serial += 1
        return identifier(self.state.contact, f"{word}-{self.state.serial}")

    def sound(self, name: str) -> Sound | None:
        """A message by its name: the line's or the profile's, or the call's own; None when it has no sound."""
        if name == ANNOUNCEMENT and self.state.announcement is not None:
            return self.state.announcement.sound
        if name == INQUIRY and self.state.inquiry is not None:
            return self.state.inquiry.sound
        if name == NEWS:
            return self.state.news
        of_line = self.plan.sounds.get(f"{name}@{self.state.line}")
        return of_line or self.plan.sounds.get(name)

    def set_timer(self, name: str, seconds: float) -> None:
        """Let the clock call back under that name."""
        self.state.timers = {**self.state.timers, name: self.now + dt.timedelta(seconds=seconds)}

    def cancel(self, *names: str) -> None:
        """Forget timers."""
        self.state.timers = {name: due for name, due in self.state.timers.items() if name not in names}

    def follow(self, then: Next | None) -> None:
        """Go on with what was to come after the messages."""
        if then is not None:
            self._follows[then.step](self, then.target)
