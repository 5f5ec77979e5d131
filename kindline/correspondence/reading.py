"""Stored messages read in the cage: threads, kinds, attachments into quarantine; what cannot be read becomes work."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import F

from kindline.clients.models import Client
from kindline.correspondence import automatic, cage, facts, storing, threads, wires
from kindline.correspondence.models import (
    Incoming,
    MailKind,
    MailState,
    Outgoing,
    OutgoingState,
    Thread,
)
from kindline.files import limits, taking
from kindline.files.content import Finding
from kindline.files.stores import store
from kindline.journal.checking import storable

BATCH = 20
TRIES_MAX = 3
"""A message in whose reading a process died so often is work for a person."""
BY_ITSELF = "by_itself"
WORK = (MailKind.MESSAGE, MailKind.AUTOMATIC)
SENT = (OutgoingState.SENDING, OutgoingState.SENT, OutgoingState.QUEUED)


def read_stored(*, now: dt.datetime, limit: int = BATCH, stop: threading.Event | None = None) -> list[Incoming]:
    """Read messages that are stored and not read yet, the oldest first."""
    found = []
    for row in Incoming.objects.filter(state=MailState.STORED).order_by("pk")[:limit]:
        if stop is not None and stop.is_set():
            break
        found.append(read_one(incoming=row, now=now))
    return found


def read_one(*, incoming: Incoming, now: dt.datetime) -> Incoming:
    """Read one message in the cage and write down what it is."""
    Incoming.objects.filter(pk=incoming.pk, state=MailState.STORED).update(tries=F("tries") + 1)
    if incoming.tries >= TRIES_MAX:
        return keep_reading(incoming=incoming, found={"fault": "cage"}, now=now)
    with storing.bench() as bench:
        found = cage.read(storing.laid_open(incoming, bench), bench)
        found["files"] = [_looked(one, bench) for one in found.get("attachments", [])]
    return keep_reading(incoming=incoming, found=found, now=now)


@transaction.atomic
def keep_reading(*, incoming: Incoming, found: dict[str, Any], now: dt.datetime) -> Incoming:
    """Write down what the cage found; a message that was read meanwhile is left as it is."""
    row = Incoming.objects.select_for_update(of=("self",)).get(pk=incoming.pk)
    if row.state != MailState.STORED:
        return row
    _fill(row, found)
    letter = _letter(row, found)
    if found["fault"]:
        row.state, row.fault = MailState.UNREADABLE, str(found["fault"])[:200]
    else:
        row.state, row.kind = MailState.READ, automatic.kind_of(letter)
    _bind(row, letter, list(found.get("answers", [])), now)
    row.read_at = now
    row.save()
    several = found.get("files", [])
    taking.keep_files(files=several, owner=row.owner, now=now)
    _say(row, len(several), now)
    return row


def _fill(row: Incoming, found: dict[str, Any]) -> None:
    for name in ("sender", "sender_name", "subject", "text", "message_id"):
        setattr(row, name, storable(str(found.get(name) or "")))
    row.recipients = [storable(one) for one in found.get("recipients", [])]
    row.reply_to = storable(next(iter(found.get("reply_to", [])), ""))
    row.sent_at = dt.datetime.fromisoformat(found["sent_at"]) if found.get("sent_at") else None
    row.headers = {storable(name): storable(value) for name, value in found.get("headers", {}).items()}


def _letter(row: Incoming, found: dict[str, Any]) -> automatic.Letter:
    return automatic.Letter(
        headers=row.headers, sender=row.sender, subject=row.subject, text=row.text,
        own_ids=found.get("own_ids", ()), is_report=bool(found.get("is_report")),
        reports=[automatic.Report(one["action"], one["status"]) for one in found.get("reports", ())],
        own=wires.own_addresses(), loop_key=wires.loop_key(),
    )  # fmt: skip


def _bind(row: Incoming, letter: automatic.Letter, ids: list[str], now: dt.datetime) -> None:
    """To the letter that it answers or reports on, to its thread, to the client; a report is nobody's work."""
    reports = row.kind in (MailKind.BOUNCE, MailKind.DELAY)
    row.outgoing = threads.answered([*ids, *letter.own_ids] if reports else ids)
    if reports:
        row.status = automatic.status_of(letter)
        _bounce(row, now)
    if row.kind in (MailKind.BOUNCE, MailKind.DELAY, MailKind.LOOP, MailKind.AUTO_REPLY):
        row.handled_at, row.outcome = now, BY_ITSELF
    row.thread = _thread(row, ids, now)
    row.client = client_of(row.sender) if row.kind in WORK else None


def _thread(row: Incoming, ids: list[str], now: dt.datetime) -> Thread | None:
    if row.outgoing is not None:
        return row.outgoing.thread
    if row.kind in (MailKind.BOUNCE, MailKind.DELAY, MailKind.LOOP):
        return None
    known = threads.of(sender=row.sender, subject=row.subject, ids=ids)
    return known or threads.begin(subject=row.subject, now=now)


def _bounce(row: Incoming, now: dt.datetime) -> None:
    """A letter that came back is marked, once; a delay is no failure."""
    if row.outgoing is None or row.kind != MailKind.BOUNCE:
        return
    ours = Outgoing.objects.select_for_update(of=("self",)).get(pk=row.outgoing.pk)
    if ours.state not in SENT:
        return
    ours.state, ours.reason, ours.ended_at, ours.next_at = OutgoingState.BOUNCED, row.status, now, None
    ours.save(update_fields=["state", "reason", "ended_at", "next_at"])
    facts.keep("message_bounced", (facts.OUTGOING, ours.pk), {"status": row.status, "mail": row.pk}, now=now)


def _looked(one: dict[str, Any], bench: Path) -> taking.Looked:
    """An attachment that the cage has looked at; its content is kept before there is a row."""
    stored = store().put(bench / Path(one["file"]).name)
    reason = one["reason"] or ("size" if stored.size > limits.size_max() else "")
    return taking.Looked(one["name"], stored, Finding(one["media_type"], reason), one["declared"])


def _say(row: Incoming, attachments: int, now: dt.datetime) -> None:
    if row.state == MailState.UNREADABLE:
        facts.keep("mail_unreadable", (facts.MAIL, row.pk), {"reason": row.fault}, now=now)
        return
    data = {"mail_kind": row.kind, "thread": row.thread.number if row.thread else None, "attachments": attachments}
    data |= {"outgoing": row.outgoing.pk if row.outgoing else None, "client": row.client.pk if row.client else None}
    facts.keep("mail_read", (facts.MAIL, row.pk), data, now=now)


def client_of(address: str) -> Client | None:
    """The client whose address it is, where it is one client's only."""
    if not address:
        return None
    found = list(Client.objects.filter(points__kind="email", points__value__iexact=address).distinct()[:2])
    return found[0] if len(found) == 1 else None
