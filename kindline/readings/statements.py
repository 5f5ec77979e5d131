"""An account's money month by month, as the billing system tells it; and the last balance that is known of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from kindline.clients.models import Account
from kindline.journal import actions as journal
from kindline.readings.billing import Balance, Billing, Payment

MONTHS = 18
NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Month:
    """What was charged and paid in a month, and what the account had or owed at its end (debt is negative)."""

    month: dt.date  # its first day
    charged: Decimal
    paid: Decimal
    left: Decimal
    has_bill: bool


@dataclass(frozen=True)
class Statement:
    """The last months of an account, the oldest first, up to the present one."""

    balance: Balance
    months: Sequence[Month]
    payments: Sequence[Payment]

    @property
    def bills(self) -> list[dt.date]:
        """The months of these that have a bill, the newest first."""
        return [row.month for row in reversed(self.months) if row.has_bill]


def statement(account: Account, billing: Billing, today: dt.date, months: int = MONTHS) -> Statement | None:
    """Ask the billing system; None where it does not know the account. Raises: BillingAwayError."""
    balance = billing.balance(account.number)
    if balance is None:
        return None
    since = _back(today.replace(day=1), months)
    charges, payments = billing.charges(account.number, since), billing.payments(account.number, since)
    charged, paid = (
        _by_month((one.month, one.amount) for one in charges),
        _by_month((one.paid_on.replace(day=1), one.amount) for one in payments),
    )
    with_bill = set(billing.months(account.number))
    rows: list[Month] = []
    month, left, first = today.replace(day=1), balance.amount, min([*charged, *paid], default=today.replace(day=1))
    while month >= first:
        row = Month(month, charged.get(month, NOTHING), paid.get(month, NOTHING), left, month in with_bill)
        rows.append(row)
        month, left = _back(month, 1), left + row.charged - row.paid
    return Statement(balance, rows[::-1], payments)


@transaction.atomic
def keep_balance(*, account: Account, balance: Balance, now: dt.datetime) -> None:
    """Keep the balance that the billing system told, to be said while it is away; told again it changes nothing."""
    fresh = Account.objects.filter(pk=account.pk).exclude(balance=balance.amount, balance_on=balance.on)
    if fresh.exclude(balance_on__gt=balance.on).update(balance=balance.amount, balance_on=balance.on):
        account.balance, account.balance_on = balance.amount, balance.on
        data = {"told_on": balance.on.isoformat()}
        journal.record(kind="balance_kept", subject_type="account", subject_id=account.pk, data=data, at=now)


def _by_month(amounts: Iterable[tuple[dt.date, Decimal]]) -> dict[dt.date, Decimal]:
    found: dict[dt.date, Decimal] = {}
    for month, amount in amounts:
        found[month] = found.get(month, NOTHING) + amount
    return found


def _back(month: dt.date, count: int) -> dt.date:
    months = month.year * 12 + month.month - 1 - count
    return dt.date(months // 12, months % 12 + 1, 1)
