"""From a reading to a charge: what was used since the reading before it, at the tariff of its day."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone

from kindline.connectors.billing.models import ChargedRow, TakenReading, Tariff
from kindline.connectors.billing.months import first

CENT = Decimal("0.01")


def count_in(reading: TakenReading) -> None:
    """Add what a reading shows to the charge of its month, or of the present one where the bill of that month is out.

    The first reading of a meter charges nothing: it is where counting begins.
    """
    volume, tariff = _used(reading), _tariff(reading)
    if not volume or tariff is None:
        return
    service = f"{tariff.service} ({tariff.zone})" if tariff.zone else tariff.service
    row, _ = ChargedRow.objects.select_for_update().get_or_create(
        account=reading.account, month=_month(reading), service=service,
        defaults={"amount": 0, "volume": 0, "unit": tariff.unit, "tariff": tariff.price},
    )  # fmt: skip
    row.volume = (row.volume or 0) + volume
    row.amount = (row.volume * tariff.price).quantize(CENT, ROUND_HALF_UP)
    row.save(update_fields=["volume", "amount"])


def _used(reading: TakenReading) -> Decimal | None:
    same = TakenReading.objects.filter(account=reading.account, meter=reading.meter, zone=reading.zone)
    before = same.filter(taken_on__lte=reading.taken_on).exclude(pk=reading.pk).order_by("-taken_on", "-pk").first()
    if before is None or before.value > reading.value:
        return None
    return reading.value - before.value


def _tariff(reading: TakenReading) -> Tariff | None:
    """The tariff of the account's metered service: the one that it was charged for last."""
    known = ChargedRow.objects.filter(account=reading.account).exclude(volume=None).order_by("-month", "service")
    services = [name.partition(" (")[0] for name in known.values_list("service", flat=True)[:4]]
    found = Tariff.objects.filter(service__in=services, zone__in=["", reading.zone], since__lte=reading.taken_on)
    return found.order_by("-zone", "-since").first()


def _month(reading: TakenReading) -> dt.date:
    """The reading's own month; the present one where the bill of its own is out."""
    month, present = first(reading.taken_on), first(timezone.localdate())
    is_out = month < present and ChargedRow.objects.filter(account=reading.account, month=month).exists()
    return present if is_out else month
