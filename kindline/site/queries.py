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

HOUR = dt.timedelta(hours=1)
MOST_AN_HOUR = 20
"""Forms from one address; a library or a house behind one address still gets through."""
MOST_PROVEN_AN_HOUR = 300
"""The same for browsers that show some work (`puzzles`): many people behind one address of a telephone network."""
SALT = "kindline.site"
BEFORE: LiteralString = """
SELECT EXISTS (SELECT FROM site_submission WHERE key = %s::uuid),
    (SELECT count(*) FROM site_submission WHERE sender = %s::text AND sender <> '' AND made_at > %s::timestamptz)
"""


@dataclass(frozen=True, slots=True)
class Before:
    """What came before a form: whether it was sent already, and how many forms came from its sender within the hour."""

    was_sent: bool
    forms: int

    def is_flood(self, *, is_proven: bool = False) -> bool:
        """Whether so many came from there that more are not taken."""
        return self.forms >= (MOST_PROVEN_AN_HOUR if is_proven else MOST_AN_HOUR)


def before(key: uuid.UUID, sender: str, now: dt.datetime) -> Before:
    """What came before; nobody's forms are counted where the sender is not known. Asked with every form."""
    return Before(*prepared.rows(BEFORE, [key, sender, now - HOUR])[0])


def code_of(key: uuid.UUID) -> str:
    """The code with which the state of an appeal can be seen: told to the client once, and stored nowhere."""
    made = base64.b32encode(salted_hmac(f"{SALT}.code", str(key), algorithm="sha256").digest()).decode()
    return f"{made[:5]}-{made[5:10]}"


def by_number(profile_id: str, number: str, code: str) -> Submission | None:
    """The submission of that number, for whoever knows its code; case, blanks and dashes do not matter."""
    rows = Submission.objects.select_related("appeal__answer").filter(appeal__profile=profile_id)
    found = rows.filter(appeal__number__iexact=number.strip()).first()
    if found is None or not constant_time_compare(_plain(code_of(found.pk)), _plain(code)):
        return None
    return found


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").upper()
