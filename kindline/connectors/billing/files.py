"""A billing system that is reached by files: what it exports lies in a folder, readings are left in it for it to take.

The folder holds `balances.csv`, `charges.csv` and `payments.csv` (docs/administrator.md says their columns); they are
looked up by account, not read whole, and found anew once they have changed. Replace them whole (write beside, rename).
"""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import os
from array import array
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from kindline.connectors.billing import outbox
from kindline.connectors.billing.months import first, following
from kindline.readings.billing import Balance, Bill, Charge, Payment, SentReading
from kindline.readings.errors import BillingAwayError, NoBillError

BALANCES, CHARGES, PAYMENTS = "balances.csv", "charges.csv", "payments.csv"
DUE_DAY = 25
NOTHING = Decimal("0.00")
Row = dict[str, str]


class FileBilling:
    """A `Billing` over a folder of CSV files; a bill is due on `due_day` of the month after."""

    def __init__(self, folder: str, due_day: int = DUE_DAY) -> None:
        self.folder, self.due_day = Path(folder), due_day

    def balance(self, account: str) -> Balance | None:
        """The balance that was exported last."""
        with _understood(self.folder / BALANCES) as path:
            rows = _rows(path, account)
            return Balance(_number(rows[-1]["amount"]), _day(rows[-1]["on"])) if rows else None

    def charges(self, account: str, since: dt.date) -> list[Charge]:
        """Charges from the month of `since` on, the oldest first."""
        return [one for one in self._charges(account) if one.month >= first(since)]

    def payments(self, account: str, since: dt.date) -> list[Payment]:
        """Payments from a day on, the oldest first."""
        with _understood(self.folder / PAYMENTS) as path:
            found = [Payment(_day(row["paid_on"]), _number(row["amount"]), row["way"]) for row in _rows(path, account)]
        return sorted((one for one in found if one.paid_on >= since), key=lambda one: one.paid_on)

    def bill(self, account: str, month: dt.date) -> Bill:
        """A month's bill: what was owed at its start is counted back from the balance. Raises: NoBillError."""
        month, after = first(month), following(first(month))
        charges, balance = self.charges(account, month), self.balance(account)
        own = tuple(one for one in charges if one.month == month)
        if not own or balance is None:
            raise NoBillError(f"{account}: no bill for {month:%Y-%m}")
        later = self.payments(account, month)
        paid = tuple(one for one in later if one.paid_on < after)
        counted = (one.amount for one in later if one.paid_on <= balance.on)
        opening = balance.amount + sum((one.amount for one in charges), NOTHING) - sum(counted, NOTHING)
        owed = sum((one.amount for one in own), NOTHING) - sum((one.amount for one in paid), opening)
        return Bill(
            number=f"{account}-{month:%Y%m}", account=account, month=month, issued_on=after,
            due_on=after.replace(day=self.due_day), opening=opening, charges=own, payments=paid,
            to_pay=max(owed, NOTHING),
        )  # fmt: skip

    def months(self, account: str) -> list[dt.date]:
        """The months that have charges, the newest first."""
        return sorted({one.month for one in self._charges(account)}, reverse=True)

    def take(self, readings: Sequence[SentReading]) -> dict[str, str]:
        """Leave readings in the folder as one file, each key once. Raises: BillingAwayError."""
        return outbox.take(self.folder, readings)

    def _charges(self, account: str) -> list[Charge]:
        with _understood(self.folder / CHARGES) as path:
            found = [_charge(row) for row in _rows(path, account)]
        return sorted(found, key=lambda one: (one.month, one.service))


@contextlib.contextmanager
def _understood(path: Path) -> Iterator[Path]:
    """Raises: BillingAwayError for a file that is not there, or that is not (yet) what it should be."""
    try:
        yield path
    except (OSError, UnicodeError, KeyError, ValueError, InvalidOperation, csv.Error) as error:
        raise BillingAwayError(f"{path}: {error!r}") from error


def _rows(path: Path, account: str) -> list[Row]:
    """The lines of an account, in their order."""
    with path.open("rb") as file:
        known = os.fstat(file.fileno())
        columns, places = _index(str(path), known.st_ino, known.st_mtime_ns, known.st_size)
        found = []
        for place in places.get(account.encode(), ()):
            file.seek(place)
            found.append(dict(zip(columns, _cells(file), strict=True)))
        return found


@lru_cache(maxsize=6)
def _index(path: str, _inode: int, _mtime_ns: int, size: int) -> tuple[list[str], dict[bytes, array[int]]]:
    """Where the lines of each account begin; of a file as it is now."""
    places: dict[bytes, array[int]] = {}
    with Path(path).open("rb") as file:
        columns = _cells(file)
        if columns[:1] != ["account"]:
            raise ValueError("its first line does not name the columns, account first")
        place = file.tell()
        for line in file:
            if line.strip():
                account = line.partition(b";")[0].strip(b' "\r\n')
                places.setdefault(account, array("Q")).append(place)
            place += len(line)
    if place != size:
        raise ValueError("it was changed while it was read: replace it whole")
    return columns, places


def _cells(file: BinaryIO) -> list[str]:
    return next(csv.reader([file.readline().decode("utf-8-sig")], delimiter=";"))


def _charge(row: Row) -> Charge:
    month, amount = first(_day(row["month"])), _number(row["amount"])
    volume, tariff = _number(row["volume"]) if row["volume"] else None, row["tariff"]
    return Charge(month, row["service"], amount, volume, row["unit"], _number(tariff) if tariff else None)


def _number(text: str) -> Decimal:
    """A number with a point or a comma, its thousands apart or not."""
    return Decimal("".join(text.split()).replace(",", "."))


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text if len(text) > 7 else f"{text}-01")
