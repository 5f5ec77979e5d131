"""Running the examples of clauses: facts in, verdict out.

`python -m kindline.standard.examples profiles/krc [clause-id …]` prints those that fail.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kindline.standard import loader, vocabulary
from kindline.standard.clauses import Clause, Example
from kindline.standard.faults import ProfileFaults

if TYPE_CHECKING:
    from kindline.standard.profile import Profile

FACT_COLUMNS = ("id", "at", "kind", "subject_type", "subject_id", "actor", "data")


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that came to something else."""

    clause: str
    file: str
    line: int
    name: str
    expected: str
    came_to: str
    observed: str | None

    def __str__(self) -> str:
        seen = f" (observed: {self.observed})" if self.observed else ""
        return (
            f"{self.file}:{self.line}: {self.clause}: {self.name!r} should be {self.expected}, is {self.came_to}{seen}"
        )


@dataclass(frozen=True, slots=True)
class Case:
    """An example with its facts as rows, its subjects marked with the example's number."""

    clause: Clause
    example: Example
    number: int
    rows: list[dict[str, Any]]
    as_of: dt.datetime | None


def run(profile: Profile, clause_ids: Iterable[str] | None = None) -> list[Failure]:
    """The examples that fail; all clauses of the profile, or those named."""
    named = None if clause_ids is None else set(clause_ids)
    tight = {one.clause for one in profile.local_rules}  # examples are of the standard's own values
    ruled = [clause for clause in profile.clauses.values() if clause.rule and clause.id not in tight]
    clauses = [clause for clause in ruled if named is None or clause.id in named]
    cases = [_case(profile, clause, example, number) for number, (clause, example) in enumerate(_pairs(clauses))]
    found = [
        failure
        for case in cases
        if case.clause.rule and case.clause.rule.per_period
        for failure in _alone(profile, case)
    ]
    return sorted(
        found + list(_together(profile, [c for c in cases if c.clause.rule and not c.clause.rule.per_period])),
        key=lambda failure: (failure.file, failure.line),
    )


def _pairs(clauses: list[Clause]) -> Iterator[tuple[Clause, Example]]:
    for clause in clauses:
        for example in clause.examples:
            yield clause, example


def _case(profile: Profile, clause: Clause, example: Example, number: int) -> Case:
    base = example.base.replace(tzinfo=profile.zone)
    rows = []
    for index, fact in enumerate(example.facts):
        kind = vocabulary.kinds()[fact.kind]
        data = {key: _plain(value, kind.fields.get(key, "text"), base) for key, value in fact.data.items()}
        at = (base + dt.timedelta(seconds=fact.at_s)).astimezone(dt.UTC)
        subject = f"{number}:{fact.subject}"
        row = (f"{number}:{index}", at, fact.kind, fact.type, subject, "system", json.dumps(data, ensure_ascii=False))
        rows.append(dict(zip(FACT_COLUMNS, row, strict=True)))
    as_of = (base + dt.timedelta(seconds=example.as_of_s)).astimezone(dt.UTC) if example.as_of_s is not None else None
    return Case(clause, example, number, rows, as_of)


def _plain(value: Any, kind: str, base: dt.datetime) -> Any:
    """A value as the journal keeps it; a moment may be written as seconds after the base."""
    if kind == "time" and isinstance(value, int | float):
        return (base + dt.timedelta(seconds=value)).isoformat()
    if isinstance(value, dt.datetime):
        return (value if value.tzinfo else value.replace(tzinfo=base.tzinfo)).isoformat()
    return value


def _together(profile: Profile, cases: list[Case]) -> Iterator[Failure]:
    """All examples in one go, each judged at its own moment: the one it names, or that of its last fact."""
    if not cases:
        return
    rows = [row for case in cases for row in (*case.rows, *_moments(profile, case))]
    found = _judged(profile, rows, {case.clause.id for case in cases}, None)
    for case in cases:
        yield from _compared(case, found.get((case.clause.id, f"{case.number}:{case.example.subject}")))


def _moments(profile: Profile, case: Case) -> Iterator[dict[str, Any]]:
    """For each subject of an example the moment at which it is judged, as a mark among its facts."""
    moment = _moment(profile, case)
    for subject_type, subject in {(row["subject_type"], row["subject_id"]) for row in case.rows}:
        values = (f"{subject}:as_of", moment, "#as_of", subject_type, subject, "system", "{}")
        yield dict(zip(FACT_COLUMNS, values, strict=True))


def _moment(profile: Profile, case: Case) -> dt.datetime:
    if case.as_of is not None:
        return case.as_of
    base = case.example.base.replace(tzinfo=profile.zone).astimezone(dt.UTC)
    return max((row["at"] for row in case.rows), default=base)


def _alone(profile: Profile, case: Case) -> Iterator[Failure]:
    found = _judged(profile, case.rows, {case.clause.id}, _moment(profile, case))
    verdicts = [row for (clause, _), row in found.items() if clause == case.clause.id]
    yield from _compared(case, verdicts[0] if verdicts else None)


def _judged(
    profile: Profile, rows: list[dict[str, Any]], ids: set[str], as_of: dt.datetime | None
) -> dict[tuple[str, str], Any]:
    import pyarrow as pa  # noqa: PLC0415 - heavy, and only needed when examples are run

    from kindline.standard.rules import judge  # noqa: PLC0415

    schema = pa.schema([(name, pa.timestamp("us", "UTC") if name == "at" else pa.string()) for name in FACT_COLUMNS])
    table = judge(pa.Table.from_pylist(rows, schema=schema), profile, sorted(ids), as_of)
    columns = table.select(["clause", "subject_id", "verdict", "observed"]).to_pylist()
    return {(row["clause"], row["subject_id"]): row for row in columns}


def _compared(case: Case, row: Any) -> Iterator[Failure]:
    came_to = row["verdict"] if row else "none"
    if came_to != case.example.verdict:
        observed = row["observed"] if row else None
        clause, example = case.clause, case.example
        yield Failure(clause.id, clause.file, example.line, example.name, example.verdict, came_to, observed)


def main(arguments: list[str]) -> int:
    """Runs the examples of a profile folder; 1 if any fails or the profile has faults."""
    try:
        profile = loader.load_path(Path(arguments[0]))
    except ProfileFaults as wrong:
        for fault in wrong.faults:
            print(fault)
        return 1
    failures = run(profile, arguments[1:] or None)
    for failure in failures:
        print(failure)
    print(f"{arguments[0]}: {len(failures)} example(s) failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
