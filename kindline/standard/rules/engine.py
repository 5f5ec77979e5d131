"""An embedded DuckDB that holds the facts of one judging and the statements of one plan, prepared once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pyarrow.compute as pc

from kindline.standard import deadlines
from kindline.standard.profile import Profile
from kindline.standard.rules.plans import DUE_DAYS, Plan
from kindline.standard.rules.results import MOMENT, rows
from kindline.standard.rules.widening import FACTS, due_table
from kindline.standard.rules.zones import EPOCH
from kindline.standard.terms import END_OF_DAY

THREADS = 2
TYPES = {
    "string": "VARCHAR",
    "int64": "BIGINT",
    "int32": "INTEGER",
    "decimal(38, 0)": "HUGEINT",
    "int16": "SMALLINT",
    "int8": "TINYINT",
    "float64": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
    "timestamp(6)": "TIMESTAMP",
    "array<string>": "VARCHAR[]",
    "null": "VARCHAR",
}


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A plan with its two statements."""

    plan: Plan
    wide: str
    query: str
    of_period: bool


def compiled(plan: Plan, *, of_period: bool) -> Compiled:
    """The plan in DuckDB's words."""
    return Compiled(plan, _sql(plan.wide), _sql(plan.query), of_period)


def _sql(query: Any) -> str:
    return str(ibis.to_sql(query, dialect="duckdb", pretty=False))


class Engine:
    """Judges facts by one plan, again and again."""

    def __init__(self, profile: Profile, compiled: Compiled) -> None:
        self.profile = profile
        self.compiled = compiled
        self.connection = duckdb.connect(config={"threads": THREADS})
        self.connection.execute("SET timezone = 'UTC'")
        self.connection.execute("SET preserve_insertion_order = false")
        self._tables()
        self.connection.execute(f"PREPARE widen AS INSERT INTO wide {compiled.wide}")
        self.connection.execute(f"PREPARE conclude AS INSERT INTO answer {compiled.query}")

    def verdicts(self, facts: pa.Table, as_of: dt.datetime | None, most: int | None) -> Iterator[pa.Table]:
        """The rows of verdicts, `most` subjects at a time (all at once for None)."""
        bounds = pc.min_max(facts["at"]).as_py()
        first, last = bounds["min"] or EPOCH, bounds["max"] or EPOCH
        moment = as_of.astimezone(dt.UTC).replace(tzinfo=None) if as_of else last
        self._fill("moment", pa.table({"as_of": pa.array([moment], MOMENT)}))
        for key in self.compiled.plan.dues:
            self._fill(due_table(key), due_days(self.profile, key, first, last))
        parts = 1 if most is None else max(1, -(-_subjects(facts) // most))
        for part in range(parts):
            where = f"hash(subject_id) % {parts} = {part}" if parts > 1 else "true"
            yield self._judged(facts, where)

    def _judged(self, facts: pa.Table, where: str) -> pa.Table:
        self._fill("facts", facts, where)
        for table, statement in (("wide", "widen"), ("answer", "conclude")):
            self.connection.execute(f"DELETE FROM {table}")  # noqa: S608
            self.connection.execute(f"EXECUTE {statement}")
        return rows(self.compiled.plan, self.connection.table("answer").to_arrow_table(), self.profile)

    def _tables(self) -> None:
        plan = self.compiled.plan
        schemas: dict[str, Any] = {"facts": FACTS, "moment": {"as_of": "timestamp"}}
        schemas |= {due_table(key): DUE_DAYS for key in plan.dues}
        schemas |= {"wide": _types(plan.wide), "answer": _types(plan.query), "kinds": {"kind": "string", "k": "int64"}}
        for table, schema in schemas.items():
            columns = ", ".join(f'"{name}" {TYPES[kind]}' for name, kind in schema.items())
            self.connection.execute(f"CREATE TABLE {table} ({columns})")
        kinds = pa.table({"kind": pa.array(plan.kinds, pa.string()), "k": pa.array(range(len(plan.kinds)), pa.int64())})
        self._fill("kinds", kinds)

    def _fill(self, table: str, rows: pa.Table, where: str = "true") -> None:
        self.connection.execute(f"DELETE FROM {table}")  # noqa: S608
        self.connection.register("incoming", rows)
        self.connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming WHERE {where}")  # noqa: S608
        self.connection.unregister("incoming")


def _types(table: Any) -> dict[str, str]:
    return {name: str(kind) for name, kind in table.schema().items()}


def _subjects(facts: pa.Table) -> int:
    return int(pc.count_distinct(facts["subject_id"]).as_py())


def due_days(profile: Profile, key: tuple[Any, ...], first: dt.datetime, last: dt.datetime) -> pa.Table:
    """For each local day: when a term that begins on it ends, and when one that begins after hours does."""
    term, rule, service = key
    day = first.date() - dt.timedelta(days=2)
    found: list[tuple[int, dt.datetime, dt.datetime]] = []
    while day <= last.date() + dt.timedelta(days=2):
        if rule == "end_of_working_day":
            closes = deadlines.end_of_working_day(profile, dt.datetime.combine(day, dt.time(0), profile.zone), service)
            after = deadlines.end_of_working_day(profile, closes, service)
        else:
            ends = term.last_day(day, profile.calendar) if term is not None else day
            closes = after = dt.datetime.combine(ends, END_OF_DAY, profile.zone)
        found.append(((day - EPOCH.date()).days, _utc(closes), _utc(after)))
        day += dt.timedelta(days=1)
    columns = dict(zip(DUE_DAYS, zip(*found, strict=True), strict=True))
    kinds = {"due_day": pa.int64(), "closes": MOMENT, "next_closes": MOMENT}
    return pa.table({name: pa.array(values, kinds[name]) for name, values in columns.items()})


def _utc(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None)
