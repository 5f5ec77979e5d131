"""What is wrong with recordings, said until it is well again: those in charge see it on every page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction

from kindline.conversations.models import Contact
from kindline.journal import actions as journal
from kindline.recordings.models import Trouble
from kindline.switchboard.models import Recording

STALLED, UNMOVED, BROKEN, STORE = "stalled", "unmoved", "broken", "store"


def open_trouble(
    *, kind: str, now: dt.datetime, subject: str = "", contact: Contact | str | None = None, detail: str = "",
    gap_s: float | None = None,
) -> bool:  # fmt: skip
    """Say what is wrong; whether it is news."""
    key = contact.pk if isinstance(contact, Contact) else contact
    values = {"contact_id": key, "detail": detail[:500], "gap_s": gap_s, "opened_at": now}
    row, new = Trouble.objects.get_or_create(kind=kind, subject=subject, closed_at=None, defaults=values)
    if not new and gap_s is not None:
        row.gap_s = gap_s
        row.save(update_fields=["gap_s"])
    return new


@transaction.atomic
def note_broken(*, recording: Recording, reason: str, now: dt.datetime) -> None:
    """A recording's content is not what was recorded: a fact, and a trouble for those in charge."""
    if open_trouble(kind=BROKEN, subject=recording.name, contact=str(recording.contact_id), detail=reason, now=now):
        data = {"leg": recording.leg, "name": recording.name, "reason": reason[:200]}
        journal.record(
            kind="recording_broken", subject_type="contact", subject_id=recording.contact_id, data=data, at=now
        )


def close(*, kind: str, subject: str, now: dt.datetime) -> None:
    """It is well again, or there is nothing left that could be wrong."""
    Trouble.objects.filter(kind=kind, subject=subject, closed_at=None).update(closed_at=now)


def close_others(*, kind: str, now: dt.datetime, still: Collection[str] = ()) -> int:
    """All of a kind but these are well again; how many."""
    return Trouble.objects.filter(kind=kind, closed_at=None).exclude(subject__in=still).update(closed_at=now)


def present() -> list[Trouble]:
    """What is wrong now, the latest first."""
    return list(Trouble.objects.filter(closed_at=None).order_by("-opened_at")[:5])
