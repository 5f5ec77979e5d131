"""Monthly partitions of the journal, made ahead; what falls outside lies in a default partition, never refused."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

MONTHS_AHEAD = 3


def make_ahead(now: dt.datetime, *, months: int = MONTHS_AHEAD) -> list[dt.date]:
    """Make the partitions of this month and the next `months`; returns those that were not there yet."""
    first = now.astimezone(dt.UTC).date().replace(day=1)
    return make([_later(first, n) for n in range(months + 1)])


def make(months: list[dt.date]) -> list[dt.date]:
    """Make the partitions of these months; facts already kept in the default partition move into them."""
    return [month for month in months if _make(month)]


def between(since: dt.date, until: dt.date) -> list[dt.date]:
    """The first days of the months from `since` to `until`, both inclusive."""
    first, months = since.replace(day=1), []
    while first <= until:
        months.append(first)
        first = _later(first, 1)
    return months


def _make(month: dt.date) -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '3s'")
        cursor.execute("SELECT journal_make_partition(%s)", [month])
        row = cursor.fetchone()
    return bool(row and row[0])


def _later(month: dt.date, n: int) -> dt.date:
    index = month.year * 12 + month.month - 1 + n
    return dt.date(index // 12, index % 12 + 1, 1)
