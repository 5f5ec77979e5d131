"""Programs are told what happens to appeals: news follows the journal, is written down, and sent until it is taken.

A piece of news names the appeal and nothing of its applicant: whoever wants more reads the card. It is signed over its
moment and its body, so that neither can be changed nor sent again later. The same news may come twice (its `id` says
so), and is never lost: it is a row before it is sent.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import secrets
from collections.abc import Collection, Iterable
from typing import Any

from django.conf import settings
from django.db import transaction

from kindline.api import egress
from kindline.api.models import Delivery, DeliveryState, Submission, Subscription
from kindline.appeals.models import Appeal
from kindline.journal import actions as journal
from kindline.journal import cursor, doorbell
from kindline.journal.models import Fact
from kindline.staff.actions import actor
from kindline.staff.models import Employee, Scope, Token

CURSOR = "webhooks"
BATCH = 1000
SENT_AT_ONCE = 50
EVENTS = {
    "appeal_created": "registered",
    "appeal_assigned": "assigned",
    "appeal_forwarded": "forwarded",
    "message_added": "message_added",
    "appeal_extended": "extended",
    "appeal_recomputed": "limit_changed",
    "forwarded_to_body": "forwarded",
    "appeal_answered": "answered",
    "applicant_answered": "answered",
    "appeal_closed": "closed",
    "duplicate_freed": "reopened",
    "appeal_corrected": "corrected",
}
"""Which facts are told, and under which name; of an appeal that was made in no contact its own."""
FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(seconds=10), dt.timedelta(hours=6)
TRIES_MAX = 18
"""With these pauses, some two days."""
LEASE = dt.timedelta(seconds=60)
"""For so long nobody else sends a piece of news that somebody is sending."""


def subscribe(
    *, token: Token, url: str, events: Collection[str], by: Employee | None = None, now: dt.datetime
) -> Subscription:
    """Tell a program from now on; asked again with the same address, the events are those of the last time.

    `by`: the employee who asks for it, where it is not the program itself.

    Raises: NotAllowedError where the address may not be called.
    """
    egress.check(url)
    with transaction.atomic():
        made, is_new = Subscription.objects.select_for_update().get_or_create(
            token=token, url=url, stopped_at=None,
            defaults={"events": sorted(events), "salt": secrets.token_hex(16), "made_at": now},
        )  # fmt: skip
        if not is_new:
            made.events = sorted(events)
            made.save(update_fields=["events"])
        _keep("webhook_subscribed", made, by, now)
        return made


def unsubscribe(*, subscription: Subscription, by: Employee | None = None, now: dt.datetime) -> None:
    """Tell nothing any more; what waits is not sent."""
    with transaction.atomic():
        held = Subscription.objects.select_for_update().select_related("token").get(pk=subscription.pk)
        if held.stopped_at is None:
            held.stopped_at = now
            held.save(update_fields=["stopped_at"])
            _keep("webhook_stopped", held, by, now)


def resume(*, subscription: Subscription, by: Employee, now: dt.datetime) -> None:
    """Tell again, under the same secret, of what happens from now on; where it is told already, nothing changes.

    Raises: NotAllowedError where the address may not be called any more.
    """
    egress.check(subscription.url)
    with transaction.atomic():
        Token.objects.select_for_update().get(pk=subscription.token_id)
        held = Subscription.objects.select_for_update(of=("self",)).select_related("token").get(pk=subscription.pk)
        same = Subscription.objects.filter(token=held.token, url=held.url, stopped_at=None)
        if not same.exists():
            held.stopped_at, held.made_at = None, now
            held.save(update_fields=["stopped_at", "made_at"])
            _keep("webhook_subscribed", held, by, now)


def send_again(*, delivery: Delivery, by: Employee, now: dt.datetime) -> None:
    """Try now what was given up, or what waits for its next try; what was delivered is not sent again."""
    with transaction.atomic():
        rows = Delivery.objects.select_for_update(of=("self",)).select_related("subscription__token")
        held = rows.get(pk=delivery.pk)
        if held.state == DeliveryState.DELIVERED:
            return
        held.state, held.next_at, held.tries = DeliveryState.WAITING, now, min(held.tries, TRIES_MAX - 1)
        held.save(update_fields=["state", "next_at", "tries"])
        _keep("webhook_sent_again", held.subscription, by, now, delivery=held.pk)
        transaction.on_commit(doorbell.ring)


def secret_of(subscription: Subscription) -> str:
    """What signs this subscription's news: derived from the installation's own secret."""
    key = f"{settings.SECRET_KEY}".encode()
    made = hmac.digest(key, f"webhook {subscription.pk} {subscription.salt}".encode(), hashlib.sha256)
    return f"whsec_{base64.urlsafe_b64encode(made).decode().rstrip('=')}"


def signature(secret: str, body: bytes, at: dt.datetime) -> str:
    """The header that goes along: the moment, and the HMAC-SHA256 of moment and body."""
    moment = str(int(at.timestamp()))
    found = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={found}"


def follow(*, now: dt.datetime, limit: int = BATCH) -> int:
    """Write down the news for everybody who wants it; returns how many facts were read (0 while another follows)."""
    try:
        with cursor.reading(CURSOR, limit) as facts:
            news = [fact for fact in facts if fact.kind in EVENTS]
            _write_down(news, now)
            return len(facts)
    except cursor.CursorBusyError:
        return 0


def send_due(*, now: dt.datetime, limit: int = SENT_AT_ONCE) -> int:
    """Send what is due, the oldest first; returns how many were tried. Nothing of the database is held meanwhile."""
    found = _claimed(now, limit)
    for one in found:
        _send(one, now)
    return len(found)


def _write_down(facts: list[Fact], now: dt.datetime) -> None:
    wanted = [*Subscription.objects.filter(stopped_at=None).select_related("token")] if facts else []
    if not wanted:
        return
    known = Appeal.objects.in_bulk({_appeal_of(fact) for fact in facts})
    own = _own(wanted, known)
    rows = [
        Delivery(
            subscription=one, fact=fact.id, event=EVENTS[fact.kind], next_at=now, made_at=now,
            body=_told(fact, known[_appeal_of(fact)]),
        )
        for one in wanted
        for fact in facts
        if EVENTS[fact.kind] in one.events and fact.at >= one.made_at and _appeal_of(fact) in own[one.token_id]
    ]  # fmt: skip
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def _own(wanted: Iterable[Subscription], known: Collection[int]) -> dict[int, set[int]]:
    """The appeals open to each token: all where it may read all, else those that it registered."""
    found = {}
    for one in wanted:
        registered = Submission.objects.filter(token=one.token, is_registration=True, appeal__in=list(known))
        every = Scope.READ in one.token.scopes
        found[one.token_id] = set(known) if every else set(registered.values_list("appeal", flat=True))
    return found


def _appeal_of(fact: Fact) -> int:
    return int(fact.subject_id) if fact.subject_type == "appeal" else int(fact.data["appeal"])


def _told(fact: Fact, appeal: Appeal) -> str:
    told: dict[str, Any] = {"id": f"{fact.id}", "event": EVENTS[fact.kind], "at": fact.at.isoformat()}
    told["appeal"] = {"id": appeal.pk, "number": appeal.number, "href": f"/api/v1/appeals/{appeal.pk}"}
    return json.dumps(told)


def _claimed(now: dt.datetime, limit: int) -> list[Delivery]:
    with transaction.atomic():
        due = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).select_related("subscription__token")
        found = [*due.filter(state=DeliveryState.WAITING, next_at__lte=now).order_by("next_at", "pk")[:limit]]
        for one in found:
            one.tries += 1
            one.next_at = now + LEASE
        Delivery.objects.bulk_update(found, ["tries", "next_at"])
    return found


def _send(one: Delivery, now: dt.datetime) -> None:
    """Send one piece of news and write down what came of it."""
    there, body = one.subscription, one.body.encode()
    if there.stopped_at is not None or not holds(there.token, now):
        one.state, one.reason = DeliveryState.FAILED, "the subscription or its token holds no more"
    else:
        headers = {"Content-Type": "application/json", "Kindline-Event": one.event, "Kindline-Delivery": str(one.pk)}
        headers["Kindline-Signature"] = signature(secret_of(there), body, now)
        try:
            egress.post(there.url, body, headers)
            one.state, one.delivered_at, one.reason = DeliveryState.DELIVERED, now, ""
        except (egress.NotTakenError, egress.NotAllowedError) as error:
            one.reason = str(error).replace("\0", "")
            one.state = DeliveryState.FAILED if one.tries >= TRIES_MAX else DeliveryState.WAITING
            one.next_at = now + pause(one.tries)
    one.save(update_fields=["state", "delivered_at", "reason", "next_at"])


def pause(tries: int) -> dt.timedelta:
    """How long to wait after so many tries: twice as long each time, up to six hours."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * int(2 ** (tries - 1)))


def holds(token: Token, now: dt.datetime) -> bool:
    """Whether programs are told under this token."""
    return token.revoked_at is None and token.expires_at > now and Scope.WEBHOOKS in token.scopes


def _keep(kind: str, subscription: Subscription, by: Employee | None, now: dt.datetime, **more: int) -> None:
    token = subscription.token
    who, data = actor(by or token.employee), {"token": token.pk, "url": subscription.url, **more}
    journal.record(kind=kind, subject_type="employee", subject_id=token.employee_id, actor=who, data=data, at=now)
