"""Verdicts as columns turned into rows: one for each clause and subject to which it applies."""

from __future__ import annotations

from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from kindline.standard.profile import Profile
from kindline.standard.rules.features import BETWEEN
from kindline.standard.rules.judgement import NONE, WORDS
from kindline.standard.rules.plans import Plan, Reading

MOMENT = pa.timestamp("us")
EVIDENCE_MOST = 100
FACT_IDS = pa.list_(pa.string())
SCHEMA = pa.schema(
    [
        ("clause", pa.string()),
        ("version", pa.string()),
        ("subject_type", pa.string()),
        ("subject_id", pa.string()),
        ("verdict", pa.string()),
        ("observed", pa.string()),
        ("limit", pa.string()),
        ("unit", pa.string()),
        ("evidence", FACT_IDS),
        ("at", pa.timestamp("us", "UTC")),
    ]
)


def rows(plan: Plan, found: pa.Table, profile: Profile) -> pa.Table:
    """The rows of all clauses of a plan."""
    found = found.combine_chunks()
    if found.num_rows == 0:
        return SCHEMA.empty_table()
    batch = found.to_batches()[0]
    tables = [part for reading in plan.readings if (part := _clause_rows(reading, batch, profile)) is not None]
    return pa.concat_tables(tables) if tables else SCHEMA.empty_table()


def _clause_rows(reading: Reading, found: pa.RecordBatch, profile: Profile) -> pa.Table | None:
    applies = reduce(pc.and_kleene, (found[name] for name in reading.applies))
    verdict = found[reading.verdict]
    chosen = pc.indices_nonzero(pc.fill_null(pc.and_kleene(applies, pc.greater(verdict, NONE)), False))
    if not len(chosen):
        return None

    def column(name: str) -> Any:
        return pc.take(found[name], chosen)

    def same(value: str) -> Any:
        return pa.repeat(pa.scalar(value, pa.string()), len(chosen))

    at = pc.coalesce(column(reading.at).cast(MOMENT), column("last_at").cast(MOMENT))
    columns = [
        same(reading.clause.id),
        same(profile.version),
        column("subject_type"),
        column("subject_id"),
        pc.take(pa.array(WORDS, pa.string()), pc.take(verdict, chosen).cast(pa.int32())),
        written(column(reading.observed)),
        column(reading.limit[1:]) if reading.limit.startswith("@") else same(reading.limit),
        same(reading.unit),
        _evidence(reading, column),
        at.cast(pa.timestamp("us", "UTC")),
    ]
    return pa.table([_as(one, kind.type) for one, kind in zip(columns, SCHEMA, strict=True)], schema=SCHEMA)


def _evidence(reading: Reading, column: Any) -> Any:
    """The rule's own facts, else those of the occasion, else none."""
    own = column(reading.evidence).cast(pa.string())
    named = own if reading.occasion is None else pc.coalesce(own, column(reading.occasion).cast(pa.string()))
    several = pc.list_slice(pc.split_pattern(named, BETWEEN), 0, EVIDENCE_MOST)
    return pc.coalesce(several, pa.scalar([], several.type))


def written(column: Any) -> Any:
    """Numbers as text: whole ones without a point, others with at most two digits after it."""
    if not pa.types.is_floating(column.type):
        return column
    rounded = pc.round(column, 2)
    whole = pc.equal(pc.floor(rounded), rounded)
    bounded = pc.if_else(whole, rounded, pa.scalar(0.0))
    return pc.if_else(whole, bounded.cast(pa.int64()).cast(pa.string()), rounded.cast(pa.string()))


def _as(column: Any, kind: Any) -> Any:
    return column if column.type == kind else column.cast(kind)
