"""Writing facts: the only way into the journal."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from kindline.journal import doorbell, prepared
from kindline.journal.checking import checked_data

INSERT = "SELECT journal_record(%s::jsonb)"
BATCH = 2000


@dataclass(frozen=True, slots=True)
class NewFact:
    """A fact not written yet; without `at` the database says when."""

    kind: str
    subject_type: str
    subject_id: object
    actor: str = "system"
    data: Mapping[str, Any] = field(default_factory=dict)
    at: dt.datetime | None = None
    clauses: Sequence[str] = ()


def record(
    *,
    kind: str,
    subject_type: str,
    subject_id: object,
    actor: str = "system",
    data: Mapping[str, Any] | None = None,
    at: dt.datetime | None = None,
    clauses: Sequence[str] = (),
) -> int:
    """Write one fact and return its id; it is kept only if the transaction around it commits.

    Raises: UnknownKindError, WrongSubjectError, WrongFieldError (all UnfitFactError) when it is not in the vocabulary.
    """
    return record_many([NewFact(kind, subject_type, subject_id, actor, data or {}, at, clauses)])[0]


def record_many(facts: Sequence[NewFact]) -> list[int]:
    """Write facts in their order, all or none, and return their ids; readers are rung up after the commit.

    Raises: UnfitFactError when any of them is not in the vocabulary; then none is written.
    """
    rows = as_rows(facts)
    if not rows:
        return []
    ids: list[int] = []
    with transaction.atomic(savepoint=False):  # nothing here is tried and given up
        for start in range(0, len(rows), BATCH):
            written = json.dumps(rows[start : start + BATCH], ensure_ascii=False)
            ids += [row[0] for row in prepared.rows(INSERT, [written])]
        transaction.on_commit(doorbell.ring)
    return ids


def as_rows(facts: Sequence[NewFact]) -> list[dict[str, Any]]:
    """The facts as the database's function takes them, for an action that writes them together with its rows.

    Raises: UnfitFactError when any of them is not in the vocabulary.
    """
    return [_row(fact) for fact in facts]


def _row(fact: NewFact) -> dict[str, Any]:
    if fact.at is not None and fact.at.tzinfo is None:
        raise ValueError(f"{fact.kind}: `at` must carry a zone, {fact.at!r} does not")
    return {
        "at": fact.at.isoformat() if fact.at else None,
        "kind": fact.kind,
        "subject_type": fact.subject_type,
        "subject_id": str(fact.subject_id),
        "actor": fact.actor,
        "data": checked_data(fact.kind, fact.subject_type, fact.data),
        "clauses": list(fact.clauses),
    }
