"""The embedded billing system: its books are tables of its own, for a demonstration and until a real one is there.

A month's charges count, and its bill is there, once the month is over. A bill is read from the books, not kept: what
happened in a month that is over does not change any more.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.db import DatabaseError, DataError, transaction
from django.db.models import QuerySet, Sum

from kindline.connectors.billing import counting
from kindline.connectors.billing.models import ChargedRow, PaidRow, TakenReading
from kindline.connectors.billing.months import first, following, today
from kindline.readings.billing import Balance, Bill, Charge, Payment, SentReading
from kindline.readings.errors import BillingAwayError, NoBillError

DUE_DAY = 25
NOTHING = Decimal("0.00")
NEGATIVE, TOO_LARGE = "negative", "too large for the books"


class SampleBilling:
    """A `Billing` over our own database; a bill is due on `due_day` of the month after."""

    def __init__(self, due_day: int = DUE_DAY) -> None:
        self.due_day = due_day

    def balance(self, account: str) -> Balance | None:
        """Everything paid less everything charged until today; None for an account that has no books."""
        with _asked():
            charged, paid = _total(_charged(account)), _total(_paid(account))
        if charged is None and paid is None:
            return None
        return Balance((paid or NOTHING) - (charged or NOTHING), today())

    def charges(self, account: str, since: dt.date) -> list[Charge]:
        """Charges of the months that are over, the oldest first."""
        with _asked():
            return [_charge(row) for row in _charged(account).filter(month__gte=first(since))]

    def payments(self, account: str, since: dt.date) -> list[Payment]:
        """Payments, the oldest first."""
        with _asked():
            return [_payment(row) for row in _paid(account).filter(paid_on__gte=since)]

    def bill(self, account: str, month: dt.date) -> Bill:
        """The bill of a month that is over. Raises: NoBillError."""
        month, after = first(month), following(first(month))
        with _asked():
            charges = [_charge(row) for row in _charged(account).filter(month=month)]
            if not charges:
                raise NoBillError(f"{account}: no bill for {month:%Y-%m}")
            paid = _paid(account)
            opening = _sum(paid.filter(paid_on__lt=month)) - _sum(_charged(account).filter(month__lt=month))
            payments = [_payment(row) for row in paid.filter(paid_on__gte=month, paid_on__lt=after)]
        owed = sum((one.amount for one in charges), NOTHING) - sum((one.amount for one in payments), opening)
        return Bill(
            number=f"{account}-{month:%Y%m}", account=account, month=month, issued_on=after,
            due_on=after.replace(day=self.due_day), opening=opening, charges=tuple(charges),
            payments=tuple(payments), to_pay=max(owed, NOTHING),
        )  # fmt: skip

    def months(self, account: str) -> list[dt.date]:
        """The months that have a bill, the newest first."""
        with _asked():
            return list(_charged(account).order_by("-month").values_list("month", flat=True).distinct())

    def take(self, readings: Sequence[SentReading]) -> dict[str, str]:
        """Take readings in and count them into the month's charge; one that cannot be kept is refused by itself."""
        with _asked():
            return {one.key: _taken(one) for one in readings}


@contextlib.contextmanager
def _asked() -> Iterator[None]:
    """One question, on its own: when it fails, what is done around it goes on. Raises: BillingAwayError."""
    try:
        with transaction.atomic():
            yield
    except DatabaseError as error:
        raise BillingAwayError(f"the books cannot be read: {error}") from error


def _charged(account: str) -> QuerySet[ChargedRow]:
    over = first(today())
    return ChargedRow.objects.filter(account=account, month__lt=over).order_by("month", "service")


def _paid(account: str) -> QuerySet[PaidRow]:
    return PaidRow.objects.filter(account=account, paid_on__lte=today()).order_by("paid_on", "pk")


def _total(rows: QuerySet[ChargedRow] | QuerySet[PaidRow]) -> Decimal | None:
    found: Decimal | None = rows.order_by().aggregate(total=Sum("amount"))["total"]
    return found


def _sum(rows: QuerySet[ChargedRow] | QuerySet[PaidRow]) -> Decimal:
    return _total(rows) or NOTHING


def _charge(row: ChargedRow) -> Charge:
    return Charge(row.month, row.service, row.amount, row.volume, row.unit, row.tariff)


def _payment(row: PaidRow) -> Payment:
    return Payment(row.paid_on, row.amount, row.way)


def _taken(one: SentReading) -> str:
    if one.value < 0:
        return NEGATIVE
    try:
        with transaction.atomic():
            _take(one)
    except DataError:
        return TOO_LARGE
    return ""


def _take(one: SentReading) -> None:
    row, fresh = TakenReading.objects.get_or_create(
        key=one.key,
        defaults={"account": one.account, "meter": one.meter, "zone": one.zone, "value": one.value,
                  "taken_on": one.taken_on, "turn": one.turn},
    )  # fmt: skip
    if fresh:
        counting.count_in(row, one.replaces, one.service)
