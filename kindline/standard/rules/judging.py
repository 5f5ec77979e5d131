"""Judging: facts in, verdicts out, on DuckDB over Arrow or on any Ibis table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pyarrow.compute as pc

from kindline.standard import deadlines
from kindline.standard.clauses import Clause
from kindline.standard.profile import Profile
from kindline.standard.rules.judgement import NONE, WORDS
from kindline.standard.rules.plans import Plan, period_plan, subject_plan
from kindline.standard.rules.widening import due_table
from kindline.standard.rules.zones import EPOCH
from kindline.standard.terms import END_OF_DAY

MOMENT = pa.timestamp("us")
SCHEMA = pa.schema(
    [
        ("clause", pa.string()), ("version", pa.string()), ("subject_type", pa.string()), ("subject_id", pa.string()),
        ("verdict", pa.string()), ("observed", pa.string()), ("limit", pa.string()), ("unit", pa.string()),
        ("evidence", pa.list_(pa.string())), ("at", pa.timestamp("us", "UTC")),
    ]
)  # fmt: skip
SUBJECTS_A_CHUNK = 50_000


def judge(
    facts: Any, profile: Profile, clauses: Iterable[str] | None = None, as_of: dt.datetime | None = None
) -> pa.Table:
    """What each clause came to on each subject (and period) of the facts.

    `facts` is an Arrow or Ibis table: id, at (UTC), kind, subject_type, subject_id, actor, data (JSON text).
    `clauses` limits the clauses by id; `as_of` is the moment of judging (else that of the last fact).
    Subjects to which a clause does not apply have no row. Period rows have the subject type "period".
    """
    tables = list(chunks(facts, profile, clauses, as_of))
    return pa.concat_tables(tables) if tables else SCHEMA.empty_table()


def chunks(
    facts: Any, profile: Profile, clauses: Iterable[str] | None = None, as_of: dt.datetime | None = None,
    subjects: int = SUBJECTS_A_CHUNK,
) -> Iterator[pa.Table]:  # fmt: skip
    """As `judge`, a part of the subjects at a time, so that memory stays bounded; periods come last."""
    wanted = _wanted(profile, clauses)
    single = tuple(clause for clause in wanted if not _of_period(clause))
    with _Engine(facts, profile, as_of) as engine:
        if single:
            yield from engine.subjects(_subject_plan(profile, single), subjects)
        for period in ("day", "month"):
            several = tuple(clause for clause in wanted if _of_period(clause) and _period(clause) == period)
            if several:
                yield engine.periods(_period_plan(profile, several, period))


def subject_clauses(profile: Profile) -> list[str]:
    """The clauses that are judged on single subjects."""
    return [clause.id for clause in _wanted(profile, None) if not _of_period(clause)]


def period_clauses(profile: Profile) -> list[str]:
    """The clauses that are judged on whole days or months: give them all facts of the period."""
    return [clause.id for clause in _wanted(profile, None) if _of_period(clause)]


def _wanted(profile: Profile, clauses: Iterable[str] | None) -> tuple[Clause, ...]:
    named = None if clauses is None else set(clauses)
    return tuple(c for c in profile.clauses.values() if c.rule is not None and (named is None or c.id in named))


def _of_period(clause: Clause) -> bool:
    return clause.rule is not None and clause.rule.per_period


def _period(clause: Clause) -> str:
    return str(clause.rule.params.get("period", "month")) if clause.rule else "month"


@lru_cache(maxsize=64)
def _subject_plan(profile: Profile, clauses: tuple[Clause, ...]) -> tuple[Plan, str]:
    plan = subject_plan(profile, clauses)
    return plan, str(ibis.to_sql(plan.query, dialect="duckdb"))


@lru_cache(maxsize=64)
def _period_plan(profile: Profile, clauses: tuple[Clause, ...], period: str) -> tuple[Plan, str]:
    plan = period_plan(profile, clauses, period)
    return plan, str(ibis.to_sql(plan.query, dialect="duckdb"))


class _Engine:
    """An embedded DuckDB with the facts and the small tables that a plan reads."""

    def __init__(self, facts: Any, profile: Profile, as_of: dt.datetime | None) -> None:
        self.profile = profile
        self.facts = normal(facts)
        self.as_of = as_of
        self.connection: Any = None

    def __enter__(self) -> _Engine:
        self.connection = duckdb.connect(config={"threads": 2})
        self.connection.execute("SET timezone = 'UTC'")
        self.connection.execute("SET preserve_insertion_order = false")
        self.connection.register("all_facts", self.facts)
        bounds = pc.min_max(self.facts["at"]).as_py()
        self.first, self.last = bounds["min"] or EPOCH, bounds["max"] or EPOCH
        moment = self.as_of.astimezone(dt.UTC).replace(tzinfo=None) if self.as_of else self.last
        self.connection.register("moment", pa.table({"as_of": pa.array([moment], MOMENT)}))
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def subjects(self, planned: tuple[Plan, str], most: int) -> Iterator[pa.Table]:
        """The verdicts on single subjects, a chunk at a time."""
        plan, sql = planned
        self._prepare(plan)
        count = self._ask("SELECT approx_count_distinct(subject_id) AS n FROM all_facts")["n"][0].as_py()
        parts = max(1, -(-count // most))
        for part in range(parts):
            self._facts(part, parts)
            yield _rows(plan, self._ask(sql), self.profile)

    def periods(self, planned: tuple[Plan, str]) -> pa.Table:
        """The verdicts on periods."""
        plan, sql = planned
        self._prepare(plan)
        self._facts(0, 1)
        found = self._ask(sql)
        keys = pa.array(["period"] * found.num_rows, pa.string())
        return _rows(plan, found.append_column("subject_type", keys).rename_columns(_renamed(found)), self.profile)

    def _facts(self, part: int, parts: int) -> None:
        where = f" WHERE hash(subject_id) % {parts} = {part}" if parts > 1 else ""
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW facts AS SELECT * FROM all_facts{where}")  # noqa: S608

    def _prepare(self, plan: Plan) -> None:
        kinds = pa.table({"kind": pa.array(plan.kinds, pa.string()), "k": pa.array(range(len(plan.kinds)), pa.int64())})
        self.connection.register("kinds", kinds)
        for key in plan.dues:
            self.connection.register(due_table(key), due_days(self.profile, key, self.first, self.last))

    def _ask(self, sql: str) -> pa.Table:
        return self.connection.sql(sql).to_arrow_table()


def _renamed(found: pa.Table) -> list[str]:
    return ["subject_id" if name == "period" else name for name in found.column_names] + ["subject_type"]


def normal(facts: Any) -> pa.Table:
    """The facts as Arrow, with moments in UTC without a zone."""
    table = facts if isinstance(facts, pa.Table) else facts.to_pyarrow()
    at = table["at"]
    if at.type != MOMENT:
        at = pc.cast(at, pa.timestamp("us", at.type.tz) if at.type.tz else MOMENT, safe=False)
        at = pc.cast(at, MOMENT) if at.type.tz else at
    names = ["id", "kind", "subject_type", "subject_id", "data"]
    columns = {name: _text(table[name]) for name in names}
    return pa.table({"id": columns["id"], "at": at, **{name: columns[name] for name in names[1:]}})


def _text(column: Any) -> Any:
    return (
        column if pa.types.is_string(column.type) or pa.types.is_dictionary(column.type) else column.cast(pa.string())
    )


def due_days(profile: Profile, key: tuple[Any, ...], first: dt.datetime, last: dt.datetime) -> pa.Table:
    """For each local day: when a term that begins on it ends, and when one that begins after hours does."""
    term, rule, service = key
    day = first.date() - dt.timedelta(days=2)
    rows: list[tuple[int, dt.datetime, dt.datetime]] = []
    while day <= last.date() + dt.timedelta(days=2):
        start = dt.datetime.combine(day, dt.time(0), profile.zone)
        if rule == "end_of_working_day":
            closes = deadlines.end_of_working_day(profile, start, service)
            after = deadlines.end_of_working_day(profile, closes, service)
        else:
            ends = term.last_day(day, profile.calendar) if term is not None else day
            closes = after = dt.datetime.combine(ends, END_OF_DAY, profile.zone)
        rows.append(((day - EPOCH.date()).days, _utc(closes), _utc(after)))
        day += dt.timedelta(days=1)
    numbers, closing, next_closing = zip(*rows, strict=True)
    return pa.table(
        {
            "due_day": pa.array(numbers, pa.int64()),
            "closes": pa.array(closing, MOMENT),
            "next_closes": pa.array(next_closing, MOMENT),
        }
    )


def _utc(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None)


def _rows(plan: Plan, found: pa.Table, profile: Profile) -> pa.Table:
    """Verdicts as columns turned into rows: one for each clause and subject to which it applies."""
    tables = []
    for number, clause in enumerate(plan.clauses):
        verdict = found[f"v{number}"]
        mask = pc.greater(verdict, NONE)
        part = found.select([*_named(plan, number, clause), "subject_type", "subject_id"]).filter(mask)
        if part.num_rows:
            tables.append(_clause_rows(part, number, clause, plan, profile))
    return pa.concat_tables(tables) if tables else SCHEMA.empty_table()


def _named(plan: Plan, number: int, clause: Clause) -> list[str]:
    names = [f"v{number}", f"o{number}", f"e{number}", f"t{number}"]
    return names if plan.limits[clause.id] is not None else [*names, f"l{number}"]


def _clause_rows(part: pa.Table, number: int, clause: Clause, plan: Plan, profile: Profile) -> pa.Table:
    rows = part.num_rows
    limit = plan.limits[clause.id]

    def same(value: str) -> Any:
        return pa.repeat(pa.scalar(value, pa.string()), rows)

    columns = [
        same(clause.id), same(profile.version), part["subject_type"], part["subject_id"],
        pc.take(pa.array(WORDS, pa.string()), part[f"v{number}"].cast(pa.int32())), written(part[f"o{number}"]),
        same(limit) if limit is not None else part[f"l{number}"], same(plan.units[clause.id]), part[f"e{number}"],
        part[f"t{number}"].cast(MOMENT).cast(pa.timestamp("us", "UTC")),
    ]  # fmt: skip
    return pa.table([_as(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)], schema=SCHEMA)


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
