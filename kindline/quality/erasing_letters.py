"""Letters of a person who is erased: those whose term is over go, raw form, files and PDF; the others stay, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from kindline.appeals.models import Appeal
from kindline.clients.models import Client
from kindline.correspondence.models import Incoming, LetterRemoval, Outgoing, Paper
from kindline.correspondence.removing import UNDER_WAY, Letter, Rule, remove_letter
from kindline.staff.models import Employee

SINCE = {Incoming: "stored_at", Outgoing: "queued_at", Paper: "registered_at"}
KINDS = {Incoming: "mail", Outgoing: "outgoing", Paper: "paper"}
ADDRESS = {Incoming: "sender", Outgoing: "recipient"}
Until = Callable[[dt.datetime], dt.datetime | None]


@dataclass
class Outcome:
    """How many letters went, how many stay and until when."""

    removed: int = 0
    kept: int = 0
    ends: list[dt.datetime] = field(default_factory=list)

    @property
    def until(self) -> dt.date | None:
        """Until when the last of those that stay is kept."""
        return max(self.ends).date() if self.ends else None


@dataclass(frozen=True, slots=True)
class Norms:
    """What the profile's rule says of letters: whether one is kept that is so old, and until when."""

    holds: Callable[[dt.datetime], bool]
    until: Until


def erase_letters(
    *, client: Client, kept_appeals: Collection[Appeal], norms: Norms, ground: str, employee: Employee, now: dt.datetime
) -> Outcome:
    """Remove the person's letters but those within their term, of an appeal that is kept, or on their way."""
    found = Outcome()
    for letter in letters_of(client):
        since = getattr(letter, SINCE[type(letter)])
        if norms.holds(since) or _is_held(letter, kept_appeals):
            found.kept += 1
            found.ends += [until] if (until := norms.until(since)) else []
        else:
            rule = Rule(ground, since)
            found.removed += remove_letter(letter=letter, rule=rule, employee=employee, now=now)
    return found


def letters_of(client: Client) -> Iterator[Letter]:
    """Letters on the person's card, and e-mail from and to addresses of his; what was removed is none any more."""
    emails = [one.value for one in client.points.all() if one.kind == "email"]
    for model in SINCE:
        mine = Q(client=client)
        for one in emails if model in ADDRESS else ():
            mine |= Q(**{f"{ADDRESS[model]}__iexact": one})
        rows: Any = model._default_manager.filter(mine).select_related("joined").order_by("pk")
        yield from rows.exclude(pk__in=LetterRemoval.objects.filter(kind=KINDS[model]).values("key"))


def _is_held(letter: Letter, kept_appeals: Collection[Appeal]) -> bool:
    joined = getattr(letter, "joined", None)
    in_kept = joined is not None and joined.appeal_id in {one.pk for one in kept_appeals}
    return in_kept or (isinstance(letter, Outgoing) and letter.state in UNDER_WAY)
