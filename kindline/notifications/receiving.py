"""What gateways tell: receipts find their message, texts that people send become whole. Told twice is kept once."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F, Q

from kindline.clients import phones
from kindline.journal import actions as journal
from kindline.journal.checking import storable
from kindline.notifications import actions, browsers, matching, pushing, segments, states, topics
from kindline.notifications.models import KEPT_KEYS, IncomingSms, Part, Receipt, Segment, Sms
from kindline.notifications.wires import Came, News, Told

REPEATED = dt.timedelta(minutes=2)
"""The same text of the same number within this time is the gateway's repetition (its answer was lost)."""
SEGMENTS_WITHIN = dt.timedelta(hours=1)
LACKING_AFTER = dt.timedelta(minutes=15)
"""So long the missing parts of a text are waited for."""
GUESSED_AFTER = dt.timedelta(minutes=2)
"""After so long a receipt without its message may be about one of which nothing is known."""
RECEIPTS_KEPT = dt.timedelta(days=3)


def take(*, news: News, gateway: str, country: str, now: dt.datetime) -> None:
    """Keep a piece of news for good; when this returns the gateway may forget it. Clause: krc-2-57."""
    if isinstance(news, Told):
        take_receipt(told=news, gateway=gateway, country=country, now=now)
    else:
        take_text(came=news, country=country, now=now)


@transaction.atomic
def take_receipt(*, told: Told, gateway: str, country: str, now: dt.datetime) -> Receipt:
    """Keep a receipt, and what it says of its message where that is known already."""
    phone = phones.normalised(_plus(told.phone), country)
    row, _made = Receipt.objects.get_or_create(
        gateway=gateway, gateway_id=storable(told.gateway_id)[:200], phone=phone, state=told.state,
        defaults={"said": storable(told.said)[:500], "came_at": now},
    )  # fmt: skip
    if row.part_id is None:
        _join(row, told.key or _part_of(row, now), now)
    return row


def join_waiting(*, now: dt.datetime) -> int:
    """Receipts that came before their message had its id find it now; how many. Late or twice changes nothing."""
    rows = Receipt.objects.filter(part=None, came_at__gt=now - RECEIPTS_KEPT).order_by("came_at", "pk")[:500]
    return sum(_join_one(row.pk, now) for row in rows)


@transaction.atomic
def _join_one(receipt: int, now: dt.datetime) -> bool:
    row = Receipt.objects.select_for_update().get(pk=receipt)
    key = _part_of(row, now) or (_guess(row, now) if row.came_at <= now - GUESSED_AFTER else None)
    return row.part_id is None and _join(row, key, now)


def _join(row: Receipt, key: int | None, now: dt.datetime) -> bool:
    if key is None or not Part.objects.filter(pk=key).exists():
        return False
    part, sms = actions.held(key)
    row.part = part
    row.save(update_fields=["part"])
    actions.learn(part, sms, row.state, row.said if row.state in (states.FAILED, states.EXPIRED) else "", now)
    return True


def _part_of(row: Receipt, now: dt.datetime) -> int | None:
    """The part whose id the receipt names: among those to its number, else by the very same id."""
    parts = Part.objects.filter(gateway=row.gateway, sending_since__gt=now - KEPT_KEYS).exclude(gateway_id="")
    near = parts.filter(sms__phone=row.phone) if row.phone else parts.filter(gateway_id=row.gateway_id)
    given = dict(near.order_by("sending_since", "pk").values_list("pk", "gateway_id"))
    key = matching.found(row.gateway_id, given)
    if key is None and row.phone:  # the centre writes numbers in its own way
        key = parts.filter(gateway_id=row.gateway_id).order_by("-sending_since").values_list("pk", flat=True).first()
    return key


def _guess(row: Receipt, now: dt.datetime) -> int | None:
    """The only part to this number of which nothing is known, where nothing else is under way to it."""
    parts = Part.objects.filter(sms__phone=row.phone, gateway=row.gateway, gateway_id="")
    found = list(parts.filter(sending_since__gt=now - RECEIPTS_KEPT).values_list("pk", "state")[:2])
    return found[0][0] if row.phone and len(found) == 1 and found[0][1] == states.UNKNOWN else None


