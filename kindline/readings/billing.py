"""What is asked of the billing system: balances, charges, payments, bills; and what it is given: readings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from django.conf import settings

from kindline.files.named import made


@dataclass(frozen=True)
class Balance:
    """Money of an account in the organisation's currency: debt is negative."""

    amount: Decimal
    on: dt.date


@dataclass(frozen=True)
class Charge:
    """What is asked for one service in one month; `volume` and `tariff` are None where nothing is metered."""

    month: dt.date  # its first day
    service: str
    amount: Decimal
    volume: Decimal | None = None
    unit: str = ""
    tariff: Decimal | None = None


@dataclass(frozen=True)
class Payment:
    """Money that has come."""

    paid_on: dt.date
    amount: Decimal
    way: str = ""


@dataclass(frozen=True)
class Bill:
    """A month's bill: what was owed at its start, what was charged and paid in it, what is to be paid."""

    number: str
    account: str
    month: dt.date  # its first day
    issued_on: dt.date
    due_on: dt.date
    opening: Decimal  # debt is negative
    charges: tuple[Charge, ...]
    payments: tuple[Payment, ...]
    to_pay: Decimal  # never negative


@dataclass(frozen=True)
class SentReading:
    """A reading as it is handed over; `key` is ours and the same at every try.

    `replaces`: the key of the one, handed over earlier, that does not stand any more since this one does; empty for
    none. `turn`: at which value the meter begins at nought again; None where that is not known, or where it was looked
    at and the meter has not turned: a lower reading says then that too much was said before. `service`: of the meter.
    """

    key: str
    account: str
    meter: str
    zone: str
    value: Decimal
    taken_on: dt.date
    replaces: str = ""
    turn: Decimal | None = None
    service: str = ""


class Billing(Protocol):
    """The billing system. Every method may raise BillingAwayError; an account it does not know has nothing."""

    def balance(self, account: str) -> Balance | None:
        """What the account has or owes."""

    def charges(self, account: str, since: dt.date) -> list[Charge]:
        """Charges by month and service, the oldest first."""

    def payments(self, account: str, since: dt.date) -> list[Payment]:
        """Payments, the oldest first."""

    def bill(self, account: str, month: dt.date) -> Bill:
        """The bill of a month, given by its first day. Raises: NoBillError."""

    def months(self, account: str) -> list[dt.date]:
        """The months that have a bill, the newest first."""

    def take(self, readings: Sequence[SentReading]) -> dict[str, str]:
        """Hand readings over: by key, an empty text for one that was taken, else why not. A key twice counts once.

        One that cannot be kept is refused by itself; what was used is what the readings that stand of a dial come to,
        in the order of their days, whatever the order in which they came.
        """


def billing() -> Billing | None:
    """The billing system of the settings; None where there is none."""
    found: Billing | None = made(settings.BILLING)
    return found
