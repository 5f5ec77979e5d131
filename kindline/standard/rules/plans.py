"""Plans: all rules of a set of clauses as one query, one row a subject or one row a period."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import ibis

from kindline.standard.clauses import Clause
from kindline.standard.profile import Profile
from kindline.standard.rules import catalogue, zones
from kindline.standard.rules.features import BETWEEN, Questions
from kindline.standard.rules.judgement import (
    CLAUSE,
    NONE,
    NOT_MEASURABLE,
    Judgement,
    Tally,
    asked,
    kept,
    occasion,
    scope,
    subject_type,
)
from kindline.standard.rules.limit import bounds
from kindline.standard.rules.sheet import Sheet
from kindline.standard.rules.widening import FACTS, Widening, due_table

Table = Any
Expr = Any
DUE_DAYS = {"due_day": "int64", "closes": "timestamp", "next_closes": "timestamp"}


@dataclass(frozen=True, slots=True)
class Reading:
    """In which columns of a plan's result a clause's verdict stands; `limit` is a text or, with `@`, a column."""

    clause: Clause
    applies: tuple[str, ...]
    verdict: str
    observed: str
    limit: str
    unit: str
    evidence: str
    occasion: str | None
    at: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A query over the facts: first the wide rows, then from them the columns of all verdicts."""

    wide: Table
    query: Table
    readings: tuple[Reading, ...]
    kinds: tuple[str, ...]
    dues: tuple[Any, ...]


@dataclass(slots=True)
class Columns:
    """The columns of a result: equal expressions stand there once."""

    names: dict[Any, str] = field(default_factory=dict)
    made: dict[str, Expr] = field(default_factory=dict)

    def put(self, expr: Expr) -> str:
        """The column in which the expression stands."""
        name = self.names.setdefault(expr.op(), f"r{len(self.names)}")
        self.made[name] = expr
        return name


def unbound(dues: tuple[Any, ...]) -> dict[str, Table]:
    """The tables that a plan reads, by name and columns only."""
    tables = {
        "facts": ibis.table(FACTS, name="facts"),
        "kinds": ibis.table({"kind": "string", "k": "int64"}, name="kinds"),
        "moment": ibis.table({"as_of": "timestamp"}, name="moment"),
    }
    return tables | {due_table(key): ibis.table(DUE_DAYS, name=due_table(key)) for key in dues}


def subject_plan(profile: Profile, clauses: tuple[Clause, ...]) -> Plan:
    """Every clause that speaks of single subjects."""
    questions = Questions()
    collected = Sheet(profile, questions)
    for clause in clauses:
        collected.ids(_judge(clause, collected).evidence)
        _meant(clause, collected)
        occasion(clause, collected)
    widening = Widening(profile, questions, unbound(_dues(questions)))
    wide = widening.wide()
    sheet = Sheet(profile, questions, ibis.table(wide.schema(), name="wide"))
    columns = Columns()
    readings = tuple(_reading(clause, sheet, columns) for clause in clauses)
    query = sheet.wide.select("subject_type", "subject_id", "last_at", **columns.made)
    return Plan(wide, query, readings, tuple(widening.kinds), _dues(questions))


def _judge(clause: Clause, sheet: Sheet) -> Judgement:
    return catalogue.SUBJECT_RULES[clause.ruled.kind]({**clause.ruled.params, CLAUSE: clause.id}, sheet)


def _meant(clause: Clause, sheet: Sheet) -> tuple[Expr, ...]:
    """What must hold for the clause to apply; and its needs, so that they are asked about."""
    sheet.count(asked(clause.ruled.params, "needs"))
    return scope(clause, sheet)


def _reading(clause: Clause, sheet: Sheet, columns: Columns) -> Reading:
    found = _judge(clause, sheet)
    verdict = ibis.literal(found.verdict) if isinstance(found.verdict, int) else found.verdict
    needs = asked(clause.ruled.params, "needs")
    if needs:
        verdict = ibis.ifelse(sheet.there(needs), verdict, NOT_MEASURABLE)
    of_type = sheet.wide.subject_type == subject_type(clause)
    applies = (of_type, *scope(clause, sheet), *(() if found.applies is True else (found.applies,)))
    fallback = occasion(clause, sheet)
    return Reading(
        clause,
        tuple(columns.put(one) for one in applies),
        columns.put(verdict),
        columns.put(found.observed),
        found.limit if isinstance(found.limit, str) else f"@{columns.put(found.limit)}",
        found.unit,
        columns.put(sheet.ids(found.evidence)),
        None if fallback is None else columns.put(fallback),
        columns.put(found.at),
    )


