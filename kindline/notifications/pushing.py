"""What is done to notices for browsers: queued, claimed, handed over, shown or not; each ends in facts."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from kindline.clients.models import Client
from kindline.journal import actions as journal
from kindline.journal.checking import storable
from kindline.notifications import browsers, states
from kindline.notifications.actions import FIRST_PAUSE, GIVE_UP_AFTER, LONGEST_PAUSE, LOST_AFTER
from kindline.notifications.errors import EmptyError, NobodyThereError
from kindline.notifications.push_models import Push, PushAddress, PushPart
from kindline.notifications.push_wires import Parcel

TITLE_MAX, TEXT_MAX = 120, 700
"""Letters that are shown: a browser shows some hundreds at most, and a letter may take four octets of 3900."""
FACTS = {
    states.SUBMITTED: "push_submitted",
    states.EXPIRED: "push_expired",
    states.FAILED: "push_failed",
    states.DELIVERED: "push_shown",
}
WITH_REASON = frozenset({"push_failed", "push_expired"})


@transaction.atomic
def queue_push(
    *,
    key: str,
    title: str,
    text: str,
    to: Client | PushAddress,
    about: str = "",
    urgency: str = "normal",
    expires_at: dt.datetime | None = None,
    now: dt.datetime,
) -> Push:
    """Put a notice into the queue for all browsers of a client, or for one; the same key is the same notice.

    Clause: krc-5.7.1-39. Raises: NobodyThereError; EmptyError.
    """
    known = Push.objects.filter(key=key).first()
    if known is not None:
        return known
    if not text.strip():
        raise EmptyError("write a text")
    there = browsers.of_client(to) if isinstance(to, Client) else PushAddress.objects.filter(pk=to.pk, ended_at=None)
    found = list(there)
    if not found:
        raise NobodyThereError("no browser has agreed to notices")
    row = Push.objects.create(
        key=key, title=shortened(title, TITLE_MAX), text=storable(text).strip(), about=about, urgency=urgency,
        client=to if isinstance(to, Client) else None, queued_at=now, expires_at=expires_at or now + GIVE_UP_AFTER,
    )  # fmt: skip
    PushPart.objects.bulk_create([PushPart(push=row, address=one, next_at=now) for one in found])
    keep("push_queued", row, {"about": about, "browsers": len(found)}, now)
    return row


def shortened(text: str, most: int) -> str:
    """The text in one line where it is a title, cut with a sign where it is longer than is shown."""
    told = storable(text).strip()
    return told if len(told) <= most else f"{told[: most - 1].rstrip()}…"


def claim(*, limit: int, now: dt.datetime) -> list[Parcel]:
    """Take the parts that have waited longest; that they are about to be handed over is committed before they are.

    What has waited too long is given up.
    """
    sweep_lost(now=now)
    due = PushPart.objects.filter(state=states.QUEUED, next_at__lte=now).order_by("next_at", "pk")
    claimed = [_claim_one(key, now) for key in list(due.values_list("pk", flat=True)[:limit])]
    return [one for one in claimed if one is not None]


@transaction.atomic
def _claim_one(key: int, now: dt.datetime) -> Parcel | None:
    part, row = held(key)
    if part.state != states.QUEUED or part.next_at is None or part.next_at > now:
        return None
    address = part.address
    if row.expires_at <= now or address.ended_at is not None:
        over = (states.EXPIRED, "it waited too long") if row.expires_at <= now else (states.FAILED, address.reason)
        _learn(part, row, over[0], over[1], now)
        return None
    part.state, part.sending_since, part.tries = states.SENDING, now, part.tries + 1
    part.save(update_fields=["state", "sending_since", "tries"])
    keep("push_sending", row, {"tries": part.tries}, now)
    return _parcel(part, row, address, now)


def _parcel(part: PushPart, row: Push, address: PushAddress, now: dt.datetime) -> Parcel:
    told = {
        "title": row.title, "body": shortened(row.text, TEXT_MAX), "lang": address.language, "tag": row.key,
        "link": f"/notices/{part.code}/", "shown": f"/notices/{part.code}/shown/",
    }  # fmt: skip
    content = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    topic = hashlib.sha256(row.key.encode()).hexdigest()[:TOPIC_MAX]
    ttl_s = max(0, int((row.expires_at - now).total_seconds()))
    return Parcel(part.pk, address.endpoint, address.p256dh, address.auth, content, ttl_s, row.urgency, topic)


TOPIC_MAX = 32


@transaction.atomic
def mark_submitted(*, key: int, now: dt.datetime) -> Push:
    """The push service has taken a part; whether it is shown only the browser can tell."""
    part, row = held(key)
    return _learn(part, row, states.SUBMITTED, "", now)


@transaction.atomic
def mark_refused(*, key: int, reason: str, now: dt.datetime) -> Push:
    """The push service refuses a part for good."""
    part, row = held(key)
    return _learn(part, row, states.FAILED, reason, now)


@transaction.atomic
def mark_gone(*, key: int, reason: str, now: dt.datetime) -> Push:
    """The browser is there no more: it is dropped, and its owner finds that said in the account."""
    part, row = held(key)
    browsers.drop(address=part.address, now=now)
    return _learn(part, row, states.FAILED, reason, now)


@transaction.atomic
def put_off(*, key: int, reason: str, later_s: float | None = None, now: dt.datetime) -> Push:
    """A part is handed over again later: when the service asks for it, else each time after a longer pause."""
    part, row = held(key)
    if part.state != states.SENDING:
        return row
    pause = min(FIRST_PAUSE * 2 ** min(max(part.tries - 1, 0), 10), LONGEST_PAUSE)
    part.state, part.sending_since = states.QUEUED, None
    part.next_at = min(now + max(pause, dt.timedelta(seconds=later_s or 0)), max(row.expires_at, now))
    part.save(update_fields=["state", "sending_since", "next_at"])
    row.reason = storable(reason)[:500]
    row.save(update_fields=["reason"])
    keep("push_put_off", row, {"tries": part.tries, "reason": row.reason, "next_at": part.next_at}, now)
    return row


@transaction.atomic
def note_shown(*, code: str, now: dt.datetime) -> bool:
    """The browser says that it has shown a notice, or its page was opened; told again nothing changes."""
    found = PushPart.objects.filter(code=code).values_list("pk", flat=True).first()
    if found is None:
        return False
    part, row = held(found)
    if part.state != states.DELIVERED:
        _learn(part, row, states.DELIVERED, "", now)
    return True


def sweep_lost(*, now: dt.datetime) -> int:
    """Parts whose process died while they were handed over go again: a notice that came twice is shown once."""
    lost = PushPart.objects.filter(state=states.SENDING, sending_since__lt=now - LOST_AFTER)
    keys = list(lost.values_list("pk", flat=True)[:500])
    for key in keys:
        put_off(key=key, reason="the process that sent it ended", now=now)
    return len(keys)


@transaction.atomic
def call_off(*, about: str, now: dt.datetime) -> int:
    """What waits for this matter is not sent any more (a campaign was stopped); how many. What is being sent goes."""
    found = [held(key) for key in list(waiting(about).values_list("pk", flat=True))]
    called_off = [(part, row) for part, row in found if part.state == states.QUEUED]
    for part, row in called_off:
        _learn(part, row, states.EXPIRED, "called off", now)
    return len({row.pk for _part, row in called_off})


def waiting(about: str) -> QuerySet[PushPart]:
    """What waits to be handed over for a matter."""
    return PushPart.objects.filter(push__about=about, state=states.QUEUED)


def held(key: int) -> tuple[PushPart, Push]:
    """A part and its notice, locked until the transaction ends; always the notice first."""
    push = PushPart.objects.values_list("push_id", flat=True).get(pk=key)
    row = Push.objects.select_for_update(of=("self",)).get(pk=push)
    return PushPart.objects.select_related("address").get(pk=key), row


def _learn(part: PushPart, row: Push, news: str, reason: str, now: dt.datetime) -> Push:
    """Take note of news about a held part; what is known only grows, and a notice tells each state once."""
    part.state, part.next_at = states.after(part.state, news), None
    part.save(update_fields=["state", "next_at"])
    was, row.state = row.state, states.best(row.parts.values_list("state", flat=True))
    row.reason = storable(reason)[:500] or row.reason
    if states.RANK[row.state] >= states.RANK[states.SUBMITTED]:
        row.submitted_at = row.submitted_at or (now if row.state not in states.BAD else None)
    row.ended_at = (row.ended_at or now) if row.state in states.FINAL else None
    row.save(update_fields=["state", "reason", "submitted_at", "ended_at"])
    if row.state != was and (kind := FACTS.get(row.state)):
        keep(kind, row, {"reason": row.reason} if kind in WITH_REASON else {}, now)
    return row


def keep(kind: str, row: Push, data: Mapping[str, Any], now: dt.datetime) -> None:
    """Write a fact about a notice of ours."""
    journal.record(kind=kind, subject_type="push", subject_id=row.pk, data=data, at=now)


def forget(clients: list[int]) -> int:
    """Who was erased: his browsers are written to no more, and no text is kept; how many notices."""
    count = 0
    for row in Push.objects.filter(client__in=clients):
        row.parts.filter(state__in=(states.QUEUED, states.SENDING)).update(state=states.EXPIRED, next_at=None)
        row.title, row.text, row.client = "", "", None
        row.state = states.best(row.parts.values_list("state", flat=True))
        row.ended_at = row.ended_at or row.queued_at
        row.save(update_fields=["title", "text", "client", "state", "ended_at"])
        count += 1
    return count
