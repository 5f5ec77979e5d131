"""What is known of each gateway, kept for all processes: news of it, and the facts of its rest and its return."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Min, Q, QuerySet

from kindline.journal import actions as journal
from kindline.journal.checking import storable
from kindline.notifications import circuits, states
from kindline.notifications.circuits import Circuit
from kindline.notifications.models import Part, Receipt, SmsGateway

LATE = dt.timedelta(minutes=5)
LATE_WITHIN = dt.timedelta(minutes=15)
LATE_SHARE = 0.15
"""GOV.UK Notify's threshold: of the messages of 15 minutes, 15 % took more than 5 minutes to be delivered."""
LATE_OF_AT_LEAST = 20
RECEIPTS_SEEN = dt.timedelta(days=1)
"""A gateway that has told of no delivery for so long is not one that delivers late: it does not tell."""


def known() -> QuerySet[SmsGateway]:
    """The gateways of the settings, the first one first."""
    return SmsGateway.objects.exclude(place=0).order_by("place")


@transaction.atomic
def name_all(*, names: Sequence[str], now: dt.datetime) -> None:
    """The settings name these gateways, in this order; others are out of use. Twice changes nothing."""
    SmsGateway.objects.exclude(name__in=names).exclude(place=0).update(place=0)
    for place, name in enumerate(names, 1):
        SmsGateway.objects.update_or_create(
            name=name, defaults={"place": place}, create_defaults={"place": place, "since": now}
        )


def report(*, name: str, faults: Iterable[str], now: dt.datetime) -> None:
    """How messages went, one after the other: "" for one that the gateway dealt with, else what was wrong."""
    told = list(faults)
    if any(told) or SmsGateway.objects.filter(name=name).exclude(state=circuits.WORKS, failures=0).exists():

        def news(circuit: Circuit) -> Circuit:
            for fault in told:
                circuit = circuits.after_bad(circuit, fault, now) if fault else circuits.after_good(circuit, now)
            return circuit

        _learn(name, news, now)


def rest(*, name: str, reason: str, now: dt.datetime) -> None:
    """The gateway is not asked for a while."""
    _learn(name, lambda circuit: circuits.rested(circuit, reason, now), now)


@transaction.atomic
def _learn(name: str, news: Callable[[Circuit], Circuit], now: dt.datetime) -> None:
    row = SmsGateway.objects.select_for_update().get(name=name)
    was, began, then = row.state, row.since, news(row.circuit)
    row.since, row.state, row.failures, row.rests = then.since, then.state, then.failures, then.rests
    row.retry_at, row.reason = then.retry_at, storable(then.reason)[:500]
    row.save(update_fields=["since", "state", "failures", "rests", "retry_at", "reason"])
    if row.state != was:
        _tell(row, (now - began).total_seconds(), now)


def _tell(row: SmsGateway, lasted_s: float, now: dt.datetime) -> None:
    """The fact of a switch: who sends from now on is the first that works."""
    takes = known().filter(state=circuits.WORKS).values_list("name", flat=True).first() or ""
    is_resting = row.state == circuits.RESTS
    kind = "sms_gateway_rested" if is_resting else "sms_gateway_back"
    told: dict[str, Any] = {"reason": row.reason} if is_resting else {"rested_s": round(lasted_s, 1)}
    data = {**told, "takes_over": takes}
    journal.record_many([journal.NewFact(kind, "sms_gateway", row.name, "system", data, now)])


def is_late(*, name: str, since: dt.datetime, now: dt.datetime) -> bool:
    """Whether what this gateway took since then is delivered too late too often."""
    delivered = Min("receipts__came_at", filter=Q(receipts__state=states.DELIVERED))
    taken = Part.objects.filter(gateway=name, submitted_at__gt=max(since, now - LATE_WITHIN))
    rows = taken.filter(state__in=(states.SUBMITTED, states.DELIVERED)).annotate(delivered_at=delivered)
    times = [(end or now) - begun for begun, end in rows.values_list("submitted_at", "delivered_at") if begun]
    late = sum(took > LATE for took in times)
    if len(times) < LATE_OF_AT_LEAST or late < LATE_SHARE * len(times):
        return False
    told = Receipt.objects.filter(part__gateway=name, state=states.DELIVERED, came_at__gt=now - RECEIPTS_SEEN)
    return told.exists()
