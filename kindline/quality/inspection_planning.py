"""When an object is to be inspected again: planned ahead, drawn by lot where there are many, told when overdue."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from kindline.journal import actions as journal
from kindline.quality.inspection_models import InspectedPlace, Inspection, InspectionDraw, PlaceKind
from kindline.staff import queries as staff
from kindline.staff.models import Employee
from kindline.standard.inspections import DRAWN, Checklist
from kindline.standard.profile import Profile

SUBJECT = "inspection"


@dataclass(frozen=True, slots=True)
class Next:
    """When a checklist is due at a place: the last look (or since when it is there), and the day."""

    checklist: Checklist
    scope: InspectedPlace
    since: dt.date
    due_on: dt.date
    is_planned: bool


def sweep(*, profile: Profile, now: dt.datetime) -> int:
    """Plan what comes due, say what is overdue, drop what is gone; how many were planned. Safe to repeat."""
    if profile.inspections is None:
        return 0
    drop_gone(profile, now)
    made = sum(_plan(profile, one, now) for one in coming(profile))
    _tell_overdue(profile, now)
    return made


def coming(profile: Profile) -> list[Next]:
    """For every checklist and every place: when it is due next; a place with nobody to draw from is left out."""
    if profile.inspections is None:
        return []
    return [
        _next(profile, checklist, scope)
        for checklist in profile.inspections.checklists.values()
        for scope in scopes(profile, checklist)
        if not checklist.is_drawn or population(checklist, scope)
    ]


def scopes(profile: Profile, checklist: Checklist) -> list[InspectedPlace]:
    """By what a checklist is planned: its objects, or the offices in which many of them are."""
    kind = checklist.within if checklist.object in DRAWN else checklist.object
    rows = InspectedPlace.objects.filter(profile=profile.id, kind=kind, left_at=None)
    return list(rows.select_related("unit", "head", "office").order_by("name", "pk"))


def of_scope(checklist: Checklist, scope: InspectedPlace) -> QuerySet[Inspection]:
    """The inspections of a checklist at a place, repetitions left out."""
    rows = Inspection.objects.filter(profile=scope.profile, checklist=checklist.id, repeats=None)
    return rows.filter(draw__place=scope) if checklist.is_drawn else rows.filter(place=scope)


def _next(profile: Profile, checklist: Checklist, scope: InspectedPlace) -> Next:
    rows = of_scope(checklist, scope)
    planned = rows.filter(finished_at=None, dropped_at=None).order_by("due_on").first()
    last = rows.exclude(finished_at=None).order_by("-finished_at").values_list("finished_at", flat=True).first()
    since = (last or scope.entered_at).astimezone(profile.zone).date()
    due_on = planned.due_on if planned else since + dt.timedelta(days=checklist.every_days)
    return Next(checklist, scope, since, due_on, planned is not None)


def _plan(profile: Profile, one: Next, now: dt.datetime) -> int:
    assert profile.inspections is not None  # noqa: S101 - only called with checklists at hand
    ahead = dt.timedelta(days=profile.inspections.planned_days_ahead)
    if one.is_planned or one.due_on - ahead > now.astimezone(profile.zone).date():
        return 0
    return len(plan(profile=profile, checklist=one.checklist, scope=one.scope, due_on=one.due_on, now=now))


@transaction.atomic
def plan(
    *, profile: Profile, checklist: Checklist, scope: InspectedPlace, due_on: dt.date, now: dt.datetime
) -> list[Inspection]:
    """Plan an inspection until a day, unless one is open; of many objects a few are drawn, each a row of its own."""
    InspectedPlace.objects.select_for_update().get(pk=scope.pk)  # two sweeps plan once
    if of_scope(checklist, scope).filter(finished_at=None, dropped_at=None).exists():
        return []
    if not checklist.is_drawn:
        return [_made(profile, checklist, scope, due_on, now)]
    known = population(checklist, scope)
    if not known:
        return []
    draw = _draw(checklist, scope, known, now)
    chosen = by_lot(known, draw.seed)[: checklist.sample or None]
    return [
        _made(profile, checklist, scope, due_on, now, draw=draw, drawn=one) for one in _rows(checklist, chosen)
    ]  # fmt: skip


def plan_anew(profile: Profile, place: InspectedPlace, now: dt.datetime) -> None:
    """What signs say of the place has changed: whatever compares with it is to be looked at soon."""
    assert profile.inspections is not None  # noqa: S101 - places are entered only where there are inspections
    due_on = now.astimezone(profile.zone).date() + dt.timedelta(days=profile.inspections.planned_days_ahead)
    for checklist in profile.inspections.checklists.values():
        if checklist.object == place.kind and any(item.shows for item in checklist.items):
            plan(profile=profile, checklist=checklist, scope=place, due_on=due_on, now=now)


def population(checklist: Checklist, scope: InspectedPlace) -> list[int]:
    """The keys of those from whom a lot draws, ascending: workplaces of the place, or employees of its unit."""
    if checklist.object == "workplace":
        rows = InspectedPlace.objects.filter(office=scope, kind=PlaceKind.WORKPLACE, left_at=None)
        return sorted(rows.values_list("pk", flat=True))
    if scope.unit is None:
        return []
    people = staff.with_role(*checklist.roles).filter(unit__in=staff.units_below(scope.unit))
    return sorted(people.values_list("pk", flat=True))


def by_lot(keys: Iterable[int], seed: str) -> list[int]:
    """The keys in the order of the draw, by a hash of seed and key: anybody can draw it again."""
    return sorted(keys, key=lambda key: hashlib.sha256(f"{seed}:{key}".encode()).hexdigest())


def _draw(checklist: Checklist, scope: InspectedPlace, known: list[int], now: dt.datetime) -> InspectionDraw:
    made = InspectionDraw.objects.create(
        checklist=checklist.id, place=scope, seed=secrets.token_hex(8), population=known, drawn_at=now
    )
    sample = min(checklist.sample or len(known), len(known))
    data = {"checklist": checklist.id, "place": scope.pk, "seed": made.seed, "of": len(known), "sample": sample}
    journal.record(
        kind="inspection_drawn", subject_type="inspection_draw", subject_id=made.pk, data=data, at=now,
        clauses=checklist.clauses,
    )  # fmt: skip
    return made


def _rows(checklist: Checklist, keys: Sequence[int]) -> list[InspectedPlace | Employee]:
    if checklist.object == "workplace":
        return list(InspectedPlace.objects.filter(pk__in=keys).order_by("name", "pk"))
    return list(Employee.objects.filter(pk__in=keys).order_by("surname", "pk"))


def _made(
    profile: Profile, checklist: Checklist, scope: InspectedPlace, due_on: dt.date, now: dt.datetime, *,
    draw: InspectionDraw | None = None, drawn: InspectedPlace | Employee | None = None,
) -> Inspection:  # fmt: skip
    row = Inspection.objects.create(
        profile=profile.id, version=profile.version, checklist=checklist.id, draw=draw,
        place=drawn if isinstance(drawn, InspectedPlace) else scope,
        employee=drawn if isinstance(drawn, Employee) else None,
        since=_next(profile, checklist, scope).since, due_on=due_on, made_at=now,
    )  # fmt: skip
    data = {"checklist": checklist.id, "place": row.place_id, "due_on": due_on.isoformat()}
    data |= {"draw": draw.pk} if draw else {}
    journal.record(kind="inspection_due", subject_type=SUBJECT, subject_id=row.pk, data=data, at=now)
    return row


def open_ones(profile: Profile) -> QuerySet[Inspection]:
    """What is still to be carried out, the earliest first."""
    rows = Inspection.objects.filter(profile=profile.id, finished_at=None, dropped_at=None)
    return rows.select_related("place__office", "place__head", "employee", "inspector").order_by("due_on", "pk")


def _tell_overdue(profile: Profile, now: dt.datetime) -> None:
    """An inspection whose day has passed is itself shown: its clauses are not measurable, since that day."""
    today = now.astimezone(profile.zone).date()
    for row in open_ones(profile).filter(due_on__lt=today, overdue_at=None):
        with transaction.atomic():
            if not Inspection.objects.filter(pk=row.pk, overdue_at=None, finished_at=None).update(overdue_at=now):
                continue
            if row.repeats_id is None:  # of a repetition the first look still says what there is
                data = {"checklist": row.checklist, "place": row.place_id, "due_on": row.due_on.isoformat(),
                        "since": row.since.isoformat()}  # fmt: skip
                journal.record(kind="inspection_overdue", subject_type=SUBJECT, subject_id=row.pk, data=data, at=now)


def drop_gone(profile: Profile, now: dt.datetime) -> None:
    """What was planned of a place or a person that is not there any more is dropped."""
    rows = open_ones(profile)
    for row in rows.exclude(place__left_at=None) | rows.filter(employee__is_active=False):
        with transaction.atomic():
            if Inspection.objects.filter(pk=row.pk, finished_at=None, dropped_at=None).update(dropped_at=now):
                data = {"checklist": row.checklist, "reason": "gone"}
                journal.record(kind="inspection_dropped", subject_type=SUBJECT, subject_id=row.pk, data=data, at=now)
