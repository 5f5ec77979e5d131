"""Notices by e-mail and SMS without an account: asked for, confirmed by who owns the address, left with one click."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from kindline.clients.models import BarredNumber, ContactPoint
from kindline.journal import actions as journal
from kindline.notifications.topic_models import NoticeSource, NoticeSubscription

SALT = "kindline.notifications.topics"
HOUR = dt.timedelta(hours=1)
TRIES_MAX = 5
"""So many wrong codes end a wish."""
TO_ONE_ADDRESS = 3
"""So many letters or messages with a code go to one address within an hour: nobody's mailbox is filled by us."""
EMAIL, SMS = "email", "sms"
CODE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for: the address is checked, and so are topics and place."""

    way: str
    address: str
    topics: tuple[str, ...]
    street: str = ""
    house: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish that waits; `code` is to be sent to its address, and empty where no more is sent there for now."""

    row: NoticeSubscription
    code: str


@transaction.atomic
def ask(*, wish: Wish, language: str, site: str, sender: str, browser: str, now: dt.datetime) -> Asked:
    """Keep a wish until it is confirmed; the answer is the same whether the address was known or not.

    Clause: krc-5.7.1-39.
    """
    lately = NoticeSubscription.objects.filter(address=wish.address, made_at__gt=now - HOUR).count()
    code = _code(wish.way)
    row = NoticeSubscription(
        leave_code=secrets.token_urlsafe(12), way=wish.way, address=wish.address, topics=list(wish.topics),
        street=wish.street, house=wish.house, language=language, site=site, sender=sender, browser=browser,
        made_at=now,
    )  # fmt: skip
    row.digest = _digest(row, code)
    row.save()
    keep("notices_asked", row, {"way": row.way, "topics": row.topics}, now)
    return Asked(row, code if lately < TO_ONE_ADDRESS else "")


def _code(way: str) -> str:
    """Figures that are typed, or a long code in a link."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}" if way == SMS else secrets.token_urlsafe(24)


def _digest(row: NoticeSubscription, code: str) -> str:
    return salted_hmac(SALT, f"{row.key}:{code}", algorithm="sha256").hexdigest()


@transaction.atomic
def confirm(*, row: NoticeSubscription, code: str, valid: dt.timedelta, now: dt.datetime) -> bool:
    """The owner of the address shows the code: from now on he is told; an earlier wish of the same place gives way.

    Clause: krc-5.7.1-39.
    """
    fresh = NoticeSubscription.objects.select_for_update().filter(pk=row.pk).first()
    if fresh is None or fresh.confirmed_at is not None:
        return fresh is not None
    if fresh.made_at + valid <= now or fresh.tries >= TRIES_MAX:
        return False
    if not constant_time_compare(fresh.digest, _digest(fresh, code.strip())):
        fresh.tries += 1
        fresh.save(update_fields=["tries"])
        return False
    _same(fresh).delete()
    fresh.confirmed_at, fresh.digest = now, ""
    fresh.save(update_fields=["confirmed_at", "digest"])
    keep("notices_confirmed", fresh, {"way": fresh.way, "topics": fresh.topics}, now)
    return True


def _same(row: NoticeSubscription) -> QuerySet[NoticeSubscription]:
    """What the same address has confirmed for the same place."""
    rows = NoticeSubscription.objects.filter(way=row.way, address=row.address, street=row.street, house=row.house)
    return rows.exclude(confirmed_at=None)


@transaction.atomic
def leave(*, way: str, address: str, via: str, now: dt.datetime) -> int:
    """No more notices to an address, of no place: nothing of it is kept; how many wishes there were."""
    rows = list(NoticeSubscription.objects.select_for_update().filter(way=way, address=address))
    for row in rows:
        keep("notices_left", row, {"via": via}, now)
        row.delete()
    return len(rows)


def sweep(*, valid: dt.timedelta, now: dt.datetime) -> int:
    """Forget wishes that nobody has confirmed in time; how many."""
    return NoticeSubscription.objects.filter(confirmed_at=None, made_at__lte=now - valid).delete()[0]


def wanting(source: NoticeSource, limit: int) -> list[NoticeSubscription]:
    """Who is to be told next: confirmed before it was seen, of that topic, in the order in which they came."""
    rows = NoticeSubscription.objects.filter(
        confirmed_at__lte=source.seen_at, topics__contains=[source.topic], pk__gt=source.last
    )
    return list(rows.order_by("pk")[:limit])


def hindered(rows: Sequence[NoticeSubscription]) -> set[int]:
    """Of these, who has asked since not to be contacted: by his number, or as a client whose address it is; by keys."""
    addresses = [row.address for row in rows]
    barred = dict(BarredNumber.objects.filter(phone__in=addresses).values_list("phone", "barred_at"))
    points = ContactPoint.objects.filter(value__in=addresses, client__do_not_call=True)
    silent = set(points.values_list("value", flat=True))
    return {row.pk for row in rows if row.address in silent or _is_since(barred.get(row.address), row.confirmed_at)}


def _is_since(barred_at: dt.datetime | None, confirmed_at: dt.datetime | None) -> bool:
    return barred_at is not None and confirmed_at is not None and barred_at >= confirmed_at


def of_address(address: str) -> QuerySet[NoticeSubscription]:
    """What was asked for to an address, the first first."""
    return NoticeSubscription.objects.filter(address=address.lower()).order_by("pk")


def forget(addresses: Sequence[str]) -> int:
    """Who was erased: his wishes go; how many."""
    return NoticeSubscription.objects.filter(address__in=addresses).delete()[0]


def keep(kind: str, row: NoticeSubscription, data: Mapping[str, object], now: dt.datetime) -> None:
    """Write a fact about a wish; of whom it is the fact does not say."""
    journal.record(kind=kind, subject_type="notice_subscription", subject_id=row.pk, actor="client", data=data, at=now)
