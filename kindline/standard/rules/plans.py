"""Plans: all rules of a set of clauses as two queries, one row a subject and one row a period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis

from kindline.standard.clauses import Clause
from kindline.standard.profile import Profile
from kindline.standard.rules import catalogue, zones
from kindline.standard.rules.features import Questions
from kindline.standard.rules.judgement import (
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
from kindline.standard.rules.sheet import Sheet, no_ids
from kindline.standard.rules.widening import FACTS, Widening, due_table

Table = Any
DUE_DAYS = {"due_day": "int64", "closes": "timestamp", "next_closes": "timestamp"}
OFFENDERS = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """A query and what stands in its columns."""

    clauses: tuple[Clause, ...]
    query: Table
    kinds: tuple[str, ...]
    dues: tuple[Any, ...]
    limits: Mapping[str, str | None]  # clause -> limit as text; None where it is a column
    units: Mapping[str, str]
    period: str | None = None


def unbound(dues: tuple[Any, ...]) -> dict[str, Table]:
    """The tables that a plan reads, by name and columns only."""
    tables = {
        "facts": ibis.table(FACTS, name="facts"),
        "kinds": ibis.table({"kind": "string", "k": "int64"}, name="kinds"),
        "moment": ibis.table({"as_of": "timestamp"}, name="moment"),
    }
    return tables | {due_table(key): ibis.table(DUE_DAYS, name=due_table(key)) for key in dues}


def subject_plan(profile: Profile, clauses: tuple[Clause, ...], tables: Mapping[str, Table] | None = None) -> Plan:
    """Every clause that speaks of single subjects: columns v_, o_, e_, t_ (and l_) by clause number."""
    questions = Questions()
    collected = Sheet(profile, questions)
    judged = [_judge(clause, collected) for clause in clauses]
    dues = _dues(questions)
    widening = Widening(profile, questions, tables or unbound(dues))
    wide = widening.wide()
    sheet = Sheet(profile, questions, wide)
    columns: dict[str, Any] = {}
    for number, clause in enumerate(clauses):
        columns |= _columns(number, clause, sheet)
    limits = {
        clause.id: one.limit if isinstance(one.limit, str) else None
        for clause, one in zip(clauses, judged, strict=True)
    }
    units = {clause.id: one.unit for clause, one in zip(clauses, judged, strict=True)}
    query = wide.select("subject_type", "subject_id", **columns)
    return Plan(clauses, query, tuple(widening.kinds), dues, limits, units)


def _judge(clause: Clause, sheet: Sheet) -> Judgement:
    """A rule's judgement; the questions of its scope and evidence are asked too."""
    rule = clause.rule
    assert rule is not None
    scope(clause, sheet)
    occasion(clause, sheet)
    sheet.count(asked(rule.params, "needs"))
    return catalogue.SUBJECT_RULES[rule.kind](clause, rule.params, sheet)


def _columns(number: int, clause: Clause, sheet: Sheet) -> dict[str, Any]:
    rule = clause.rule
    assert rule is not None
    found = catalogue.SUBJECT_RULES[rule.kind](clause, rule.params, sheet)
    meant = (sheet.wide.subject_type == subject_type(clause)) & scope(clause, sheet) & found.applies
    verdict = found.verdict
    needs = asked(rule.params, "needs")
    if needs:
        verdict = ibis.ifelse(sheet.there(needs), verdict, NOT_MEASURABLE)
    verdict = ibis.ifelse(meant.fill_null(False), verdict, NONE)
    evidence = ibis.ifelse(found.evidence.length() > 0, found.evidence, occasion(clause, sheet))
    columns = {
        f"v{number}": verdict.cast("int8"),
        f"o{number}": found.observed,
        f"e{number}": evidence,
        f"t{number}": ibis.coalesce(found.at, sheet.last_at),
    }
    if not isinstance(found.limit, str):
        columns[f"l{number}"] = found.limit
    return columns


