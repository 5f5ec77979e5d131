"""What happened to an appeal, in one line of time: to itself, and in the contact in which it was made."""

from __future__ import annotations

from typing import Any

from kindline.appeals.models import Appeal
from kindline.desk import telling
from kindline.journal.models import Fact
from kindline.journal.queries import facts_of

IN_CONTACT = ("appeal_forwarded", "forwarding_told", "appeal_taken_over", "appeal_answered", "management_notified")
"""Kinds that are written of the contact, since its clauses are judged by them; each names the appeal."""


def facts(found: Appeal) -> list[Fact]:
    """Earliest first; of one moment as they were written."""
    rows = list(facts_of("appeal", found.pk))
    if found.contact_id is not None:
        rows += facts_of("contact", found.contact_id).filter(kind__in=IN_CONTACT, data__appeal=found.pk)
    return sorted(rows, key=lambda one: (one.at, one.id))


def told(found: Appeal, rows: list[Fact] | None = None) -> list[dict[str, Any]]:
    """In the employee's language, as `telling.all_told` gives it."""
    return telling.all_told(facts(found) if rows is None else rows, found.registered_at)