@transaction.atomic
def take_text(*, came: Came, country: str, now: dt.datetime) -> IncomingSms | None:
    """Keep a text that somebody sent, or a part of it; the text once it is whole."""
    phone = phones.normalised(_plus(came.phone), country) or storable(came.phone)[:40]
    if came.total <= 1:
        return _text(phone, came.to, storable(came.text), came.raw, now)
    Segment.objects.create(
        phone=phone, to=storable(came.to)[:40], reference=came.reference, number=came.number, total=came.total,
        text=storable(came.text), came_at=now,
    )  # fmt: skip
    return _joined(phone, came.reference, came.total, now)


def _joined(phone: str, reference: int, total: int, now: dt.datetime, *, lacking: bool = False) -> IncomingSms | None:
    rows = Segment.objects.select_for_update().filter(phone=phone, reference=reference, total=total)
    found = list(rows.order_by("pk"))
    recent = [row for row in found if lacking or row.came_at > now - SEGMENTS_WITHIN]
    pieces = {row.number: row.text for row in recent}
    if not recent or (len(pieces) < total and not lacking):
        return None
    made = _text(phone, recent[0].to, segments.joined(pieces, total), "", now, is_partial=len(pieces) < total)
    Segment.objects.filter(pk__in=[row.pk for row in recent]).delete()
    return made


def sweep_receipts(*, now: dt.datetime) -> int:
    """Receipts older than the life of a gateway's ids go: the same id means another message by then."""
    return Receipt.objects.filter(came_at__lt=now - KEPT_KEYS).delete()[0]


def sweep_segments(*, now: dt.datetime) -> int:
    """Texts of which a part never came are shown with a gap: nothing that came is lost."""
    late = Segment.objects.filter(came_at__lt=now - LACKING_AFTER).values_list("phone", "reference", "total")
    return sum(_late(*one, now) for one in set(late[:500]))


@transaction.atomic
def _late(phone: str, reference: int, total: int, now: dt.datetime) -> bool:
    return _joined(phone, reference, total, now, lacking=True) is not None


def _text(phone: str, to: str, text: str, raw: str, now: dt.datetime, *, is_partial: bool = False) -> IncomingSms:
    same = IncomingSms.objects.filter(Q(phone=phone, text=text, raw=raw), came_at__gt=now - REPEATED)
    known = same.order_by("-pk").first()
    if known is not None:
        IncomingSms.objects.filter(pk=known.pk).update(times=F("times") + 1)
        return known
    row = IncomingSms.objects.create(
        phone=phone, to=storable(to)[:40], text=text, raw=raw, is_partial=is_partial, came_at=now
    )
    data = {"signs": len(text), "partial": is_partial, "readable": not raw}
    journal.record(kind="sms_received", subject_type="sms_in", subject_id=row.pk, data=data, at=now)
    return row


def _plus(phone: str) -> str:
    """A number as gateways write it, with its code and without a plus."""
    plain = phone.strip()
    return f"+{plain}" if plain.isascii() and plain.isdecimal() and len(plain) > SHORT else plain


SHORT = 10
"""Numbers with fewer digits have no code of their country."""


def forget(*, clients: list[int], phones_of: list[str]) -> int:
    """Who was erased: no number and no text of his messages is kept; how many."""
    mine = Q(client__in=clients) | Q(phone__in=phones_of)
    count = 0
    for row in Sms.objects.filter(mine):
        if row.state in (states.QUEUED, states.SENDING):
            row.state, row.next_at, row.ended_at = states.EXPIRED, None, row.ended_at or row.queued_at
        row.phone, row.text, row.client = "", "", None
        row.save(update_fields=["phone", "text", "client", "state", "next_at", "ended_at"])
        row.parts.update(text="")
        count += 1
    Receipt.objects.filter(phone__in=phones_of).delete()
    browsers.forget(clients)
    topics.forget(phones_of)
    count += pushing.forget(clients)
    return count + IncomingSms.objects.filter(phone__in=phones_of).update(phone="", text="", raw="", to="")
