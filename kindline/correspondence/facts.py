"""Facts about letters, written in one way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from kindline.journal import actions as journal
from kindline.staff.actions import actor
from kindline.staff.models import Employee

MAIL, OUTGOING, PAPER = "mail", "outgoing", "paper"


def keep(
    kind: str,
    subject: tuple[str, int],
    data: Mapping[str, Any],
    *,
    now: dt.datetime,
    employee: Employee | None = None,
    clauses: tuple[str, ...] = (),
) -> None:
    """Write a fact about a message, a letter of ours or a paper letter."""
    fact = journal.NewFact(kind, subject[0], subject[1], actor(employee), data, now, clauses)
    journal.record_many([fact])
