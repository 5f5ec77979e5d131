"""Messages taken from the mailbox: the raw bytes are on our disk and committed before the server is told anything."""

from __future__ import annotations

import datetime as dt
import itertools
import logging
import threading

from django.db import transaction

from kindline.correspondence import facts, storing
from kindline.correspondence.errors import UnreachableError
from kindline.correspondence.models import Incoming, Sighting
from kindline.correspondence.wires import Inbox, Mailbox, Mark
from kindline.files.stores import Stored

log = logging.getLogger(__name__)
BATCH = 200
"""Taken in one go: what is taken bears the moment of its beginning."""


def receive(*, mailbox: Mailbox, now: dt.datetime, limit: int = BATCH, stop: threading.Event | None = None) -> int:
    """Store messages that wait, at most `limit`; how many were new.

    A message that the server cannot give is left for the next time, and those behind it are taken.
    Raises: UnreachableError.
    """
    count = 0
    with mailbox.open() as inbox:
        for mark in itertools.islice(inbox.waiting(), limit):
            if stop is not None and stop.is_set():
                break
            try:
                count += receive_one(mailbox=mailbox.name, inbox=inbox, mark=mark, now=now)
            except UnreachableError as error:
                log.warning("message %s of %s cannot be fetched: %s", mark.uid, mark.folder, error)
    return count


def receive_one(*, mailbox: str, inbox: Inbox, mark: Mark, now: dt.datetime) -> bool:
    """Store one message and then tell the server; whether it was new.

    Killed at any moment, it is fetched again and found to be known. Raises: UnreachableError.
    """
    new = False
    if not _seen(mailbox, mark):
        with storing.bench() as bench:
            inbox.fetch(mark, bench / "message")
            kept = storing.raw().put(bench / "message")
        new = store_message(mailbox=mailbox, mark=mark, kept=kept, now=now)
    inbox.tell_stored(mark)
    return new


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


def _seen(mailbox: str, mark: Mark) -> bool:
    here = Sighting.objects.filter(mailbox=mailbox, folder=mark.folder, validity=mark.validity, uid=mark.uid)
    return here.exists()
