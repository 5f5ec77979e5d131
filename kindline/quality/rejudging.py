"""What must be judged again later: promises that fall due without a further fact, and periods with news."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from kindline.journal.models import Fact
from kindline.quality import periods
from kindline.quality.models import Rejudging
from kindline.standard import deadlines, hours, patterns
from kindline.standard.clauses import Clause
from kindline.standard.patterns import Pattern
from kindline.standard.profile import Profile

PERIOD_DELAY_S = 20
AFTER_DUE = dt.timedelta(seconds=1)
Subject = tuple[str, str]


def expect_periods(facts: Iterable[Fact], profile: Profile, now: dt.datetime) -> None:
    """Judge the months of these facts again soon, once however many facts arrive."""
    months = {periods.month_of(fact.at, profile.zone) for fact in facts if fact.subject_type == "contact"}
    at = now + dt.timedelta(seconds=PERIOD_DELAY_S)
    rows = [Rejudging(subject_type=periods.SUBJECT, subject_id=month, at=at) for month in months]
    Rejudging.objects.bulk_create(rows, ignore_conflicts=True)


def expect_dues(profile: Profile, table: pa.Table, subjects: Collection[Subject], now: dt.datetime) -> None:
    """Note for each subject when a promise of it next falls due; subjects without an open promise are forgotten."""
    clauses = [one for one in profile.clauses.values() if one.rule is not None and one.rule.kind == "deadline"]
    nexts: dict[Subject, dt.datetime] = {}
    speaking = {pattern.kind for one in clauses if one.rule for pattern in _patterns(one.rule.params)}
    for subject, facts in _grouped(table, speaking).items():
        dues = [due for clause in clauses for due in _open_dues(profile, clause, facts, now)]
        if subject in subjects and dues:
            nexts[subject] = min(dues) + AFTER_DUE
    for type_ in {type_ for type_, _ in subjects}:
        done = [id_ for other, id_ in subjects if other == type_ and (other, id_) not in nexts]
        Rejudging.objects.filter(subject_type=type_, subject_id__in=done).delete()
    Rejudging.objects.bulk_create(
        [Rejudging(subject_type=type_, subject_id=id_, at=at) for (type_, id_), at in nexts.items()],
        update_conflicts=True,
        unique_fields=["subject_type", "subject_id"],
        update_fields=["at"],
    )


def take_due(now: dt.datetime, limit: int) -> list[Rejudging]:
    """Take what is due now, held by this transaction; another judge passes it by."""
    rows = list(Rejudging.objects.select_for_update(skip_locked=True).filter(at__lte=now).order_by("at")[:limit])
    Rejudging.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return rows


def _patterns(params: Mapping[str, Any]) -> list[Pattern]:
    return [*patterns.parse(params.get("from")), *patterns.parse(params.get("done"))]


def _grouped(table: pa.Table, kinds: Collection[str]) -> dict[Subject, list[Mapping[str, Any]]]:
    found: dict[Subject, list[Mapping[str, Any]]] = {}
    few = table.filter(pc.is_in(table["kind"], pa.array(sorted(kinds), pa.string())))
    for row in few.sort_by("at").to_pylist():
        fact = {"kind": row["kind"], "at": row["at"], "data": json.loads(row["data"])}
        found.setdefault((row["subject_type"], row["subject_id"]), []).append(fact)
    return found


def _open_dues(
    profile: Profile, clause: Clause, facts: Collection[Mapping[str, Any]], now: dt.datetime
) -> Iterator[dt.datetime]:
    """When the promises of a clause that are not kept yet fall due, as far as that is still to come."""
    params = clause.rule.params if clause.rule else {}
    begun = [fact for fact in facts if _fits(params.get("from"), fact)]
    done = [fact["at"] for fact in facts if _fits(params.get("done"), fact)]
    for fact in begun:
        if not any(at >= fact["at"] for at in done):
            yield from (due for due in _dues(profile, params, fact, now) if due > now)


def _dues(
    profile: Profile, params: Mapping[str, Any], fact: Mapping[str, Any], now: dt.datetime
) -> Iterator[dt.datetime]:
    """The named moment or the end of the working day; else every midnight is looked at."""
    named = fact["data"].get(params.get("due_field", ""))
    if named:
        yield dt.datetime.fromisoformat(named)
    elif params.get("rule") == "end_of_working_day":
        try:
            yield deadlines.end_of_working_day(profile, fact["at"])
        except hours.NoHours:
            return
    else:
        tomorrow = now.astimezone(profile.zone).date() + dt.timedelta(days=1)
        yield dt.datetime.combine(tomorrow, dt.time(0), profile.zone)


def _fits(raw: Any, fact: Mapping[str, Any]) -> bool:
    return any(pattern.matches(fact["kind"], fact["data"]) for pattern in patterns.parse(raw))
