"""Limits that were computed anew because a day was moved or the standard changed, as those are told who keep them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import F, QuerySet, TextField
from django.db.models.functions import Cast

from kindline.appeals.models import Appeal
from kindline.journal.models import Fact
from kindline.journal.queries import facts_between

FACT = "appeal_recomputed"


def since(rows: QuerySet[Appeal], begin: dt.datetime, now: dt.datetime) -> QuerySet[Appeal]:
    """Of the rows those that still wait for an answer and whose limit has come to another moment since then."""
    changed = _facts(begin, now)
    waiting = rows.filter(closed_at=None, answered_at=None)
    if not changed.exists():
        return waiting.none()
    return waiting.annotate(subject_key=Cast("pk", TextField())).filter(subject_key__in=changed.values("subject_id"))


def limits_before(rows: Sequence[Appeal], begin: dt.datetime, now: dt.datetime) -> dict[int, dt.datetime]:
    """When the answer was due until before the first of the changes, by the appeal's key."""
    keys = [str(one.pk) for one in rows]
    facts = _facts(begin, now).filter(subject_id__in=keys).order_by("-at", "-id").values_list("subject_id", "data")
    return {int(key): dt.datetime.fromisoformat(data["old_limit_at"]) for key, data in facts if data["old_limit_at"]}


def _facts(begin: dt.datetime, now: dt.datetime) -> QuerySet[Fact]:
    found = facts_between(begin, now, kind=FACT).filter(subject_type="appeal")
    return found.exclude(data__old_limit_at=F("data__limit_at"))
