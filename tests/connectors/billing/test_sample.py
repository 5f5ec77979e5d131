"""The embedded billing system: the contract, and what it counts by itself."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.db import connection

from kindline.connectors.billing.models import ChargedRow, PaidRow, TakenReading, Tariff
from kindline.connectors.billing.sample import SampleBilling
from kindline.readings.billing import Billing, SentReading, billing
from tests.connectors.billing.contract import ACCOUNT, CHARGES, MAY, OTHER, PAYMENTS, BillingContract

pytestmark = pytest.mark.db


def fill() -> SampleBilling:
    """The books of the contract."""
    for one in CHARGES:
        ChargedRow.objects.create(
            account=ACCOUNT, month=one.month, service=one.service, amount=one.amount, volume=one.volume,
            unit=one.unit, tariff=one.tariff,
        )  # fmt: skip
    for paid in PAYMENTS:
        PaidRow.objects.create(account=ACCOUNT, paid_on=paid.paid_on, amount=paid.amount, way=paid.way)
    ChargedRow.objects.create(account=OTHER, month=MAY, service="heat", amount=1)
    return SampleBilling()


@pytest.mark.usefixtures("db")
class TestContract(BillingContract):
    """The sample keeps the contract."""

    def fill(self) -> Billing:
        return fill()

    def break_down(self, billing: Billing) -> None:
        """Its tables are not where it looks for them."""
        with connection.cursor() as cursor:
            for model in (ChargedRow, PaidRow, TakenReading):
                cursor.execute(f"ALTER TABLE {model._meta.db_table} RENAME TO {model._meta.db_table}_away")

    def taken(self, billing: Billing) -> list[tuple[str, str, Decimal]]:
        return list(TakenReading.objects.order_by("key").values_list("key", "meter", "value"))


def test_it_is_the_billing_system_of_the_settings() -> None:
    assert isinstance(billing(), SampleBilling)


def reading(key: str, value: str, day: dt.date, zone: str = "") -> SentReading:
    """A reading of one meter."""
    return SentReading(key, ACCOUNT, "M-77", zone, Decimal(value), day)


@time_machine.travel(dt.datetime(2026, 7, 10, 12, tzinfo=dt.UTC))
def test_what_was_used_is_charged_by_the_tariff_once_the_month_is_over(db: None) -> None:
    sample = fill()
    Tariff.objects.create(service="water", unit="m3", price="43", since="2026-01-01")
    sample.take([reading("a", "100", dt.date(2026, 6, 20)), reading("b", "104.5", dt.date(2026, 7, 5))])
    sample.take([reading("b", "104.5", dt.date(2026, 7, 5)), reading("c", "105.5", dt.date(2026, 7, 9))])
    july = dt.date(2026, 7, 1)
    assert sample.charges(ACCOUNT, july) == []
    with time_machine.travel(dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)):
        (charge,) = sample.bill(ACCOUNT, july).charges
        assert (charge.service, charge.volume, charge.amount) == ("water", Decimal("5.5"), Decimal("236.50"))
        assert sample.months(ACCOUNT)[0] == july


@time_machine.travel(dt.datetime(2026, 7, 10, 12, tzinfo=dt.UTC))
def test_a_bill_that_is_out_does_not_change(db: None) -> None:
    sample = fill()
    Tariff.objects.create(service="water", unit="m3", price="43", since="2026-01-01")
    june = dt.date(2026, 6, 1)
    before = sample.bill(ACCOUNT, june)
    sample.take([reading("a", "100", dt.date(2026, 6, 20)), reading("b", "104.5", dt.date(2026, 6, 29))])
    assert sample.bill(ACCOUNT, june) == before
    assert ChargedRow.objects.get(month="2026-07-01").volume == Decimal("4.5")


@time_machine.travel(dt.datetime(2026, 7, 10, 12, tzinfo=dt.UTC))
def test_a_zone_has_a_tariff_of_its_own(db: None) -> None:
    sample = fill()
    Tariff.objects.create(service="water", unit="kWh", price="5", since="2026-01-01")
    Tariff.objects.create(service="water", zone="night", unit="kWh", price="2", since="2026-01-01")
    sample.take([reading("a", "10", dt.date(2026, 7, 1), "night"), reading("b", "20", dt.date(2026, 7, 2), "night")])
    charged = ChargedRow.objects.get(month="2026-07-01")
    assert (charged.service, charged.amount) == ("water (night)", Decimal("20.00"))
