"""Statements asked with every registration: planned once a connection, their values bound by the server.

They run in Django's transaction and past its cursor, which binds values in Python and has each statement planned anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, LiteralString

import psycopg
from django.db import connection

Row = tuple[Any, ...]
Values = Sequence[Any] | Mapping[str, Any]


def rows(sql: LiteralString, values: Values = ()) -> list[Row]:
    """Every row of a statement's answer. Raises: Django's database errors."""
    with _cursor() as cursor:
        return _execute(cursor, sql, values).fetchall()


def one_row(sql: LiteralString, values: Values = ()) -> Row | None:
    """The first row of a statement's answer. Raises: Django's database errors."""
    return next(iter(rows(sql, values)), None)


def run(sql: LiteralString, values: Values = ()) -> None:
    """Run a statement that has no answer. Raises: Django's database errors."""
    with _cursor() as cursor:
        _execute(cursor, sql, values)


@contextmanager
def _cursor() -> Iterator[psycopg.Cursor[Row]]:
    connection.validate_no_broken_transaction()
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        yield cursor


def _execute(cursor: psycopg.Cursor[Row], sql: LiteralString, values: Values) -> psycopg.Cursor[Row]:
    """Through the wrappers that stand around Django's own statements (measuring, faults in tests)."""

    def execute(sql: LiteralString, values: Values, _many: bool, _context: object) -> psycopg.Cursor[Row]:
        return cursor.execute(sql, values, prepare=True)

    executor: Any = execute
    for wrapper in reversed(connection.execute_wrappers):
        executor = partial(wrapper, executor)
    return executor(sql, values, False, {"connection": connection, "cursor": cursor})  # type: ignore[no-any-return]
