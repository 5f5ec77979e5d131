"""An account with a bill."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from kindline.clients.models import Account, Client, Premise
from kindline.readings.billing import Bill, Charge, Payment

MONTH = dt.date(2026, 9, 1)


@pytest.fixture
def account(db: None) -> Account:
    """An account of a person."""
    now = timezone.now()
    owner = Client.objects.create(surname="Ёлкин", given_name="Пётр", created_at=now, changed_at=now)
    place = Premise.objects.create(city="Светлогорье", street="ул. Садовая", house="5", flat="7")
    return Account.objects.create(
        number="5500000001", client=owner, premise=place, service="вода", opened_on="2020-01-01", balance="-52.40"
    )


@pytest.fixture
def bill() -> Bill:
    """A bill with a debt, a metered service, one that is not, and a payment."""
    charges = (
        Charge(MONTH, "Холодная вода", Decimal("508.31"), Decimal("11.000"), "м³", Decimal("46.2100")),
        Charge(MONTH, "Вывоз отходов & <прочее>", Decimal("1118.00")),
    )
    return Bill(
        number="5500000001-202609", account="5500000001", month=MONTH, issued_on=dt.date(2026, 10, 1),
        due_on=dt.date(2026, 10, 25), opening=Decimal("-700.00"), charges=charges,
        payments=(Payment(dt.date(2026, 9, 12), Decimal("700.00"), "банк"),), to_pay=Decimal("1626.31"),
    )  # fmt: skip
