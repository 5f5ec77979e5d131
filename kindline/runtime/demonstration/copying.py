"""Rows written by COPY, in its own text."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any

from django.db import connection

Row = dict[str, Any]


def copy(table: str, rows: Iterable[Row]) -> None:
    """Write rows by COPY; every row has the same columns."""
    found = iter(rows)
    first = next(found, None)
    if first is None:
        return
    columns = ", ".join(f'"{name}"' for name in first)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as stream:
        for row in (first, *found):
            stream.write("\t".join(map(_text, row.values())) + "\n")


def _text(value: object) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def array(values: Iterable[str]) -> str:
    """An array of texts as COPY reads it."""
    return "{" + ",".join(json.dumps(value, ensure_ascii=False) for value in values) + "}"


def vector(values: Iterable[str]) -> str:
    """A tsvector as COPY reads it."""
    return " ".join("'" + value.replace("'", "''") + "'" for value in values)


def moment(value: dt.datetime | None) -> str | None:
    """A moment as COPY reads it."""
    return value.isoformat() if value else None


def settle(table: str) -> None:
    """Let the table's own numbers go on after those that were given."""
    with connection.cursor() as cursor:
        last = f"SELECT max(id) FROM {table}"  # noqa: S608 - a name of ours
        cursor.execute(f"SELECT setval(pg_get_serial_sequence(%s, 'id'), ({last}))", [table])