def period_plan(profile: Profile, clauses: tuple[Clause, ...], period: str) -> Plan:
    """Every clause that speaks of a period: one row a day or month."""
    questions = Questions()
    collected = Sheet(profile, questions)
    for clause in clauses:
        scope(clause, collected)
        tally = _tally(clause, collected)
        collected.ids(tally.evidence)
    widening = Widening(profile, questions, unbound(_dues(questions)))
    wide = widening.wide()
    sheet = Sheet(profile, questions, ibis.table(wide.schema(), name="wide"))
    named = (zones.local_month if period == "month" else zones.local_date)(sheet.wide.first_at, profile.zone)
    tallies: dict[str, Any] = {"subject_id": named, "last_at": sheet.wide.last_at}
    for number, clause in enumerate(clauses):
        tallies |= _tally_columns(number, clause, sheet)
    rows = sheet.wide.select(**tallies)
    aggregates: dict[str, Any] = {"last_at": rows.last_at.max()}
    for number, clause in enumerate(clauses):
        aggregates |= _period_columns(number, clause, rows)
    sums = rows.group_by("subject_id").aggregate(**aggregates)
    columns: dict[str, Any] = {}
    for number, clause in enumerate(clauses):
        columns |= _period_verdict(number, clause, sums)
    query = sums.select("subject_id", "last_at", subject_type=ibis.literal("period"), **columns)
    readings = tuple(_period_reading(number, clause) for number, clause in enumerate(clauses))
    return Plan(wide, query, readings, tuple(widening.kinds), _dues(questions))


def _tally(clause: Clause, sheet: Sheet) -> Tally:
    return catalogue.PERIOD_RULES[clause.ruled.kind](clause.ruled.params, sheet)


def _bounds(clause: Clause) -> Any:
    return bounds(clause.ruled.params)


def _period_reading(number: int, clause: Clause) -> Reading:
    unit = "share" if clause.ruled.kind == "share" else _bounds(clause).unit
    names = (f"v{number}", f"o{number}", _bounds(clause).told(), unit, f"e{number}", None, f"t{number}")
    return Reading(clause, (f"n{number}",), *names)


def _tally_columns(number: int, clause: Clause, sheet: Sheet) -> dict[str, Any]:
    found = _tally(clause, sheet)
    meant = sheet.wide.subject_type == subject_type(clause)
    for condition in (*scope(clause, sheet), found.applies):
        meant = meant & condition
    meant = meant.fill_null(False)
    nothing = ibis.null().cast("float64")
    return {
        f"m{number}": meant,
        f"a{number}": ibis.ifelse(meant, found.amount, nothing),
        f"b{number}": ibis.ifelse(meant, found.base, nothing),
        f"w{number}": ibis.ifelse(meant, found.worst, nothing),
        f"x{number}": ibis.ifelse(meant & found.offends, sheet.ids(found.evidence), ibis.null().cast("string")),
    }


def _period_columns(number: int, clause: Clause, rows: Table) -> dict[str, Any]:
    meant = rows[f"m{number}"]
    if clause.ruled.params.get("statistic") == "p95":
        value = rows[f"w{number}"].quantile(0.95, where=meant)
    else:
        value = rows[f"a{number}"].sum(where=meant) / rows[f"b{number}"].sum(where=meant)
    offender = rows[f"x{number}"]
    return {
        f"n{number}": rows.count(where=meant) > 0,
        f"o{number}": value,
        f"e{number}": offender.group_concat(BETWEEN),
        f"t{number}": rows.last_at.max(where=meant),
    }


def _period_verdict(number: int, clause: Clause, sums: Table) -> dict[str, Any]:
    value, limit = sums[f"o{number}"], _bounds(clause)
    return {
        f"n{number}": sums[f"n{number}"],
        f"v{number}": ibis.ifelse(value.notnull(), kept(~limit.breached(value, value)), NONE),
        f"o{number}": value,
        f"e{number}": sums[f"e{number}"],
        f"t{number}": sums[f"t{number}"],
    }


def _dues(questions: Questions) -> tuple[Any, ...]:
    keys = {due.calendar_key for due in questions.dues}
    return tuple(sorted((key for key in keys if key is not None), key=str))
