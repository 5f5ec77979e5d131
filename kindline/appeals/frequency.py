"""How often which reason is complained of: the top of a period, its running share, its trend (krc-6.2-06)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMonth, TruncWeek

from kindline.appeals.models import Appeal, Reason
from kindline.conversations.models import Topic
from kindline.staff.models import Unit
from kindline.standard.profile import Profile

Step = Literal["week", "month"]
COMPLAINTS = ("complaint",)
"""What is a complaint where the workflow does not say which kinds are decided as one."""


@dataclass(frozen=True, slots=True)
class Span:
    """Which complaints are meant: registered from a day to a day (both inclusive), of a unit, of a topic."""

    since: dt.date
    until: dt.date
    unit: Unit | None = None
    topic: Topic | None = None


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """A reason (None: nobody has named one yet), how often, how often grounded, its share and the running share."""

    reason: Reason | None
    complaints: int
    grounded: int
    open_measures: int
    share: float
    running: float

    @property
    def title(self) -> str:
        """What the reason is called; empty where there is none."""
        return self.reason.title if self.reason else ""


@dataclass(frozen=True, slots=True)
class Trend:
    """Complaints by week or month: the first day of each, and for each reason how many."""

    starts: list[dt.date]
    rows: list[tuple[Reason | None, list[int]]]


def complaints(profile: Profile, span: Span) -> QuerySet[Appeal]:
    """The complaints of a span, the latest first."""
    kinds = list((profile.workflow.decided_kinds if profile.workflow else ()) or COMPLAINTS)
    found = Appeal.objects.filter(
        Q(kind__in=kinds) | Q(kinds_voiced__overlap=kinds),
        profile=profile.id,
        registered_at__gte=_midnight(span.since, profile),
        registered_at__lt=_midnight(span.until + dt.timedelta(days=1), profile),
    )
    if span.unit is not None:
        found = found.filter(Q(unit=span.unit) | Q(control_unit=span.unit))
    if span.topic is not None:
        found = found.filter(Q(topic=span.topic) | Q(topic__parent=span.topic))
    return found.order_by("-registered_at")


def top(profile: Profile, span: Span) -> list[ReasonCount]:
    """The reasons by frequency, those without one last."""
    rows = complaints(profile, span).order_by().values("reason").annotate(
        n=Count("pk"), grounded=Count("pk", filter=Q(decision__grounded=True))
    )  # fmt: skip
    counted = {row["reason"]: row for row in rows}
    known = {reason.pk: reason for reason in _with_measures(counted)}
    keys = sorted(counted, key=lambda key: (key is None, -counted[key]["n"], known[key].title if key else ""))
    return list(_running([(known[key] if key else None, counted[key]) for key in keys]))


def trend(profile: Profile, span: Span, step: Step) -> Trend:
    """Complaints by week or month, every one of the span, the most frequent reason first."""
    trunc = TruncWeek if step == "week" else TruncMonth
    bucket = trunc("registered_at", tzinfo=profile.zone)
    rows = (
        complaints(profile, span).order_by().annotate(bucket=bucket).values("reason", "bucket").annotate(n=Count("pk"))
    )
    counted = {(row["reason"], row["bucket"].date()): row["n"] for row in rows}
    starts = list(_starts(span, step))
    reasons = Reason.objects.in_bulk([key for key, _ in counted if key])
    made = [
        (reasons.get(key) if key else None, [counted.get((key, start), 0) for start in starts])
        for key in {key for key, _ in counted}
    ]
    return Trend(starts, sorted(made, key=lambda row: (row[0] is None, -sum(row[1]), str(row[0]))))


def reasons(profile: Profile) -> QuerySet[Reason]:
    """The list from which a reason is chosen."""
    return Reason.objects.filter(profile=profile.id, retired_at=None).order_by("title")


def _with_measures(counted: Any) -> QuerySet[Reason]:
    waiting = Count("measures", filter=Q(measures__checked_at=None))
    return Reason.objects.filter(pk__in=[key for key in counted if key]).annotate(waiting=waiting)


def _running(rows: list[tuple[Reason | None, Any]]) -> Iterator[ReasonCount]:
    total, so_far = sum(row["n"] for _, row in rows), 0
    for reason, row in rows:
        so_far += row["n"]
        waiting = getattr(reason, "waiting", 0)
        yield ReasonCount(reason, row["n"], row["grounded"], waiting, row["n"] / total, so_far / total)


def _starts(span: Span, step: Step) -> Iterator[dt.date]:
    """The first day of every week or month that the span touches."""
    day = span.since - dt.timedelta(days=span.since.weekday()) if step == "week" else span.since.replace(day=1)
    while day <= span.until:
        yield day
        day = day + dt.timedelta(days=7) if step == "week" else (day + dt.timedelta(days=32)).replace(day=1)


def _midnight(day: dt.date, profile: Profile) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(0), profile.zone)
