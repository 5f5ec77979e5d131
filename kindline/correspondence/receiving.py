"""Messages taken from the mailbox: the raw bytes are on our disk and committed before the server is told anything."""

from __future__ import annotations

import datetime as dt
import itertools
import logging
import threading
from collections.abc import Iterator

from django.db import transaction

from kindline.correspondence import facts, storing
from kindline.correspondence.errors import UnreachableError
from kindline.correspondence.models import Incoming, Sighting
from kindline.correspondence.wires import Inbox, Mailbox, Mark
from kindline.files.stores import Stored

log = logging.getLogger(__name__)
BATCH = 200
"""Taken in one go: what is taken bears the moment of its beginning."""
ASKED_AT_ONCE = 500


def receive(*, mailbox: Mailbox, now: dt.datetime, limit: int = BATCH, stop: threading.Event | None = None) -> int:
    """Store messages that wait, at most `limit` new ones; how many were new.

    What is known already, or the server cannot give now, hinders none of those behind it.
    Raises: UnreachableError.
    """
    count = 0
    with mailbox.open() as inbox:
        again = itertools.count()
        for mark, known in _looked_up(mailbox.name, inbox.waiting()):
            if count == limit or (stop is not None and stop.is_set()):
                break
            if not known:
                count += _stored(mailbox.name, inbox, mark, now)
            elif next(again) < limit:  # a server that keeps no marks shows all of them for ever
                _told(inbox, mark)
    return count


def receive_one(*, mailbox: str, inbox: Inbox, mark: Mark, now: dt.datetime) -> bool:
    """Store one message and then tell the server; whether it was new.

    Killed at any moment, it is fetched again and found to be known. Raises: UnreachableError.
    """
    with storing.bench() as bench:
        inbox.fetch(mark, bench / "message")
        kept = storing.raw().put(bench / "message")
    new = store_message(mailbox=mailbox, mark=mark, kept=kept, now=now)
    _told(inbox, mark)
    return new


def _stored(mailbox: str, inbox: Inbox, mark: Mark, now: dt.datetime) -> bool:
    """Whether a new message was stored; one that cannot be fetched is left for the next time."""
    try:
        return receive_one(mailbox=mailbox, inbox=inbox, mark=mark, now=now)
    except UnreachableError as error:
        log.warning("message %s of %s cannot be fetched: %s", mark.uid, mark.folder, error)
        return False


def _told(inbox: Inbox, mark: Mark) -> None:
    """Tell the server; the message is ours all the same where it does not listen."""
    try:
        inbox.tell_stored(mark)
    except UnreachableError as error:
        log.warning("message %s of %s is stored and cannot be marked: %s", mark.uid, mark.folder, error)


def _looked_up(mailbox: str, marks: Iterator[Mark]) -> Iterator[tuple[Mark, bool]]:
    """Each with whether it was seen here before; many are asked for at once."""
    while several := list(itertools.islice(marks, ASKED_AT_ONCE)):
        wanted = {f"{name}__in": {getattr(mark, name) for mark in several} for name in ("folder", "validity", "uid")}
        seen = Sighting.objects.filter(mailbox=mailbox, **wanted)
        known = set(seen.values_list("folder", "validity", "uid"))
        yield from ((mark, (mark.folder, mark.validity, mark.uid) in known) for mark in several)


@transaction.atomic
def store_message(*, mailbox: str, mark: Mark, kept: Stored, now: dt.datetime) -> bool:
    """Write down that a raw message is ours; the same bytes twice are one message. Whether it was new."""
    row, new = Incoming.objects.get_or_create(
        mailbox=mailbox, sha256=kept.sha256, defaults={"size": kept.size, "stored_at": now}
    )
    Sighting.objects.get_or_create(
        mailbox=mailbox, folder=mark.folder, validity=mark.validity, uid=mark.uid, defaults={"incoming": row}
    )
    if new:
        data = {"mailbox": mailbox, "folder": mark.folder, "sha256": kept.sha256, "size": kept.size}
        facts.keep("mail_stored", (facts.MAIL, row.pk), data, now=now)
    return new
