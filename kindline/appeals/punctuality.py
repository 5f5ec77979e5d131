"""Answers on time: of the cases that were due, how many were answered by their limit (ADR 74).

A case counts in the period in which its limit lies, not in that of its registration or closing: an open late one is in
it from its first late moment.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, astuple, dataclass

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, TruncMonth

from kindline.appeals.models import Appeal, Extension
from kindline.standard.profile import Profile


@dataclass(frozen=True, slots=True)
class Due:
    """What became of the cases whose limit lay in a period."""

    due: int = 0
    on_time: int = 0
    late: int = 0
    """Answered, or closed otherwise, after the limit."""
    overdue_open: int = 0
    """Neither answered nor closed yet."""
    extended: int = 0
    """Of all that were due: the limit had been put off with effect."""
    repeated: int = 0
    """Of all that were due: the applicant came again with the same matter."""

    @property
    def share(self) -> float | None:
        """On time / due; None where nothing was due."""
        return self.on_time / self.due if self.due else None


NAMES = tuple(Due.__dataclass_fields__)


def by_month_and_topic(
    profile: Profile, since: dt.date, until: dt.date, now: dt.datetime
) -> dict[tuple[dt.date, str], Due]:
    """The cases due from the day `since` to before `until`, as far as their limit has passed, by month and topic.

    A topic is its title, empty where a case has none; duplicates follow their original and are not counted.
    """
    rows = _due(profile, since, until, now).annotate(month=TruncMonth("limit_at", tzinfo=profile.zone))
    groups = rows.values("month", "topic__title").annotate(**_counts()).order_by("month", "topic__title")
    counted = groups.values_list("month", "topic__title", *(f"n_{name}" for name in NAMES))
    return {(month.date(), topic or ""): Due(*numbers) for month, topic, *numbers in counted}


def by_month(profile: Profile, since: dt.date, until: dt.date, now: dt.datetime) -> dict[dt.date, Due]:
    """The same by month alone; a month in which nothing was due is left out."""
    found: dict[dt.date, list[Due]] = {}
    for (month, _topic), one in by_month_and_topic(profile, since, until, now).items():
        found.setdefault(month, []).append(one)
    return {month: together(several) for month, several in found.items()}


def together(several: Iterable[Due]) -> Due:
    """Several as one."""
    return Due(*(sum(numbers) for numbers in zip(*map(astuple, several), strict=True)))


def counts(one: Due) -> dict[str, int]:
    """The numbers by their names."""
    return asdict(one)


def _due(profile: Profile, since: dt.date, until: dt.date, now: dt.datetime) -> QuerySet[Appeal]:
    start, end = (dt.datetime.combine(day, dt.time(), profile.zone) for day in (since, until))
    found = Appeal.objects.filter(profile=profile.id, original=None, limit_at__gte=start, limit_at__lt=min(end, now))
    return found.order_by().annotate(settled_at=Coalesce("answered_at", "closed_at"))


def _counts() -> dict[str, Count]:
    own = {"appeal": OuterRef("pk")}
    kinds = {
        "due": Q(),
        "on_time": Q(settled_at__lte=F("limit_at")),
        "late": Q(settled_at__gt=F("limit_at")),
        "overdue_open": Q(settled_at=None),
        "extended": Q(Exists(Extension.objects.filter(**own, effective_at__isnull=False))),
        "repeated": Q(Exists(Appeal.objects.filter(earlier=OuterRef("pk")))),
    }
    return {f"n_{name}": Count("pk", filter=kind) if kind else Count("pk") for name, kind in kinds.items()}
