"""A month's facts lie together; a month that nobody prepared is not refused."""

import datetime as dt

import pytest
from django.db import connection

from kindline.journal import actions, partitions, queries

pytestmark = pytest.mark.db


def _table_of(subject: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM journal_fact WHERE subject_id = %s", [subject])
        return str(cursor.fetchone()[0])


def _record(subject: str, at: dt.datetime) -> None:
    actions.record(kind="call_ended", subject_type="contact", subject_id=subject, at=at, data={"by": "client"})


def test_months_are_made_ahead_once() -> None:
    now = dt.datetime(2031, 11, 30, 23, 59, tzinfo=dt.UTC)
    made = partitions.make_ahead(now, months=2)
    assert made == [dt.date(2031, 11, 1), dt.date(2031, 12, 1), dt.date(2032, 1, 1)]
    assert partitions.make_ahead(now, months=2) == []
    _record("c", dt.datetime(2032, 1, 31, 23, 59, 59, tzinfo=dt.UTC))
    assert _table_of("c") == "journal_fact_2032_01"


def test_an_unprepared_month_is_kept_and_moves_into_its_partition_later() -> None:
    at = dt.datetime(2033, 5, 1, tzinfo=dt.UTC)
    _record("first moment", at)
    _record("month before", at - dt.timedelta(microseconds=1))
    before = queries.facts_of("contact", "first moment").get()
    assert _table_of("first moment") == "journal_fact_other"
    assert partitions.make([at.date()]) == [at.date()]
    after = queries.facts_of("contact", "first moment").get()
    assert _table_of("first moment") == "journal_fact_2033_05"
    assert _table_of("month before") == "journal_fact_other"
    assert (after.id, after.at, after.xid, after.data) == (before.id, before.at, before.xid, before.data)


def test_the_months_between_two_days() -> None:
    months = partitions.between(dt.date(2025, 11, 20), dt.date(2026, 2, 1))
    assert [month.isoformat() for month in months] == ["2025-11-01", "2025-12-01", "2026-01-01", "2026-02-01"]
