"""The score of a review: items met of those that applied; a critical item not met makes it nothing (ADR 74)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from kindline.standard.profile import Profile

MET, NOT_MET = "met", "not_met"
LATEST = """
SELECT DISTINCT ON (fact.subject_id, fact.data->>'form', fact.data->>'item')
    fact.subject_id, fact.data->>'form', fact.data->>'item', fact.data->>'verdict', (fact.data->>'critical')::bool,
    fact.at, contact.employee_id, person.unit_id
FROM journal_fact AS fact
JOIN conversations_contact AS contact ON contact.id = fact.subject_id::uuid
LEFT JOIN staff_employee AS person ON person.id = contact.employee_id
WHERE fact.kind = 'item_judged' AND fact.subject_type = 'contact' AND fact.at < %(until)s
    AND contact.profile = %(profile)s AND fact.subject_id IN (
        SELECT subject_id FROM journal_fact
        WHERE kind = 'item_judged' AND subject_type = 'contact' AND at >= %(since)s AND at < %(until)s)
ORDER BY fact.subject_id, fact.data->>'form', fact.data->>'item', fact.at DESC, fact.id DESC
"""


@dataclass(frozen=True, slots=True)
class Judged:
    """The latest judgement of an item: met, not_met, not_applicable."""

    verdict: str
    critical: bool


@dataclass(frozen=True, slots=True)
class Score:
    """One point an item. What did not apply, or was left open, counts for nobody."""

    won: int
    applicable: int
    critical_errors: int

    @property
    def points(self) -> float | None:
        """Points won / points applicable; None where nothing applied."""
        return self.won / self.applicable if self.applicable else None

    @property
    def value(self) -> float | None:
        """The same, and 0 after any critical error; None where nothing applied."""
        return 0.0 if self.critical_errors else self.points


@dataclass(frozen=True, slots=True)
class Review:
    """A contact judged by a form: when last, whose contact it was and of which unit."""

    contact: str
    form: str
    at: dt.datetime
    employee: int | None
    unit: int | None
    score: Score


@dataclass(frozen=True, slots=True)
class Mean:
    """Several reviews: the mean of their scores with and without the rule of critical errors, and how many had one."""

    reviews: int
    value: float
    points: float
    with_critical: int


def score(items: Iterable[Judged]) -> Score:
    """The score of one review, from the latest judgement of each item."""
    found = [one for one in items if one.verdict in (MET, NOT_MET)]
    missed = [one for one in found if one.verdict == NOT_MET]
    return Score(len(found) - len(missed), len(found), sum(one.critical for one in missed))


def reviews(profile: Profile, since: dt.datetime, until: dt.datetime) -> list[Review]:
    """The reviews that were last worked on from `since` to before `until` and in which anything applied."""
    critical = {(form.id, item.id): item.critical for form in profile.forms.values() for item in form.items}
    with connection.cursor() as cursor:
        cursor.execute(LATEST, {"profile": profile.id, "since": since, "until": until})
        rows = cursor.fetchall()
    items: dict[tuple[str, str], list[Judged]] = {}
    latest: dict[tuple[str, str], dt.datetime] = {}
    whose: dict[tuple[str, str], tuple[int | None, int | None]] = {}
    for contact, form, item, verdict, was_critical, at, employee, unit in rows:
        is_critical = critical.get((form, item), False) if was_critical is None else was_critical
        items.setdefault((contact, form), []).append(Judged(verdict, is_critical))
        latest[contact, form] = max(at, latest.get((contact, form), at))
        whose[contact, form] = employee, unit
    found = [Review(*key, latest[key], *whose[key], score(judged)) for key, judged in items.items()]
    return [one for one in found if one.at >= since and one.score.applicable]


def mean(found: Sequence[Review]) -> Mean | None:
    """Several reviews together, each as heavy as any other; None of none."""
    if not found:
        return None
    values, points = ([getattr(one.score, name) or 0.0 for one in found] for name in ("value", "points"))
    return Mean(
        len(found), math.fsum(values) / len(found), math.fsum(points) / len(found),
        sum(one.score.critical_errors > 0 for one in found),
    )  # fmt: skip


def by(found: Iterable[Review], key: str) -> Mapping[int, Mean]:
    """The mean of each employee or unit (`key`); a unit is that of the employee now. Reviews of nobody are left out."""
    groups: dict[int, list[Review]] = {}
    for one in found:
        whose = getattr(one, key)
        if whose is not None:
            groups.setdefault(whose, []).append(one)
    return {whose: made for whose, several in groups.items() if (made := mean(several)) is not None}
