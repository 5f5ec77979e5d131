"""Browsers in which somebody has agreed to notices: subscribed by his own click, left by another, dropped when dead.

The browser asks its owner itself before it subscribes: that is the confirmation (krc-5.7.1-39).
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet

from kindline.clients import wishes
from kindline.clients.models import Client
from kindline.journal import actions as journal
from kindline.journal.checking import storable
from kindline.notifications import outbound, push_wires
from kindline.notifications.errors import BadBrowserError
from kindline.notifications.push_models import PushAddress, PushSubscription
from kindline.notifications.topic_models import NoticeSource

LEFT, GONE, ERASED = "left", "gone", "erased"
WAY = "push"
ENDPOINT_MAX, PLACE_MAX = 2000, 200
POINT, SECRET = 65, 16
"""Octets of a browser's public key (an uncompressed point) and of its secret."""
TOLD_FOR = dt.timedelta(days=90)
"""So long the account says of a browser that it was dropped."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What a browser gives when its owner has agreed."""

    endpoint: str
    p256dh: str
    auth: str
    language: str
    browser: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Of which place notices are wanted: a street, or a house in it; neither: of all. Of which topics: none, any."""

    street: str = ""
    house: str = ""
    topics: tuple[str, ...] = ()


@transaction.atomic
def subscribe(
    *, offered: Offered, clients: Collection[Client] = (), place: Place | None = None, now: dt.datetime
) -> PushAddress:
    """Write notices to a browser from now on: those of its owner's accounts, or those of a place; again is the same.

    Clause: krc-5.7.1-39. Raises: BadBrowserError.
    """
    _check(offered)
    address, _made = PushAddress.objects.get_or_create(
        endpoint=offered.endpoint,
        defaults={
            "p256dh": offered.p256dh, "auth": offered.auth, "language": offered.language,
            "browser": storable(offered.browser)[:40], "made_at": now,
        },
    )  # fmt: skip
    if (address.p256dh, address.auth) != (offered.p256dh, offered.auth):
        address.p256dh, address.auth = offered.p256dh, offered.auth
        address.save(update_fields=["p256dh", "auth"])
    keys = [one.pk for one in clients]
    for client in Client.objects.select_for_update().filter(pk__in=keys).order_by("pk"):
        _wanted(address, client, Place(), now)
        notices = {*client.notices, WAY}
        wishes.set_ways(
            client=client, ways=client.ways, notices=notices, via="account", employee_id=None, actor="client", now=now
        )  # fmt: skip
    if place is not None:
        _wanted(address, None, place, now)
    return address


def _wanted(address: PushAddress, client: Client | None, place: Place, now: dt.datetime) -> None:
    """What is wanted; the topics of a place that was named before give way to those that are chosen now."""
    street, house = (" ".join(storable(one).split())[:PLACE_MAX] for one in (place.street, place.house))
    topics = list(place.topics)
    row, is_new = PushSubscription.objects.get_or_create(
        address=address, client=client, street=street, house=house if street else "",
        defaults={"made_at": now, "topics": topics},
    )  # fmt: skip
    if is_new or row.topics != topics:
        row.topics, row.made_at = topics, now
        row.save(update_fields=["topics", "made_at"])
        data = {"client": client.pk if client else None, "street": row.street, "house": row.house, "topics": topics}
        keep("push_subscribed", address, data, now)


def _check(offered: Offered) -> None:
    """Raises: BadBrowserError where that is no subscription of a browser."""
    try:
        outbound.check_shape(offered.endpoint, push_wires.origins())
        sizes = [len(base64.b64decode(_padded(one), b"-_", validate=True)) for one in (offered.p256dh, offered.auth)]
    except (outbound.NotAllowedError, binascii.Error, ValueError) as error:
        raise BadBrowserError("the browser gave no subscription") from error
    if len(offered.endpoint) > ENDPOINT_MAX or sizes != [POINT, SECRET]:
        raise BadBrowserError("the browser gave no subscription")


def _padded(text: str) -> str:
    return text + "=" * (-len(text) % 4)


@transaction.atomic
def leave(*, address: PushAddress, now: dt.datetime) -> None:
    """The owner wants no more notices in this browser: nothing of it is kept. Twice changes nothing."""
    fresh = PushAddress.objects.select_for_update().get(pk=address.pk)
    if fresh.ended_at is None:
        _end(fresh, LEFT, now)
        keep("push_left", fresh, {}, now)
        fresh.subscriptions.all().delete()


@transaction.atomic
def drop(*, address: PushAddress, now: dt.datetime) -> None:
    """The push service says that the browser is there no more; its owner finds that said in the account."""
    fresh = PushAddress.objects.select_for_update().get(pk=address.pk)
    if fresh.ended_at is None:
        _end(fresh, GONE, now)
        keep("push_dropped", fresh, {}, now)
        fresh.subscriptions.filter(client=None).delete()


def _end(address: PushAddress, reason: str, now: dt.datetime) -> None:
    """Nothing by which it could be written to is kept; whose last browser it was is subscribed no more."""
    address.endpoint = address.p256dh = address.auth = ""
    address.ended_at, address.reason = now, reason
    address.save(update_fields=["endpoint", "p256dh", "auth", "ended_at", "reason"])
    for client in Client.objects.filter(pk__in=address.subscriptions.values("client"), notices__contains=[WAY]):
        if not of_client(client).exists():
            left = {*client.notices} - {WAY}
            wishes.set_ways(
                client=client, ways=client.ways, notices=left, via=reason, employee_id=None, actor="client", now=now
            )  # fmt: skip


def of_client(client: Client) -> QuerySet[PushAddress]:
    """The browsers in which a client has agreed to notices, the first first."""
    return PushAddress.objects.filter(subscriptions__client=client, ended_at=None).distinct().order_by("pk")


def shown_to(client: Client, now: dt.datetime) -> QuerySet[PushAddress]:
    """The same for his account, with those that were dropped lately."""
    rows = PushAddress.objects.filter(subscriptions__client=client)
    return rows.filter(Q(ended_at=None) | Q(ended_at__gt=now - TOLD_FOR)).distinct().order_by("ended_at", "pk")


def reachable(clients: Iterable[int]) -> set[int]:
    """Which of these clients have a browser that takes notices."""
    rows = PushSubscription.objects.filter(client__in=list(clients), address__ended_at=None)
    return set(rows.values_list("client_id", flat=True))


def at_place(street: str, house: str, topics: Collection[str] = ()) -> QuerySet[PushAddress]:
    """Browsers whose owners want the notices of a place, without an account: of the street or house, or of all.

    A notice for a whole street reaches who asked for a house in it; without a street it is for everybody. `topics`:
    of a street only those are told who chose one of them, or chose none.
    """
    wanted = PushSubscription.objects.filter(client=None, address__ended_at=None)
    if street.strip():
        wanted = wanted.filter(Q(street="") | Q(street__icontains=street.strip()))
        if topics:
            wanted = wanted.filter(Q(topics=[]) | Q(topics__overlap=list(topics)))
        if house.strip():
            wanted = wanted.filter(Q(house="") | Q(house__iexact=house.strip()))
    return PushAddress.objects.filter(pk__in=wanted.values("address")).order_by("pk")


def wanting(source: NoticeSource, limit: int) -> list[PushSubscription]:
    """What is wanted in browsers that are to be told next: of that topic, chosen before it was seen, in their order."""
    rows = PushSubscription.objects.filter(
        client=None, topics__contains=[source.topic], made_at__lte=source.seen_at, pk__gt=source.last_browser,
        address__ended_at=None,
    )  # fmt: skip
    return list(rows.select_related("address").order_by("pk")[:limit])


def places(address: PushAddress) -> QuerySet[PushSubscription]:
    """What is wanted in a browser, in the order of time."""
    return address.subscriptions.order_by("made_at", "pk")


def forget(clients: list[int]) -> None:
    """Who was erased: browsers that are his alone are written to no more."""
    subscriptions = PushSubscription.objects.filter(client__in=clients)
    addresses = list(PushAddress.objects.filter(pk__in=subscriptions.values("address")))
    subscriptions.delete()
    for address in addresses:
        if not address.subscriptions.exists():
            address.endpoint = address.p256dh = address.auth = address.browser = ""
            address.ended_at, address.reason = address.ended_at or address.made_at, ERASED
            address.save()


def keep(kind: str, address: PushAddress, data: Mapping[str, object], now: dt.datetime) -> None:
    """Write a fact about a browser."""
    journal.record(
        kind=kind, subject_type="push_address", subject_id=address.pk, actor="client", data=data, at=now
    )  # fmt: skip
