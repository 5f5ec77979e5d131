"""Statements that are planned once: they are part of Django's transaction, and fail as Django's do."""

from __future__ import annotations

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from kindline.journal import prepared

PLANS = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%twice %%'"
TWICE = "SELECT %s::int * 2 AS twice -- twice "
WRITE = "CREATE TEMPORARY TABLE prepared_row (id int PRIMARY KEY)"
INSERT = "INSERT INTO prepared_row VALUES (%s::int)"


def planned() -> int:
    with connection.cursor() as cursor:
        cursor.execute(PLANS.replace("%%", "%"))
        return int(cursor.fetchone()[0])


def write(*keys: int) -> None:
    with transaction.atomic():
        for key in keys:
            prepared.run(INSERT, [key])


@pytest.mark.django_db(transaction=True)
def test_a_statement_is_planned_once_and_again_after_a_rollback() -> None:
    assert [prepared.one_row(TWICE, [n]) for n in (1, 2, 3)] == [(2,), (4,), (6,)]
    assert planned() == 1
    with pytest.raises(DataError), transaction.atomic():
        prepared.one_row(TWICE, ["four"])
    assert prepared.rows(TWICE, [4]) == [(8,)]
    assert planned() == 1


@pytest.mark.django_db(transaction=True)
def test_it_is_part_of_the_transaction_and_fails_as_django_does() -> None:
    with connection.cursor() as cursor:
        cursor.execute(WRITE)
    prepared.run(INSERT, [1])
    with pytest.raises(IntegrityError):
        write(2, 1)
    assert prepared.one_row("SELECT count(*) FROM prepared_row") == (1,)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE prepared_row")


@pytest.mark.django_db
def test_a_broken_transaction_takes_no_more() -> None:
    connection.set_rollback(True)
    with pytest.raises(transaction.TransactionManagementError):
        prepared.run(TWICE, [1])
