"""What is done to short messages that go out: queued, claimed, handed over or not; each ends in facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from kindline.clients import phones
from kindline.clients.models import Client
from kindline.journal import actions as journal
from kindline.journal.checking import storable
from kindline.notifications import segments, states
from kindline.notifications.errors import BadNumberError, EmptyError, TooLongError
from kindline.notifications.models import Part, Sms
from kindline.notifications.wires import Piece
from kindline.staff.actions import actor
from kindline.staff.models import Employee

FIRST_PAUSE = dt.timedelta(seconds=30)
LONGEST_PAUSE = dt.timedelta(minutes=15)
GIVE_UP_AFTER = dt.timedelta(days=1)
LOST_AFTER = dt.timedelta(minutes=5)
"""How long a part may be under way before its process counts as dead."""


@transaction.atomic
def queue_sms(
    *,
    key: str,
    phone: str,
    text: str,
    country: str,
    about: str = "",
    client: Client | None = None,
    expires_at: dt.datetime | None = None,
    employee: Employee | None,
    now: dt.datetime,
) -> Sms:
    """Put a short message into the queue; the same key is the same message, however often it is asked for.

    Clause: krc-2-57. Raises: BadNumberError; EmptyError; TooLongError.
    """
    known = Sms.objects.filter(key=key).first()
    if known is not None:
        return known
    told = _checked(text)
    row, made = Sms.objects.get_or_create(
        key=key,
        defaults={
            "phone": checked_number(phone, country), "text": told, "about": about, "client": client,
            "employee": employee, "queued_at": now, "next_at": now, "expires_at": expires_at or now + GIVE_UP_AFTER,
        },
    )  # fmt: skip
    if made:
        data = {"about": about, "parts": len(segments.cut(told).pieces), "employee": employee.pk if employee else None}
        keep("sms_queued", row, data, now=now, employee=employee)
    return row


def checked_number(phone: str, country: str) -> str:
    """The number as E.164. Raises: BadNumberError for one that no short message can go to."""
    number = phones.normalised(phone, country)
    if not number.startswith("+"):
        raise BadNumberError(f"{phone!r} cannot get short messages: write a mobile number with its code")
    return number


def _checked(text: str) -> str:
    told = storable(text).strip()
    if not told:
        raise EmptyError("write a text")
    if len(segments.cut(told).pieces) > segments.PARTS_MAX:
        raise TooLongError(f"the text needs more than {segments.PARTS_MAX} short messages: make it shorter")
    return told


@transaction.atomic
def claim(
    *, gateway: str, takes_whole: bool, limit: int, now: dt.datetime, others: Collection[str] = (), begun: bool = False
) -> list[Piece]:
    """Take the parts that have waited longest; that they are about to be handed over is committed before they are.

    What has waited too long is given up. A message of which one of the `others` has a part, or may have it, stays
    there; with `begun` only messages are taken of which this gateway has a part.
    """
    due = Sms.objects.filter(state__in=(states.QUEUED, states.SENDING), next_at__lte=now).order_by("next_at", "pk")
    gone = Part.objects.filter(sms=OuterRef("pk")).exclude(state=states.QUEUED)
    if others:
        due = due.exclude(Exists(gone.filter(gateway__in=others)))
    if begun:
        due = due.filter(Exists(gone.filter(gateway=gateway)))
    claimed: list[Piece] = []
    for row in due.select_for_update(skip_locked=True, of=("self",))[:limit]:
        if row.expires_at <= now:
            _give_up(row, "it waited too long", now)
        elif len(claimed) < limit:
            claimed += _claimed(row, gateway, takes_whole, now)
    return claimed


def _claimed(row: Sms, gateway: str, takes_whole: bool, now: dt.datetime) -> list[Piece]:
    parts = _parts(row, takes_whole)
    waiting = [part for part in parts if part.state == states.QUEUED]
    if not waiting:
        return []
    for part in waiting:
        part.state, part.sending_since, part.gateway = states.SENDING, now, gateway
        part.save(update_fields=["state", "sending_since", "gateway"])
    row.state, row.sending_since, row.tries, row.next_at = states.SENDING, now, row.tries + 1, None
    row.save(update_fields=["state", "sending_since", "tries", "next_at"])
    keep("sms_sending", row, {"tries": row.tries, "gateway": gateway, "parts": len(waiting)}, now=now)
    return [
        Piece(part.pk, row.phone, part.text, part.coding, part.number, len(parts), row.pk % 256) for part in waiting
    ]


def _parts(row: Sms, takes_whole: bool) -> list[Part]:
    """The parts of a message; those that were cut for the other kind of gateway and never went are cut anew."""
    parts = list(row.parts.order_by("number"))
    is_whole = len(parts) == 1 and parts[0].text == row.text
    if parts and (is_whole == takes_whole or len(segments.cut(row.text).pieces) == 1):
        return parts
    if any(part.state != states.QUEUED for part in parts):
        return parts
    row.parts.all().delete()
    return _cut(row, takes_whole)


def _cut(row: Sms, takes_whole: bool) -> list[Part]:
    cut = segments.cut(row.text)
    pieces = (row.text,) if takes_whole else cut.pieces
    rows = [Part(sms=row, number=n, text=text, coding=cut.coding) for n, text in enumerate(pieces, 1)]
    return Part.objects.bulk_create(rows)


@transaction.atomic
def mark_submitted(*, key: int, gateway_id: str, now: dt.datetime) -> Sms:
    """The gateway has taken a part under this id."""
    part, row = held(key)
    part.gateway_id, part.submitted_at = storable(gateway_id)[:200], now
    part.save(update_fields=["gateway_id", "submitted_at"])
    return learn(part, row, states.SUBMITTED, "", now)


@transaction.atomic
def mark_unknown(*, key: int, reason: str, now: dt.datetime) -> Sms:
    """Nobody knows whether the gateway has taken a part: it is not handed over again, a receipt may still tell."""
    part, row = held(key)
    return learn(part, row, states.UNKNOWN, reason, now)


@transaction.atomic
def mark_refused(*, key: int, reason: str, now: dt.datetime) -> Sms:
    """The gateway refuses a part for good: the whole message is given up."""
    part, row = held(key)
    return learn(part, row, states.FAILED, reason, now)


@transaction.atomic
def put_off(*, key: int, reason: str, now: dt.datetime, at_once: bool = False) -> Sms:
    """A part was surely not taken: it is handed over again later, each time after a longer pause.

    `at_once`: without one, since another gateway may take it.
    """
    part, row = held(key)
    if part.state != states.SENDING:
        return row
    part.state, part.sending_since = states.QUEUED, None
    part.save(update_fields=["state", "sending_since"])
    pause = min(FIRST_PAUSE * 2 ** min(max(row.tries - 1, 0), 10), LONGEST_PAUSE)
    next_at = now if at_once else now + pause
    row.reason, row.next_at = storable(reason)[:500], max(row.next_at or next_at, next_at)
    row.state = states.whole(row.parts.values_list("state", flat=True))
    row.save(update_fields=["reason", "next_at", "state"])
    keep("sms_put_off", row, {"tries": row.tries, "reason": row.reason, "next_at": row.next_at}, now=now)
    return row


def sweep_lost(*, now: dt.datetime) -> int:
    """Parts whose process died while they were handed over: nobody knows whether they went. Twice changes nothing."""
    lost = Part.objects.filter(state=states.SENDING, sending_since__lt=now - LOST_AFTER)
    keys = list(lost.values_list("pk", flat=True)[:500])
    for key in keys:
        mark_unknown(key=key, reason="the process that sent it ended", now=now)
    return len(keys)


@transaction.atomic
def give_up_late(*, now: dt.datetime) -> int:
    """What has waited too long is given up, also while no gateway works; how many."""
    late = Sms.objects.filter(state__in=(states.QUEUED, states.SENDING), next_at__lte=now, expires_at__lte=now)
    rows = list(late.select_for_update(skip_locked=True, of=("self",))[:500])
    for row in rows:
        _give_up(row, "it waited too long", now)
    return len(rows)


@transaction.atomic
def call_off(*, about: str, now: dt.datetime) -> int:
    """What waits for this matter is not sent any more (a campaign was stopped); how many."""
    rows = Sms.objects.select_for_update(of=("self",)).filter(about=about, state=states.QUEUED)
    found = list(rows)
    for row in found:
        _give_up(row, "called off", now)
    return len(found)


def _give_up(row: Sms, reason: str, now: dt.datetime) -> None:
    """What was not handed over is never; a message of which a part may have gone is not one that failed surely."""
    row.parts.filter(state=states.QUEUED).update(state=states.EXPIRED)
    row.state, row.reason, row.next_at, row.ended_at = states.EXPIRED, reason, None, now
    row.save(update_fields=["state", "reason", "next_at", "ended_at"])
    keep("sms_expired", row, {"reason": reason}, now=now)


def held(key: int) -> tuple[Part, Sms]:
    """A part and its message, locked until the transaction ends; always the message first."""
    sms = Part.objects.values_list("sms_id", flat=True).get(pk=key)
    row = Sms.objects.select_for_update(of=("self",)).get(pk=sms)
    return Part.objects.get(pk=key), row


def learn(part: Part, row: Sms, news: str, reason: str, now: dt.datetime) -> Sms:
    """Take note of news about a held part; what is known only grows, and a message tells each state once."""
    part.state = states.after(part.state, news)
    part.save(update_fields=["state"])
    was, row.state = row.state, states.after(row.state, states.whole(row.parts.values_list("state", flat=True)))
    row.reason = storable(reason)[:500] or row.reason
    if states.RANK[row.state] >= states.RANK[states.UNKNOWN]:
        row.submitted_at = row.submitted_at or now
    if row.state in states.FINAL:
        row.ended_at, row.next_at = row.ended_at or now, None
    row.save(update_fields=["state", "reason", "submitted_at", "ended_at", "next_at"])
    if row.state != was and (kind := FACTS.get(row.state)):
        keep(kind, row, {"reason": row.reason} if kind in WITH_REASON else {}, now=now)
    return row


FACTS = {
    states.UNKNOWN: "sms_unknown",
    states.SUBMITTED: "sms_submitted",
    states.EXPIRED: "sms_expired",
    states.FAILED: "sms_failed",
    states.DELIVERED: "sms_delivered",
}
WITH_REASON = frozenset({"sms_unknown", "sms_expired", "sms_failed"})


def keep(
    kind: str, row: Sms, data: Mapping[str, Any], *, now: dt.datetime, employee: Employee | None = None
) -> None:  # fmt: skip
    """Write a fact about a message of ours."""
    fact = journal.NewFact(kind, "sms", row.pk, actor(employee), data, now)
    journal.record_many([fact])
