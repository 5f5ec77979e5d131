"""Readings reach the billing system, each once in effect, whatever fails meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
import time_machine

from kindline.connectors.billing.models import ChargedRow, TakenReading, Tariff
from kindline.connectors.billing.sample import SampleBilling
from kindline.journal.models import Fact
from kindline.readings import actions, export
from kindline.readings.billing import SentReading
from kindline.readings.errors import BillingAwayError
from kindline.readings.models import Meter, Reading
from tests.readings.conftest import NOW, Household, meter
from tests.readings.test_actions import CLERK

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


def test_two_workers_at_once_count_what_they_handed_over_once(
    household: Household, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow billing system: the second sweep comes while the first waits for its answer."""
    take, waits = ledger.take, [True]

    def slow(readings: Sequence[SentReading]) -> dict[str, str]:
        if waits.pop() if waits else False:
            export.sweep(now=NOW)
        return take(readings)

    monkeypatch.setattr(ledger, "take", slow)
    assert export.sweep(now=NOW) == 0, "the other has told of them"
    assert sum(fact.data["count"] for fact in Fact.objects.filter(kind="readings_exported")) == 3
    assert Fact.objects.filter(kind="readings_exported").count() == 1


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


def test_a_correction_is_handed_over_in_the_place_of_what_it_replaces(household: Household, ledger: Ledger) -> None:
    _, sent = household.send(household.line("1200"))
    export.sweep(now=NOW)
    _, asked = household.send(household.line("1210"))
    actions.correct_reading(
        profile=household.profile, reading_id=asked[0].reading or 0, value="1205", reason="x", sender=CLERK, now=NOW
    )
    ledger.got.clear()
    export.sweep(now=NOW)
    (got,) = ledger.got
    assert (got.value, got.replaces, got.turn) == (Decimal(1205), f"reading {sent[0].reading}", Decimal(100_000))


def test_a_reading_of_twelve_figures_holds_no_other_up(household: Household) -> None:
    wide = meter(household.account, "L-1", "kWh", 12, [""], 6)
    household.send(household.line("999999999999,123456", zone="", meter="L-1"))
    household.send(household.line("1200"))
    assert export.sweep(now=NOW) == 5
    assert TakenReading.objects.get(meter=wide.number).value == Decimal("999999999999.123456")


def confirmed(household: Household, value: str, day: str) -> None:
    """A reading that is asked back, and said by an employee to be right."""
    _, (sent,) = household.send(household.line(value, day))
    assert sent.state == "asked_back"
    actions.confirm_reading(reading_id=sent.reading or 0, sender=CLERK, now=NOW)


@time_machine.travel(NOW)
def test_a_mistake_that_is_mended_by_a_lower_reading_is_given_back(household: Household, ledger: Ledger) -> None:
    account = household.account.number
    ChargedRow.objects.create(account=account, month="2026-01-01", service="power", amount=1, volume=1)
    Tariff.objects.create(service="power", unit="kWh", price="10", since="2026-01-01")
    household.send(household.line("1100", "2026-03-01"))
    confirmed(household, "80000", "2026-03-05")
    confirmed(household, "8000", "2026-03-09")
    assert Reading.objects.get(value=8000).code == "lower_than_last"
    export.sweep(now=NOW)
    turns = {int(one.value): one.turn for one in ledger.got if one.zone == "day"}
    assert turns == {1000: 100_000, 1100: 100_000, 80_000: 100_000, 8000: None}
    SampleBilling().take(ledger.got)
    charged = ChargedRow.objects.get(account=account, month="2026-03-01")
    assert (charged.volume, charged.amount) == (Decimal(7000), Decimal(70_000)), "not 28000 more"


def test_a_dial_that_has_turned_says_where_it_begins_anew(household: Household, ledger: Ledger) -> None:
    confirmed(household, "99990", "2026-03-10")
    _, (sent,) = household.send(household.line("10"))
    assert (sent.state, sent.code) == ("accepted", "rollover")
    _, (same_day,) = household.send(household.line("12"))
    actions.confirm_reading(reading_id=same_day.reading or 0, sender=CLERK, now=NOW)
    export.sweep(now=NOW)
    (got,) = (one for one in ledger.got if one.value == 12)
    assert got.turn == Decimal(100_000), "what takes its place on that day too"


@time_machine.travel(NOW)
def test_each_meter_is_charged_for_its_own_service(household: Household) -> None:
    account = household.account.number
    for service, price in (("Холодная вода", 3), ("Электричество", 10)):
        ChargedRow.objects.create(account=account, month="2026-01-01", service=service, amount=1, volume=1)
        Tariff.objects.create(service=service, unit="", price=price, since="2026-01-01")
    Meter.objects.filter(number="W-1").update(service="холодная вода")
    Meter.objects.filter(number="E-1").update(service="электричество")
    household.send(household.line("1100"), household.line("79,5", zone="", meter="W-1"))
    export.sweep(now=NOW)
    rows = ChargedRow.objects.filter(month="2026-03-01").order_by("service")
    assert dict(rows.values_list("service", "amount")) == {"Холодная вода": Decimal(6), "Электричество": Decimal(1000)}


@time_machine.travel(NOW)
def test_what_is_charged_is_what_the_readings_that_stand_come_to(household: Household) -> None:
    account = household.account.number
    ChargedRow.objects.create(account=account, month="2026-01-01", service="power", amount=1, volume=1)
    Tariff.objects.create(service="power", unit="kWh", price="10", since="2026-01-01")
    _, sent = household.send(household.line("1500", "2026-03-10"))
    export.sweep(now=NOW)
    charged = ChargedRow.objects.get(account=account, month="2026-03-01")
    assert charged.volume == 500
    actions.correct_reading(
        profile=household.profile, reading_id=sent[0].reading or 0, value="1050", reason="x", sender=CLERK, now=NOW
    )
    export.sweep(now=NOW)
    charged.refresh_from_db()
    assert (charged.volume, charged.amount) == (Decimal(50), Decimal(500))
