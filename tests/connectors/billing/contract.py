"""What every billing system has to do for us, whatever it is made of: a test class is derived for each."""

from __future__ import annotations

import dataclasses
import datetime as dt
from abc import ABC, abstractmethod
from decimal import Decimal

import pytest
import time_machine

from kindline.readings.billing import Billing, Charge, Payment, SentReading
from kindline.readings.errors import BillingAwayError, NoBillError

ACCOUNT, OTHER, UNKNOWN = "5500000001", "5500000002", "999"
MAY, JUNE, JULY = (dt.date(2026, month, 1) for month in (5, 6, 7))
CHARGES = (
    Charge(MAY, "heat", Decimal("1200.00")),
    Charge(JUNE, "heat", Decimal("900.00")),
    Charge(JUNE, "water", Decimal("150.50"), Decimal("3.5"), "m3", Decimal("43.00")),
)
PAYMENTS = (Payment(dt.date(2026, 6, 15), Decimal("1000.00"), "bank"), Payment(dt.date(2026, 7, 3), Decimal("50.50")))
READING = SentReading("one-1", ACCOUNT, "M-77", "", Decimal("120.5"), dt.date(2026, 7, 5))


class BillingContract(ABC):
    """The books of `fill` as each billing system has to show them on 10 July 2026."""

    @abstractmethod
    def fill(self) -> Billing:
        """A billing system whose books hold CHARGES and PAYMENTS of ACCOUNT, and one charge of 1.00 in May of OTHER."""

    @abstractmethod
    def break_down(self, billing: Billing) -> None:
        """Make it unreachable."""

    @abstractmethod
    def taken(self, billing: Billing) -> list[tuple[str, str, Decimal]]:
        """Key, meter and value of every reading that has reached it."""

    @abstractmethod
    def replaced(self, billing: Billing) -> set[str]:
        """The keys of the readings of which it knows that others stand in their place."""

    @pytest.fixture
    def billing(self) -> Billing:
        """The filled books."""
        return self.fill()

    @pytest.fixture(autouse=True)
    def _tenth_of_july(self) -> object:
        with time_machine.travel(dt.datetime(2026, 7, 10, 12, tzinfo=dt.UTC), tick=True):
            yield

    def test_the_balance_is_what_was_paid_less_what_was_charged(self, billing: Billing) -> None:
        balance = billing.balance(ACCOUNT)
        assert balance is not None
        assert balance.amount == Decimal("-1200.00")
        assert dt.date(2026, 7, 1) <= balance.on <= dt.date(2026, 7, 10)

    def test_an_account_that_it_does_not_know_has_nothing(self, billing: Billing) -> None:
        assert billing.balance(UNKNOWN) is None
        assert billing.charges(UNKNOWN, MAY) == []
        assert billing.payments(UNKNOWN, MAY) == []
        assert billing.months(UNKNOWN) == []
        with pytest.raises(NoBillError):
            billing.bill(UNKNOWN, MAY)

    def test_charges_come_the_oldest_first_from_the_asked_month_on(self, billing: Billing) -> None:
        assert billing.charges(ACCOUNT, MAY) == list(CHARGES)
        assert billing.charges(ACCOUNT, JUNE) == list(CHARGES[1:])

    def test_payments_come_the_oldest_first_from_the_asked_day_on(self, billing: Billing) -> None:
        assert billing.payments(ACCOUNT, MAY) == list(PAYMENTS)
        assert billing.payments(ACCOUNT, dt.date(2026, 6, 16)) == [PAYMENTS[1]]

    def test_months_with_a_bill_come_the_newest_first(self, billing: Billing) -> None:
        assert billing.months(ACCOUNT) == [JUNE, MAY]
        assert billing.months(OTHER) == [MAY]

    def test_a_bill_adds_up(self, billing: Billing) -> None:
        bill = billing.bill(ACCOUNT, JUNE)
        assert (bill.account, bill.month, bill.opening) == (ACCOUNT, JUNE, Decimal("-1200.00"))
        assert bill.charges == CHARGES[1:]
        assert bill.payments == PAYMENTS[:1]
        assert bill.to_pay == Decimal("1250.50")
        assert bill.number
        assert bill.issued_on <= bill.due_on

    def test_a_month_without_charges_has_no_bill(self, billing: Billing) -> None:
        with pytest.raises(NoBillError):
            billing.bill(ACCOUNT, JULY)
        with pytest.raises(NoBillError):
            billing.bill(OTHER, JUNE)

    def test_a_reading_is_taken_once_however_often_it_is_handed_over(self, billing: Billing) -> None:
        second = dataclasses.replace(READING, key="one-2", zone="night", value=Decimal("80"))
        assert billing.take([READING, second]) == {"one-1": "", "one-2": ""}
        assert billing.take([READING]) == {"one-1": ""}
        assert sorted(self.taken(billing)) == [
            ("one-1", "M-77", Decimal("120.5")),
            ("one-2", "M-77", Decimal("80")),
        ]

    def test_a_reading_that_cannot_be_is_refused_with_a_reason_and_the_others_are_taken(self, billing: Billing) -> None:
        bad = dataclasses.replace(READING, key="bad", value=Decimal("-1"))
        told = billing.take([bad, READING])
        assert told["bad"]
        assert told["one-1"] == ""
        assert [row[0] for row in self.taken(billing)] == ["one-1"]

    def test_a_reading_that_is_too_large_holds_no_other_up(self, billing: Billing) -> None:
        large = dataclasses.replace(READING, key="large", value=Decimal(10) ** 15)
        told = billing.take([large, READING])
        assert told["one-1"] == ""
        kept = {key: value for key, _meter, value in self.taken(billing)}
        assert kept["one-1"] == READING.value
        assert kept.get("large") == large.value or told["large"], "kept as it is, or refused with a reason"

    def test_the_longest_reading_of_a_meter_is_kept_to_its_last_figure(self, billing: Billing) -> None:
        long = dataclasses.replace(READING, value=Decimal("999999999999.123456"))
        assert billing.take([long]) == {"one-1": ""}
        assert [row[2] for row in self.taken(billing)] == [long.value]

    def test_it_knows_which_reading_stands_in_the_place_of_another(self, billing: Billing) -> None:
        better = dataclasses.replace(READING, key="better", value=Decimal("119"), replaces="one-1", turn=Decimal(10**5))
        assert billing.take([READING, better]) == {"one-1": "", "better": ""}
        assert self.replaced(billing) == {"one-1"}

    def test_nothing_handed_over_is_nothing_taken(self, billing: Billing) -> None:
        assert billing.take([]) == {}

    def test_it_says_that_it_is_away(self, billing: Billing) -> None:
        self.break_down(billing)
        for ask in (
            lambda: billing.balance(ACCOUNT),
            lambda: billing.charges(ACCOUNT, MAY),
            lambda: billing.payments(ACCOUNT, MAY),
            lambda: billing.months(ACCOUNT),
            lambda: billing.bill(ACCOUNT, MAY),
            lambda: billing.take([READING]),
        ):
            with pytest.raises(BillingAwayError):
                ask()
