"""Who looks at which answer, and who answers at the end: the names by which dialogues.yaml speaks of them."""

from __future__ import annotations

from collections.abc import Callable

from kindline.switchboard.self_service import dialogues, metered, owed, streets, struck
from kindline.switchboard.self_service.told import Reply, Told


def account(told: Told) -> Reply | None:
    """The account is named and there."""
    if "account" not in told.answers:
        return told.asks("account")
    return told.wrong(told.words("no_account"), "account") if told.account is None else None


Check = Callable[[Told], Reply | None]
"""None: the answer is right, or not needed."""
CHECKS: dict[str, Check] = {
    "account": account,
    "caller_or_account": struck.account,
    "meter": metered.meter,
    "value": metered.value,
    "house": owed.house,
    "flat": owed.flat,
    "street": streets.street,
    "building": streets.building,
}
ANSWERS: dict[str, Callable[[Told], Reply]] = {
    "readings": metered.take,
    "balance": owed.tell,
    "outages": struck.tell,
    "outages_by_address": streets.tell,
}
"""What is done once all questions of a service are answered."""


def walk(told: Told) -> Reply:
    """Go through the questions of a service: the first that is not answered rightly is asked, else it is answered."""
    for part in dialogues.parts(told.service):
        if part.check and not part.on_request and (reply := CHECKS[part.check](told)) is not None:
            return reply
    return ANSWERS[told.service](told)
