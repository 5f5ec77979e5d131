"""When talks began and ended, written for many contacts at once (it comes with every call)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from kindline.journal import prepared

NOTED = """
UPDATE conversations_contact AS contact SET answered_at = coalesce(contact.answered_at, new.answered_at),
    employee_id = coalesce(contact.employee_id, new.employee), ended_at = coalesce(contact.ended_at, new.ended_at)
FROM jsonb_to_recordset(%s::jsonb) AS new(contact uuid, answered_at timestamptz, employee bigint, ended_at timestamptz)
WHERE contact.id = new.contact
"""


@dataclass(slots=True)
class Talk:
    """What is known of a contact's talk: who answered it and when, and when it was over."""

    contact: str
    answered_at: dt.datetime | None = None
    employee: int | None = None
    ended_at: dt.datetime | None = None


def note_talks(talks: Iterable[Talk]) -> None:
    """Write what is known of talks; the first answer, the first employee and the first end stay.

    Inside the caller's transaction, which writes the facts of it.
    """
    rows = [asdict(talk) for talk in talks]
    if rows:
        prepared.run(NOTED, [json.dumps(rows, default=str)])
