"""Questions to the journal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import QuerySet

from kindline.journal.models import Fact


def facts_of(subject_type: str, subject_id: object) -> QuerySet[Fact]:
    """Every fact about one subject, in the order in which they happened."""
    return Fact.objects.filter(subject_type=subject_type, subject_id=str(subject_id)).order_by("at", "id")


def facts_of_many(subject_type: str, subject_ids: Collection[object]) -> QuerySet[Fact]:
    """Every fact about several subjects, in the order in which they happened."""
    return Fact.objects.filter(subject_type=subject_type, subject_id__in=[str(id_) for id_ in subject_ids]).order_by(
        "at", "id"
    )


def facts_between(since: dt.datetime, until: dt.datetime, *, kind: str = "") -> QuerySet[Fact]:
    """Every fact from `since` (inclusive) to `until` (exclusive), of one kind if asked."""
    found = Fact.objects.filter(at__gte=since, at__lt=until).order_by("at", "id")
    return found.filter(kind=kind) if kind else found


def facts_by_id(ids: Collection[int]) -> dict[int, Fact]:
    """The facts with these ids, as evidence is shown."""
    return {fact.id: fact for fact in Fact.objects.filter(id__in=list(ids))}