def period_plan(
    profile: Profile, clauses: tuple[Clause, ...], period: str, tables: Mapping[str, Table] | None = None
) -> Plan:
    """Every clause that speaks of a period: one row a day or month."""
    questions = Questions()
    collected = Sheet(profile, questions)
    for clause in clauses:
        scope(clause, collected)
        _tally(clause, collected)
    dues = _dues(questions)
    widening = Widening(profile, questions, tables or unbound(dues))
    wide = widening.wide()
    named = (zones.local_month if period == "month" else zones.local_date)(wide.first_at, profile.zone)
    sheet = Sheet(profile, questions, wide)
    tallies: dict[str, Any] = {"period": named, "last_at": wide.last_at}
    for number, clause in enumerate(clauses):
        tallies |= _tally_columns(number, clause, sheet)
    rows = wide.select(**tallies)
    aggregates: dict[str, Any] = {}
    for number, clause in enumerate(clauses):
        aggregates |= _period_columns(number, clause, rows)
    sums = rows.group_by("period").aggregate(**aggregates)
    verdicts: dict[str, Any] = {}
    for number, clause in enumerate(clauses):
        verdicts |= _period_verdict(number, clause, sums)
    limits: dict[str, str | None] = {clause.id: _bounds(clause).told() for clause in clauses}
    units = {
        clause.id: "share" if clause.rule and clause.rule.kind == "share" else _bounds(clause).unit
        for clause in clauses
    }
    return Plan(clauses, sums.select("period", **verdicts), tuple(widening.kinds), dues, limits, units, period)


def _tally(clause: Clause, sheet: Sheet) -> Tally:
    rule = clause.rule
    assert rule is not None
    return catalogue.PERIOD_RULES[rule.kind](clause, rule.params, sheet)


def _bounds(clause: Clause) -> Any:
    assert clause.rule is not None
    return bounds(clause.rule.params)


def _tally_columns(number: int, clause: Clause, sheet: Sheet) -> dict[str, Any]:
    found = _tally(clause, sheet)
    meant = ((sheet.wide.subject_type == subject_type(clause)) & scope(clause, sheet) & found.applies).fill_null(False)
    nothing = ibis.null().cast("float64")
    return {
        f"m{number}": meant,
        f"a{number}": ibis.ifelse(meant, found.amount, nothing),
        f"b{number}": ibis.ifelse(meant, found.base, nothing),
        f"w{number}": ibis.ifelse(meant, found.worst, nothing),
        f"x{number}": ibis.ifelse(meant & found.offends, found.evidence[0], ibis.null().cast("string")),
    }


def _period_columns(number: int, clause: Clause, rows: Table) -> dict[str, Any]:
    assert clause.rule is not None
    meant = rows[f"m{number}"]
    percentile = clause.rule.params.get("statistic") == "p95"
    value = (
        rows[f"w{number}"].quantile(0.95, where=meant)
        if percentile
        else rows[f"a{number}"].sum(where=meant) / rows[f"b{number}"].sum(where=meant)
    )
    offender = rows[f"x{number}"]
    return {
        f"n{number}": rows.count(where=meant),
        f"value{number}": value,
        f"e{number}": offender.collect(where=offender.notnull()),
        f"t{number}": rows.last_at.max(where=meant),
    }


def _period_verdict(number: int, clause: Clause, sums: Table) -> dict[str, Any]:
    value, limit = sums[f"value{number}"], _bounds(clause)
    counted = (sums[f"n{number}"] > 0) & value.notnull()
    return {
        f"v{number}": ibis.ifelse(counted, kept(~limit.breached(value, value)), NONE).cast("int8"),
        f"o{number}": value,
        f"e{number}": sums[f"e{number}"].fill_null(no_ids())[:OFFENDERS],
        f"t{number}": sums[f"t{number}"],
    }


def _dues(questions: Questions) -> tuple[Any, ...]:
    keys = {due.calendar_key for due in questions.dues}
    return tuple(sorted((key for key in keys if key is not None), key=str))
