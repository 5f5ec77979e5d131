"""Facts of the journal as Arrow tables, as the rules read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import pyarrow as pa
from django.db import connection, transaction

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("at", pa.timestamp("us", "UTC")),
        ("kind", pa.string()),
        ("subject_type", pa.string()),
        ("subject_id", pa.string()),
        ("actor", pa.string()),
        ("data", pa.string()),
    ]
)
COLUMNS = "SELECT id::text, at, kind, subject_type, subject_id, actor, data::text FROM journal_fact"
BATCH = 50_000


def of_subjects(subjects: Collection[tuple[str, str]]) -> pa.Table:
    """Every fact about these subjects (type, id)."""
    wanted = sorted(subjects)
    types, ids = [one[0] for one in wanted], [one[1] for one in wanted]
    where = " WHERE (subject_type, subject_id) IN (SELECT * FROM unnest(%s::text[], %s::text[]))"
    return _table(COLUMNS + where, [types, ids])


def between(since: dt.datetime, until: dt.datetime, kinds: Collection[str]) -> pa.Table:
    """Every fact of these kinds from `since` (inclusive) to `until` (exclusive)."""
    return _table(COLUMNS + " WHERE at >= %s AND at < %s AND kind = ANY(%s)", [since, until, sorted(kinds)])


def _table(sql: str, params: Sequence[Any]) -> pa.Table:
    return pa.Table.from_batches(_batches(sql, params), schema=SCHEMA)


def _batches(sql: str, params: Sequence[Any]) -> Iterator[pa.RecordBatch]:
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        while rows := cursor.fetchmany(BATCH):
            columns = [
                pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), SCHEMA, strict=True)
            ]
            yield pa.record_batch(columns, schema=SCHEMA)
