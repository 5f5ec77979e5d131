"""The scripted operator: a plain telephone that answers, and what its owner does at the desk."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils import timezone

from kindline.conversations import actions as conversations
from kindline.conversations import guides
from kindline.conversations.errors import RefusedError
from kindline.conversations.guides import GuideState
from kindline.desk.calls import DEEDS, WISHES
from kindline.desk.switchboard import SwitchboardError
from kindline.desk.turns import Turn
from kindline.runtime.demo_calls import handset as handsets
from kindline.runtime.demo_calls.errors import DemoError
from kindline.runtime.demo_calls.exchange import Exchange, Extension
from kindline.runtime.demo_calls.handset import Handset
from kindline.runtime.demo_calls.line import Line
from kindline.runtime.demo_calls.office import Office, tell
from kindline.staff.models import Employee
from kindline.switchboard.models import Operator

Refusal = RefusedError | ValidationError | SwitchboardError
REFUSALS = (RefusedError, ValidationError, SwitchboardError)
RINGS_WITHIN_S = 30.0


def extension(operator: Operator) -> Extension:
    """The plain telephone of an operator."""
    return Extension(f"op{operator.employee_id}s", operator.sip_password)


@dataclass
class ScriptedOperator:
    """One employee with a telephone in his hand."""

    office: Office
    me: Employee
    exchange: Exchange
    line: Line
    phone: Handset | None = None
    contact: UUID | None = None
    refusals: list[str] = field(default_factory=list)

    @property
    def user(self) -> str:
        """The name under which the telephone is registered."""
        return f"op{self.me.pk}s"

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """At his telephone while the block lasts, and away afterwards."""
        self.office.wait(self._registered, 30, f"the telephone of {self.me} to be registered")
        try:
            yield
        finally:
            self.leaves()

    def leaves(self) -> None:
        """Nobody calls him any more; in between he may be ready, so nobody else's call waits meanwhile."""
        with self.office.crowd.head:
            with contextlib.suppress(SwitchboardError):
                tell(f"/operators/{self.me.pk}/wrap-up/end")
            with contextlib.suppress(SwitchboardError):
                self.is_now("offline")

    def is_now(self, state: str) -> None:
        """Change the state. Raises: SwitchboardError."""
        tell(f"/operators/{self.me.pk}/state", state=state, reason="")

    def _registered(self) -> bool | None:
        known = self.exchange.registered(self.user)
        return (known and Operator.objects.filter(employee=self.me, registered=True).exists()) or None

    def pick_up(self, since: int = 0) -> Handset:
        """Wait until the telephone rings, and answer. Raises: DemoError when nobody calls."""
        rung = handsets.rung(self.exchange, self.line, self.user, RINGS_WITHIN_S, since=since)
        if rung is None:
            raise DemoError(f"the call was not offered to {self.me}")
        self.phone = rung
        told = handsets.header(rung, "X-Kindline-Contact")
        self.contact = UUID(told) if told else self.contact
        handsets.answer(rung)
        return rung

    # --- at the desk -------------------------------------------------------------------------------
    def turn(self, **body: Any) -> Turn:
        """A request of this operator about the contact, as a page would post it."""
        if self.contact is None:
            raise DemoError("the operator has no contact")
        return Turn(self.office.contact(self.contact), self.me, timezone.now(), body)

    def do(self, verb: str, **body: Any) -> Mapping[str, Any]:
        """Do what the button of that name does. Raises: RefusedError, ValidationError, SwitchboardError."""
        deed = DEEDS.get(verb) or WISHES[verb]
        return deed(self.turn(**body)) or {}

    def tries(self, verb: str, **body: Any) -> bool:
        """Do it, or note why it was refused."""
        try:
            self.do(verb, **body)
        except REFUSALS as error:
            self.refusals.append(f"{verb}: {error}")
            return False
        return True

    def guide(self) -> GuideState:
        """The guide as the operator's screen shows it now."""
        turn = self.turn()
        return guides.state(turn.contact, self.office.profile, turn.now)

    def begins(self) -> None:
        """The guide begins when the call is answered, whatever else has not begun it."""
        turn = self.turn()
        conversations.start_guide(contact=turn.contact, employee=self.me, now=turn.now)
