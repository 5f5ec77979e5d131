"""Questions of the site: whose appeal it is, and whether somebody floods the reception."""

from __future__ import annotations

import base64
import datetime as dt
import uuid
from dataclasses import dataclass
from typing import LiteralString

from django.utils.crypto import constant_time_compare, salted_hmac

from kindline.journal import prepared
from kindline.site.models import Submission
from kindline.site.senders import Senders
from kindline.staff.typed_codes import signs

HOUR = dt.timedelta(hours=1)
MOST_AN_HOUR, MOST_OF_ADDRESS = 20, 300
"""Forms from one browser, and from all of one address: many people are behind one of a telephone network."""
MOST_PROVEN_AN_HOUR, MOST_PROVEN_OF_ADDRESS = 300, 3000
"""The same for browsers that show some work (`puzzles`)."""
SALT = "kindline.site"
BEFORE: LiteralString = """
SELECT EXISTS (SELECT FROM site_submission WHERE key = %s::uuid),
    count(*) FILTER (WHERE browser = %s::text), count(*)
FROM site_submission WHERE sender = %s::text AND sender <> '' AND made_at > %s::timestamptz
"""


@dataclass(frozen=True, slots=True)
class Before:
    """What came before a form: whether it was sent already, and how many forms came from its sender within the hour."""

    was_sent: bool
    of_browser: int
    of_address: int

    def is_flood(self, *, is_proven: bool = False) -> bool:
        """Whether so many came from there that more are not taken."""
        if is_proven:
            return self.of_browser >= MOST_PROVEN_AN_HOUR or self.of_address >= MOST_PROVEN_OF_ADDRESS
        return self.of_browser >= MOST_AN_HOUR or self.of_address >= MOST_OF_ADDRESS


def before(key: uuid.UUID, whose: Senders, now: dt.datetime) -> Before:
    """What came before; nobody's forms are counted where the sender is not known. Asked with every form."""
    return Before(*prepared.rows(BEFORE, [key, whose.browser, whose.address, now - HOUR])[0])


def code_of(key: uuid.UUID) -> str:
    """The code with which the state of an appeal can be seen: told to the client once, and stored nowhere."""
    made = base64.b32encode(salted_hmac(f"{SALT}.code", str(key), algorithm="sha256").digest()).decode()
    return f"{made[:5]}-{made[5:10]}"


def by_number(profile_id: str, number: str, code: str) -> Submission | None:
    """The submission of that number, for whoever knows its code, read as it looks."""
    rows = Submission.objects.select_related("appeal__answer").filter(appeal__profile=profile_id)
    found = rows.filter(appeal__number__iexact=number.strip()).first()
    if found is None or not constant_time_compare(signs(code_of(found.pk)), signs(code)):
        return None
    return found
