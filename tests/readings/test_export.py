"""Readings reach the billing system, each once in effect, whatever fails meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from kindline.connectors.billing.models import TakenReading
from kindline.journal.models import Fact
from kindline.readings import export
from kindline.readings.billing import SentReading
from kindline.readings.errors import BillingAwayError
from kindline.readings.models import Reading
from tests.readings.conftest import NOW, Household

pytestmark = pytest.mark.db


class Ledger:
    """A billing system that remembers what it got; `away` times it does not answer."""

    def __init__(self, away: int = 0, faults: dict[Decimal, str] | None = None) -> None:
        self.away, self.faults, self.got = away, faults or {}, list[SentReading]()

    def take(self, readings: Sequence[SentReading]) -> dict[str, str]:
        """As `Billing.take`."""
        if self.away:
            self.away -= 1
            raise BillingAwayError
        self.got += readings
        return {one.key: self.faults.get(one.value, "") for one in readings}


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """The billing system of the settings."""
    made = Ledger()
    monkeypatch.setattr(export, "billing", lambda: made)
    return made


def test_what_stands_is_handed_over_once(household: Household, ledger: Ledger) -> None:
    household.send(household.line("9000"))  # asked back: it does not go
    assert export.sweep(now=NOW, limit=2) == 3
    assert export.sweep(now=NOW) == 0
    got = [(one.account, one.meter, one.zone, one.value) for one in ledger.got]
    assert got == [
        ("1234567", "E-1", "day", 1000), ("1234567", "E-1", "night", 500), ("1234567", "W-1", "", Decimal("77.5")),
    ]  # fmt: skip
    assert [fact.data["count"] for fact in Fact.objects.filter(kind="readings_exported").order_by("id")] == [2, 1]


def test_a_billing_system_that_is_away_gets_them_later(household: Household, ledger: Ledger) -> None:
    ledger.away = 1
    assert export.sweep(now=NOW) == 0
    assert not Reading.objects.exclude(exported_at=None).exists()
    assert export.sweep(now=NOW) == 3


def test_what_it_would_not_have_is_kept_with_the_reason_and_tried_again(household: Household, ledger: Ledger) -> None:
    ledger.faults = {Decimal(1000): "no such meter"}
    assert export.sweep(now=NOW) == 2
    fault = export.faulty().get()
    assert fault.export_fault == "no such meter"
    ledger.faults = {}
    assert export.sweep(now=NOW) == 0
    export.try_again(reading_id=fault.pk)
    assert export.sweep(now=NOW) == 1


def test_without_a_billing_system_they_wait(household: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "billing", lambda: None)
    assert export.sweep(now=NOW) == 0
    assert export.waiting().count() == 3


def test_the_embedded_billing_system_takes_them(household: Household) -> None:
    assert export.sweep(now=NOW) == 3
    kept = {(one.account, one.meter, one.zone): one.value for one in TakenReading.objects.all()}
    assert kept == {
        ("1234567", "E-1", "day"): 1000, ("1234567", "E-1", "night"): 500, ("1234567", "W-1", ""): Decimal("77.5"),
    }  # fmt: skip
    Reading.objects.update(exported_at=None)  # the answer was lost: the same again, by the same keys
    assert export.sweep(now=NOW) == 3
    assert TakenReading.objects.count() == 3
