"""What a client has told the menu so far, and what is replied: pure but for the account that he named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from kindline.clients import queries as clients
from kindline.clients.models import Account
from kindline.standard import clockwords
from kindline.standard.profile import Profile


@dataclass(frozen=True, slots=True)
class Reply:
    """What follows: words to be spoken, the next question, what holds of the answers from now on.

    `done`: something he came for is done; `wrong`: what he typed is not so; `stop`: why an operator must go on with it.
    """

    said: str = ""
    ask: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    done: bool = False
    wrong: bool = False
    stop: str = ""


@dataclass(frozen=True)
class Told:
    """The service, the answers with those just typed, and whose call it is."""

    profile: Profile
    service: str
    now: dt.datetime
    answers: Mapping[str, str] = field(default_factory=dict)
    question: str = ""
    contact: str = ""
    caller: str = ""
    round: int = 0
    line: str = ""
    """The line on which he calls."""

    @cached_property
    def account(self) -> Account | None:
        """The account that he named."""
        named = self.answers.get("account", "")
        return clients.by_account(named) if named else None

    @cached_property
    def callers_accounts(self) -> list[Account]:
        """The accounts of the clients who are known by the number that calls."""
        found = clients.by_caller(self.caller, self.profile.calendar.country)
        return list(Account.objects.filter(client__in=found).select_related("premise").order_by("number"))

    @property
    def today(self) -> dt.date:
        """The day where the organisation is."""
        return self.now.astimezone(self.profile.zone).date()

    @property
    def language(self) -> str:
        """The language in which is spoken."""
        return self.profile.language if self.profile.language in _words() else "uk"

    def words(self, name: str, **values: str) -> str:
        """What is said on an occasion; the profile may replace it (`texts: {phone.told_<name>: …}`)."""
        said = self.profile.texts.get(f"phone.told_{name}", _words()[self.language][name])
        return str(said).format(**values) if values else str(said)

    def zone(self, name: str) -> str:
        """A zone of a meter as it is added to the meter's name."""
        return str(_words()[self.language]["zones"].get(name, f", {name}"))

    def day(self, day: dt.date) -> str:
        """A day as it is read aloud."""
        return clockwords.day_of(day, self.language)

    def asks(self, question: str, said: str = "") -> Reply:
        """Another question comes next."""
        return Reply(said, question, self.answers)

    def wrong(self, said: str, ask: str, *, but: tuple[str, ...] = ()) -> Reply:
        """What was typed is not so: asked again from a question on; the answers `but` these are kept."""
        kept = {name: value for name, value in self.answers.items() if name != ask and name not in but}
        return Reply(said, ask, kept, wrong=True)


@cache
def _words() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))
    return found
