"""A client who types at the menu: what he is asked, and what he presses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from kindline.readings import queries
from kindline.runtime.demo_calls.cast import Cast
from kindline.runtime.demo_calls.errors import DemoError
from kindline.runtime.demo_calls.handset import Handset
from kindline.runtime.demo_calls.office import Office
from kindline.switchboard.machine.state import Phase, from_json
from kindline.switchboard.models import Call as CallRow

ASKED_S = 30.0
ASKED_MAX = 10
"""More than any service asks of somebody who makes no mistake."""
USED = 3
"""So much more than last time his meter shows."""
YES, FIRST, END = "1", "1", "#"
Question = tuple[int, str, bool]
"""The round, what is asked, and whether it is only to be confirmed."""
TAKEN: Question = (-1, "", False)


@dataclass
class Keys:
    """His telephone, and what he knows."""

    office: Office
    contact: UUID
    client: Handset
    who: Cast
    tell: Callable[[str], None]

    def type(self, service: str) -> None:
        """Answer until the menu says that it is done. Raises: DemoError."""
        asked = TAKEN
        for _ in range(ASKED_MAX):
            asked = self._next(service, asked)
            if asked == TAKEN:
                return
            pressed = YES if asked[2] else self._answer(asked[1])
            self.client.press(pressed)
            self.tell(f"asked for {asked[1]}, pressed {pressed}")
        raise DemoError(f"the menu's {service} goes on asking for {asked[1]}")

    def ask_for_a_call(self, queue: str) -> None:
        """Press the key that was offered, and confirm the number that is read back. Raises: DemoError."""
        menu = self.office.profile.menu
        rule = (menu.queues[queue].callback if menu else None) or {}
        self.client.press(str(rule["key"]))
        asked = CallRow.objects.filter(pk=self.contact, state=Phase.PROMISING)
        self.office.wait(lambda: asked.exists() or None, 10, "the number to be read back")
        self.client.press(YES)
        self.office.fact(self.contact, "callback_asked", 20)
        self.tell(f"asked to be called: pressed {rule['key']}, confirmed the number")

    def _next(self, service: str, before: Question) -> Question:
        return self.office.wait(lambda: self._asked(service, before), ASKED_S, f"the menu to go on with {service}")

    def _asked(self, service: str, before: Question) -> Question | None:
        """What is asked now and was not before; TAKEN when it is done."""
        told = [fact.data for fact in self.office.facts(self.contact) if fact.kind == "self_service_told"]
        if any(one["service"] == service and one["found"] for one in told):
            return TAKEN
        state = from_json(CallRow.objects.get(pk=self.contact).data)
        asking = state.inquiry
        if asking is None or asking.looked or not asking.question:
            return None
        found = (state.rounds, asking.question, asking.confirming)
        return found if found != before else None

    def _answer(self, question: str) -> str:
        if question == "account":
            return f"{self.who.account.number if self.who.account else ''}{END}"
        return f"{self._shown()}{END}" if question == "value" else FIRST

    def _shown(self) -> int:
        """What the first meter of his account shows."""
        today = timezone.now().astimezone(self.office.profile.zone).date()
        rows = queries.rows_of([self.who.account.pk] if self.who.account else [], today)
        if not rows:
            raise DemoError(f"{self.who.client} has no meter")
        return USED + (int(rows[0].last.value) if rows[0].last else 0)
