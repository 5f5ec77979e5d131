"""The code on a bill, by which whoever has it in his hands registers in the personal account."""

from __future__ import annotations

import base64
import datetime as dt

from django.utils.crypto import constant_time_compare, salted_hmac

from kindline.clients.models import Account
from kindline.staff.typed_codes import signs

SALT = "kindline.readings.billcodes"
MONTHS = 4
"""So many bills are good: that of this month, and of those before."""


def code_of(account: Account, month: dt.date) -> str:
    """The code of an account's bill of a month (40 bits, such as K7QX-2MBD): it is stored nowhere, and of no name."""
    said = f"{account.pk} {account.number} {month:%Y-%m}"
    made = base64.b32encode(salted_hmac(SALT, said, algorithm="sha256").digest()[:5]).decode()
    return f"{made[:4]}-{made[4:]}"


def is_of(account: Account, typed: str, today: dt.date) -> bool:
    """Whether this is the code of one of the last bills, read as it looks."""
    months = [_back(today, count) for count in range(MONTHS)]
    found = [constant_time_compare(signs(code_of(account, month)), signs(typed)) for month in months]
    return any(found)


def _back(today: dt.date, count: int) -> dt.date:
    months = today.year * 12 + today.month - 1 - count
    return dt.date(months // 12, months % 12 + 1, 1)
