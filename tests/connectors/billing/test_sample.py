"""The embedded billing system: the contract, and what it counts by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection

from kindline.connectors.billing.models import ChargedRow, PaidRow, TakenReading, Tariff
from kindline.connectors.billing.sample import SampleBilling
from kindline.readings.billing import Billing, SentReading, billing
from tests.connectors.billing.contract import ACCOUNT, CHARGES, JULY, JUNE, MAY, OTHER, PAYMENTS, BillingContract

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

    def replaced(self, billing: Billing) -> set[str]:
        return set(TakenReading.objects.filter(is_replaced=True).values_list("key", flat=True))


def test_it_is_the_billing_system_of_the_settings() -> None:
    assert isinstance(billing(), SampleBilling)


def reading(key: str, value: str, day: dt.date, zone: str = "", *, replaces: str = "") -> SentReading:
    """A reading of one meter with five figures."""
    return SentReading(key, ACCOUNT, "M-77", zone, Decimal(value), day, replaces, Decimal(100_000))


@pytest.fixture
def sample(db: None) -> Iterator[SampleBilling]:
    """The books, with a tariff of 10 for water, on 10 July 2026."""
    with time_machine.travel(dt.datetime(2026, 7, 10, 12, tzinfo=dt.UTC)):
        Tariff.objects.create(service="water", unit="m3", price="10", since="2026-01-01")
        yield fill()


def charged(month: str = "2026-07-01") -> tuple[float, float]:
    """What was charged for water in a month: volume and money."""
    row = ChargedRow.objects.filter(account=ACCOUNT, month=month, service="water").first()
    return (float(row.volume or 0), float(row.amount)) if row else (0, 0)


def test_a_late_reading_divides_what_was_used_and_charges_nothing_twice(sample: SampleBilling) -> None:
    sample.take([reading("a", "100", dt.date(2026, 7, 1)), reading("b", "200", dt.date(2026, 7, 9))])
    assert charged() == (100, 1000)
    sample.take([reading("late", "150", dt.date(2026, 7, 5))])
    assert charged() == (100, 1000)


def test_a_reading_before_the_first_one_begins_the_counting(sample: SampleBilling) -> None:
    sample.take([reading("b", "200", dt.date(2026, 7, 9))])
    assert charged() == (0, 0)
    sample.take([reading("a", "150", dt.date(2026, 7, 1))])
    assert charged() == (50, 500)


def test_a_correction_gives_back_what_was_charged_too_much(sample: SampleBilling) -> None:
    sample.take([reading("a", "1000", dt.date(2026, 7, 1)), reading("b", "1500", dt.date(2026, 7, 5))])
    assert charged() == (500, 5000)
    sample.take([reading("c", "1050", dt.date(2026, 7, 5), replaces="b")])
    assert charged() == (50, 500)
    sample.take([reading("d", "1060", dt.date(2026, 7, 9))])
    assert charged() == (60, 600)
    sample.take([reading("e", "1010", dt.date(2026, 7, 1), replaces="a")])
    assert charged() == (50, 500)


def test_a_correction_of_a_month_that_is_billed_is_given_back_now(sample: SampleBilling) -> None:
    sample.take([reading("a", "10", dt.date(2026, 6, 1)), reading("b", "30", dt.date(2026, 6, 20))])
    june = charged("2026-06-01")
    assert charged() == (20, 200)
    sample.take([reading("c", "15", dt.date(2026, 6, 20), replaces="b")])
    assert charged("2026-06-01") == june
    assert charged() == (5, 50)


def test_a_meter_that_began_anew_is_charged_for_what_it_counted(sample: SampleBilling) -> None:
    sample.take([reading("a", "99990", dt.date(2026, 7, 1)), reading("b", "15", dt.date(2026, 7, 9))])
    assert charged() == (25, 250)
    sample.take([reading("late", "99995", dt.date(2026, 7, 5))])
    assert charged() == (25, 250)


def test_what_is_a_little_lower_than_before_is_given_back(sample: SampleBilling) -> None:
    sample.take([reading("a", "1000", dt.date(2026, 7, 1)), reading("b", "1500", dt.date(2026, 7, 5))])
    sample.take([reading("c", "1050", dt.date(2026, 7, 9))])
    assert charged() == (50, 500)


def test_what_was_never_charged_is_not_given_back(sample: SampleBilling) -> None:
    tariff = Tariff.objects.get()
    Tariff.objects.all().delete()
    sample.take([reading("a", "1000", dt.date(2026, 7, 1)), reading("b", "1500", dt.date(2026, 7, 5))])
    assert charged() == (0, 0)
    tariff.save(force_insert=True)
    sample.take([reading("c", "1400", dt.date(2026, 7, 5), replaces="b")])
    assert charged() == (400, 4000), "what was used now, and nothing taken off it"


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


@pytest.mark.parametrize(("profile", "hours"), [("yumek", 5), ("voe", 3)])
def test_a_month_is_over_by_the_organisation_s_clock(
    sample: SampleBilling, settings: Any, profile: str, hours: int
) -> None:
    """Not by Greenwich's: at one in the morning of the 1st the month's bill is there, an hour earlier it is not."""
    settings.KINDLINE = {**settings.KINDLINE, "profile": profile}
    midnight = dt.datetime(2026, 8, 1, tzinfo=dt.timezone(dt.timedelta(hours=hours)))
    ChargedRow.objects.create(account=ACCOUNT, month=JULY, service="heat", amount=700)
    PaidRow.objects.create(account=ACCOUNT, paid_on=midnight.date(), amount=10, way="bank")
    for moment, months, day in (
        (midnight - dt.timedelta(minutes=1), [JUNE, MAY], dt.date(2026, 7, 31)),
        (midnight + dt.timedelta(minutes=1), [JULY, JUNE, MAY], midnight.date()),
    ):
        with time_machine.travel(moment):
            balance = sample.balance(ACCOUNT)
            assert balance is not None
            assert (sample.months(ACCOUNT), balance.on) == (months, day)
            assert (midnight.date() in [one.paid_on for one in sample.payments(ACCOUNT, JULY)]) is (day.day == 1)


def test_a_reading_after_midnight_of_the_1st_goes_to_the_month_that_has_begun(sample: SampleBilling) -> None:
    """It is of the month whose bill is out; the present one is that of the organisation's clock (krc: UTC+3)."""
    with time_machine.travel(dt.datetime(2026, 7, 31, 21, 30, tzinfo=dt.UTC)):
        sample.take([reading("one", "100", dt.date(2026, 6, 1)), reading("two", "103", dt.date(2026, 6, 20))])
    assert ChargedRow.objects.get(month=dt.date(2026, 8, 1)).volume == 3
