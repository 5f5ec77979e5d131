"""Judging: facts in, verdicts out, on DuckDB over Arrow or on any Ibis table."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from kindline.standard.clauses import Clause
from kindline.standard.profile import Profile
from kindline.standard.rules.engine import Compiled, Engine, compiled
from kindline.standard.rules.plans import period_plan, subject_plan
from kindline.standard.rules.results import MOMENT, SCHEMA

SUBJECTS_A_CHUNK = 25_000
KEPT_ENGINES = 8
LARGE = 500_000
_local = threading.local()


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
    facts: Any,
    profile: Profile,
    clauses: Iterable[str] | None = None,
    as_of: dt.datetime | None = None,
    subjects: int = SUBJECTS_A_CHUNK,
) -> Iterator[pa.Table]:
    """As `judge`, a part of the subjects at a time, so that memory stays bounded; periods come last."""
    table = normal(facts)
    for plan in plans(profile, clauses):
        engine = _engine(profile, plan) if table.num_rows < LARGE else Engine(profile, plan)
        yield from engine.verdicts(table, as_of, None if plan.of_period else subjects)


def plans(profile: Profile, clauses: Iterable[str] | None = None) -> Iterator[Compiled]:
    """The compiled plans for the clauses: one for single subjects, one for each length of period."""
    wanted = _wanted(profile, clauses)
    single = tuple(clause for clause in wanted if not _of_period(clause))
    if single:
        yield _subjects(profile, single)
    for period in ("day", "month"):
        several = tuple(clause for clause in wanted if _of_period(clause) and _period(clause) == period)
        if several:
            yield _periods(profile, several, period)


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
def _subjects(profile: Profile, clauses: tuple[Clause, ...]) -> Compiled:
    return compiled(subject_plan(profile, clauses), of_period=False)


@lru_cache(maxsize=64)
def _periods(profile: Profile, clauses: tuple[Clause, ...], period: str) -> Compiled:
    return compiled(period_plan(profile, clauses, period), of_period=True)


def _engine(profile: Profile, plan: Compiled) -> Engine:
    """This thread's engine for a plan, kept so that the next few facts are judged at once."""
    kept: dict[int, Engine] = getattr(_local, "kept", {})
    _local.kept = kept
    found = kept.pop(id(plan), None) or Engine(profile, plan)
    kept[id(plan)] = found
    while len(kept) > KEPT_ENGINES:
        kept.pop(next(iter(kept)))
    return found


def normal(facts: Any) -> pa.Table:
    """The facts as Arrow, with moments in UTC without a zone."""
    table = facts if isinstance(facts, pa.Table) else facts.to_pyarrow()
    at = table["at"]
    if at.type != MOMENT:
        at = pc.cast(at, pa.timestamp("us", at.type.tz), safe=False)
        at = pc.cast(at, MOMENT)
    names = ("id", "kind", "subject_type", "subject_id", "data")
    return pa.table({"at": at} | {name: _text(table[name]) for name in names})


def _text(column: Any) -> Any:
    return (
        column if pa.types.is_string(column.type) or pa.types.is_dictionary(column.type) else column.cast(pa.string())
    )
