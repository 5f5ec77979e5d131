"""From readings to charges: what was used between each and the one before it, at the tariff of its day.

A dial's readings are a chain by their days. Whatever comes into it, or leaves it, changes what was used for itself and
for the one behind it; the difference is charged, or given back.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Q, QuerySet

from kindline.connectors.billing.models import ChargedRow, TakenReading, Tariff
from kindline.connectors.billing.months import first, today
from kindline.readings import checking

CENT = Decimal("0.01")
NOTHING = Decimal(0)


def count_in(reading: TakenReading, replaces: str, service: str = "") -> None:
    """Count a reading in, in the place of the one that it replaces; `service`: of its meter, as far as it is known.

    It goes to the charge of its month, or of the present one where the bill of that month is out. The first reading of
    a dial charges nothing: it is where counting begins.
    """
    old = _chain(reading).filter(key=replaces).first() if replaces else None
    if old is not None:
        old.is_replaced = True
        old.save(update_fields=["is_replaced"])
        _charge(old, None, service)
    _count(reading, service)
    for one in filter(None, (old, reading)):
        _count_behind(one, service)


def _chain(reading: TakenReading) -> QuerySet[TakenReading]:
    """The readings of this dial that stand, held against others who count it."""
    same = TakenReading.objects.select_for_update().filter(account=reading.account, meter=reading.meter)
    return same.filter(zone=reading.zone, is_replaced=False).order_by("taken_on", "pk")


def _count(reading: TakenReading, service: str) -> None:
    earlier = Q(taken_on__lt=reading.taken_on) | Q(taken_on=reading.taken_on, pk__lt=reading.pk)
    before = _chain(reading).filter(earlier).last()
    _charge(reading, checking.used(before.value, reading.value, reading.turn) if before else None, service)


def _count_behind(reading: TakenReading, service: str) -> None:
    later = Q(taken_on__gt=reading.taken_on) | Q(taken_on=reading.taken_on, pk__gt=reading.pk)
    if (behind := _chain(reading).filter(later).first()) is not None:
        _count(behind, service)


def _charge(reading: TakenReading, used: Decimal | None, service: str) -> None:
    """Charge what is used by now instead of what was charged for this reading before; nothing without a tariff."""
    more = (used or NOTHING) - (reading.used or NOTHING)
    tariff = _tariff(reading, service) if more else None
    if more and tariff is None:
        return
    reading.used = used
    reading.save(update_fields=["used"])
    if tariff is not None:
        _add(reading, more, tariff)


def _add(reading: TakenReading, volume: Decimal, tariff: Tariff) -> None:
    service = f"{tariff.service} ({tariff.zone})" if tariff.zone else tariff.service
    row, _ = ChargedRow.objects.select_for_update().get_or_create(
        account=reading.account, month=_month(reading), service=service,
        defaults={"amount": 0, "volume": 0, "unit": tariff.unit, "tariff": tariff.price},
    )  # fmt: skip
    row.volume = (row.volume or 0) + volume
    row.amount += (volume * tariff.price).quantize(CENT, ROUND_HALF_UP)
    row.save(update_fields=["volume", "amount"])


def _tariff(reading: TakenReading, service: str) -> Tariff | None:
    """The tariff of the meter's service where the account was charged for it, else of the one charged for last."""
    known = ChargedRow.objects.filter(account=reading.account).exclude(volume=None).order_by("-month", "service")
    names = [name.partition(" (")[0] for name in known.values_list("service", flat=True)]
    services = [name for name in names if name.casefold() == service.casefold()] or names[:4]
    found = Tariff.objects.filter(service__in=services, zone__in=["", reading.zone], since__lte=reading.taken_on)
    return found.order_by("-zone", "-since").first()


def _month(reading: TakenReading) -> dt.date:
    """The reading's own month; the present one where the bill of its own is out."""
    month, present = first(reading.taken_on), first(today())
    is_out = month < present and ChargedRow.objects.filter(account=reading.account, month=month).exists()
    return present if is_out else month
