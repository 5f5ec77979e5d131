"""The limit of one appeal derived anew, with the extensions that were granted."""

from __future__ import annotations

import datetime as dt

from kindline.appeals import limits, moved_limits, unsorted
from kindline.appeals.models import Appeal
from kindline.journal import actions as journal
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.deadlines import Deadline
from kindline.standard.profile import Profile

LIMIT_FIELDS = ("target_at", "limit_at", "derivation", "limit_clauses", "limit_rule")


def due(profile: Profile, appeal: Appeal) -> tuple[Deadline, dt.datetime | None]:
    """The appeal's limit derived anew, and what it comes to with the extensions that were granted."""
    granted = [one.until_at for one in appeal.extensions.all() if one.effective_at is not None]
    found = unsorted.shortest(profile, appeal) if unsorted.waits(profile, appeal) else limits.limit_of(profile, appeal)
    return found, max([*granted, found.limit]) if found.limit else None


def renew(appeal: Appeal, why: str, *, employee: Employee | None, now: dt.datetime) -> tuple[str, ...]:
    """Derive the limit anew after something on which it depends was changed in the row; the fields to be saved.

    Old and new are kept with the reason. Clause: krc-6.1-13. An extension stays granted.
    """
    old = appeal.target_at, appeal.limit_at
    found, limit = due(loader.at(appeal.profile, appeal.registered_at), appeal)
    limits.set_limit(appeal, found)
    appeal.limit_at = limit
    if (found.target, limit) != old:
        data, by = {"old_limit_at": old[1], "limit_at": limit, "why": why}, actor(employee)
        fact = journal.NewFact(moved_limits.FACT, "appeal", appeal.pk, by, data, now, list(found.clauses))
        journal.record_many([fact])
    return LIMIT_FIELDS
