"""Who calls: a client of the instance, and what he can say about himself and his matter."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.utils import timezone

from kindline.clients.models import Account, Client
from kindline.conversations import fields as conversation_fields
from kindline.conversations import norms, wording
from kindline.runtime.demo_calls.errors import DemoError
from kindline.runtime.demo_calls.scenario import Scenario
from kindline.standard.profile import Profile

HIS_NAME = ("client_name", "surname", "given_name", "patronymic")
PROMISED_IN = dt.timedelta(hours=2)
"""When the operator proposes to call back where the standard names no time."""
OF_OPERATOR = ("due_at", "interval", "kind", "measure", "office", "reason", "service", "specialist", "letter_channel")
"""Fields that the operator fills from what he knows; all others are answered by the client."""


@dataclass
class Cast:
    """What each field of the guide holds in this call."""

    profile: Profile
    scenario: Scenario
    client: Client
    caller: str
    account: Account | None = None
    colleague: str = ""
    _card: dict[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """A field's value: from the card, else from the scenario; empty = "has none"."""
        if name == "due_at":
            return self.promised_at().astimezone(self.profile.zone).isoformat(timespec="minutes")
        if name == "specialist":
            return self.colleague
        return self._card.get(name) or self.scenario.field(name, self.profile.language)

    def promised_at(self) -> dt.datetime:
        """When the operator promises to call back: by the standard, else soon."""
        now = timezone.now()
        return norms.proposed_promise(self.profile, now) or now + PROMISED_IN


def cast(profile: Profile, scenario: Scenario, client: Client | None) -> Cast:
    """The client who calls. Raises: DemoError when the instance has none."""
    if client is None:
        raise DemoError("the instance has no client with a telephone: start it with its demonstration organisation")
    card = {name: value for name, value in conversation_fields.known_of(client).items() if value}
    account = client.accounts.select_related("premise").order_by("number").first()
    if account is not None:
        card |= {"account_number": account.number, "address": str(account.premise)}
    card["client_name"] = wording.proper_name(client, profile)
    return Cast(profile, scenario, client, card.get("phone", ""), account, _card=card)
