"""What one applicant has written: by topic, how often in a year, and how he was answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from kindline.appeals import linking, queries
from kindline.appeals.linking import Written
from kindline.appeals.models import Appeal
from kindline.desk import access, house
from kindline.standard import loader

YEAR = dt.timedelta(days=365)
SHOWN = 200
ON_CARD = 5


@dataclass
class Matter:
    """The applicant's appeals on one topic."""

    topic: str
    rows: list[dict[str, Any]] = field(default_factory=list)


@require_safe
@access.for_roles(*access.REGISTRY)
def show(request: HttpRequest, appeal: int) -> HttpResponseBase:
    """All other appeals of the applicant of one, topic by topic; its own topic first (krc-6.1-55)."""
    found = get_object_or_404(queries.appeals(), pk=appeal)
    rows = list(linking.of_applicant(found).select_related("topic", "answer", "executor")[:SHOWN])
    context = {
        "appeal": found,
        "applicant": found.applicant or str(found.client or ""),
        "matters": _by_topic(found, rows),
        "count": len(rows),
        "in_year": _in_year(found, rows),
    }
    return render(request, "desk/applicant.html", context)


def summary(found: Appeal) -> dict[str, Any]:
    """For the card: how many in the year before, the last ones, and those answered on the same topic."""
    rows = linking.written(found, most=SHOWN)
    answered = [one for one in rows if one.answered_at and one.topic_id == found.topic_id and found.topic_id]
    return {
        "count": len(rows), "in_year": _in_year(found, rows), "rows": [_row(found, one) for one in rows[:ON_CARD]],
        "answered": answered[:ON_CARD],
    }  # fmt: skip


def _in_year(found: Appeal, rows: Iterable[Appeal | Written]) -> int:
    """Appeals of the year that ends with this one, itself among them."""
    since = found.registered_at - YEAR
    return 1 + sum(since < one.registered_at <= found.registered_at for one in rows)


def _by_topic(found: Appeal, rows: Iterable[Appeal]) -> list[Matter]:
    matters: dict[int | None, Matter] = {}
    for one in rows:
        matters.setdefault(one.topic_id, Matter(one.topic.title if one.topic else "—")).rows.append(_row(found, one))
    return [matters[key] for key in sorted(matters, key=lambda key: (key != found.topic_id, matters[key].topic))]


def _row(found: Appeal, one: Appeal | Written) -> dict[str, Any]:
    """An appeal of the same standard and how it ended, in words."""
    flow = loader.load(found.profile).workflow
    end = flow.ends.get(one.end) if flow else None
    return {"appeal": one, "end": house.titled(end.title) if end else ""}
