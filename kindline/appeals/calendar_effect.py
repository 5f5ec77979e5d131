"""What moved days would do to the limits of open appeals: counted and shown before they are put in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from django.db.models import QuerySet

from kindline.appeals import recomputing, renewing
from kindline.appeals.models import Appeal
from kindline.standard.calendars import WorkingCalendar
from kindline.standard.deadlines import DeadlineRule
from kindline.standard.profile import Profile

LOOKED_MAX = 10_000
SHOWN_MAX = 50


@dataclass(frozen=True, slots=True)
class Change:
    """One appeal whose limit or target moves."""

    appeal: Appeal
    limit_at: dt.datetime | None
    target_at: dt.datetime | None
    becomes_overdue: bool

    @property
    def comes_nearer(self) -> bool:
        """Whether less time is left than before."""
        old, new = self.appeal.limit_at, self.limit_at
        return old is not None and new is not None and new < old


@dataclass(frozen=True, slots=True)
class Effect:
    """How many open appeals there are, were looked at, and change; those that become overdue or nearer come first."""

    waiting: int
    looked_at: int
    touched: int
    changed: int
    overdue: int
    nearer: int
    worse: tuple[Change, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every appeal that can change was looked at."""
        return self.looked_at == self.touched


def of(profile: Profile, calendar: WorkingCalendar, days: Collection[dt.date], now: dt.datetime) -> Effect:
    """The effect of another calendar that differs on these days. Raises: NoWorkingDay.

    Clause: krc-6.1-09. Only terms that look at the calendar, and end on those days or later, can change.
    """
    everything = recomputing.waiting(profile.id)
    found = _touched(everything, profile, days)
    changes, looked = [], 0
    for change in _changes(found, replace(profile, calendar=calendar), now):
        looked += 1
        if change is not None:
            changes.append(change)
    worse = sorted((one for one in changes if one.becomes_overdue or one.comes_nearer), key=_urgency)
    overdue = sum(one.becomes_overdue for one in changes)
    return Effect(
        everything.count(), looked, found.count() if looked == LOOKED_MAX else looked, len(changes), overdue,
        sum(one.comes_nearer for one in changes), tuple(worse[:SHOWN_MAX]),
    )  # fmt: skip


def _urgency(change: Change) -> tuple[bool, str]:
    return not change.becomes_overdue, change.limit_at.isoformat() if change.limit_at else ""


def _touched(rows: QuerySet[Appeal], profile: Profile, days: Collection[dt.date]) -> QuerySet[Appeal]:
    if not days:
        return rows.none()
    first = dt.datetime.combine(min(days), dt.time(0), profile.zone)
    rules = [rule.id for rule in profile.deadlines if looks_at_calendar(rule)]
    return rows.filter(limit_rule__in=rules, limit_at__gte=first)


def looks_at_calendar(rule: DeadlineRule) -> bool:
    """Whether a limit or target of this rule hangs on which days are worked."""
    terms = [term for term in (rule.limit, rule.target) if term is not None]
    return rule.rule == "end_of_working_day" or any(term.unit == "working_days" for term in terms)


def _changes(rows: QuerySet[Appeal], profile: Profile, now: dt.datetime) -> Iterator[Change | None]:
    needed = rows.only(*recomputing.NEEDED, "number", "version").order_by("limit_at", "pk")
    for appeal in needed.prefetch_related("extensions")[:LOOKED_MAX]:
        fresh, limit = renewing.due(profile, appeal)
        same = (appeal.target_at, appeal.limit_at) == (fresh.target, limit)
        was_overdue = appeal.limit_at is not None and appeal.limit_at < now
        late = limit is not None and limit < now and not was_overdue
        yield None if same else Change(appeal, limit, fresh.target, late)
