"""An organisation that takes readings, and a household with meters."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from kindline.clients.models import Account, Client, Premise
from kindline.readings import actions
from kindline.readings.checking import Dial
from kindline.readings.lines import Line, Outcome, Sender
from kindline.readings.models import Meter, Sending
from kindline.standard import loader
from kindline.standard.profile import Profile

NOW = dt.datetime(2026, 3, 20, 9, 0, tzinfo=dt.UTC)
INSTALLED = dt.date(2020, 1, 1)


@dataclass
class Household:
    """An account with an electricity meter of two zones and a water meter."""

    profile: Profile
    account: Account
    electricity: Meter
    water: Meter

    def line(self, value: str, day: str = "2026-03-20", *, zone: str = "day", meter: str = "") -> Line:
        """A reading as it is typed; of the electricity meter unless named."""
        return Line(self.account.number, meter or self.electricity.number, zone, value, day)

    def send(
        self, *lines: Line, key: str = "", channel: str = "account", now: dt.datetime = NOW, **who: Any
    ) -> tuple[Sending, list[Outcome]]:
        """Send readings."""
        key = key or f"test {Sending.objects.count()}"
        return actions.submit_readings(
            profile=self.profile, key=key, lines=lines, sender=Sender(channel, **who), now=now
        )


def meter(account: Account, number: str, unit: str, digits: int, zones: list[str], decimals: int = 0) -> Meter:
    """A meter that has hung since 2020."""
    dial = Dial(zones, digits, decimals, unit, INSTALLED)
    return actions.add_meter(
        account=account, number=number, service=unit, dial=dial, verified_until=None, employee_id=None, now=NOW
    )


def account_of(number: str) -> Account:
    """An account of a person."""
    owner = Client.objects.create(surname="Ёлкин", given_name="Пётр", created_at=NOW, changed_at=NOW)
    place = Premise.objects.create(city="Самара", street="Садовая", house="5", flat="7")
    return Account.objects.create(number=number, client=owner, premise=place, service="", opened_on=INSTALLED)


@pytest.fixture
def household(db: None, settings: Any) -> Household:
    """A household under krc that has sent one reading a zone in February."""
    settings.KINDLINE = {**settings.KINDLINE, "profile": "krc"}
    account = account_of("1234567")
    made = Household(
        loader.load("krc"), account, meter(account, "E-1", "kWh", 5, ["day", "night"]),
        meter(account, "W-1", "m3", 5, [""], 3),
    )  # fmt: skip
    day = "2026-02-20"
    made.send(
        made.line("1000", day), made.line("500", day, zone="night"), made.line("77,5", day, zone="", meter="W-1")
    )  # fmt: skip
    return made


def decimal(value: str) -> Decimal:
    """A number, written shortly."""
    return Decimal(value)
