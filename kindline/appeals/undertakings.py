"""The ladder of what was undertaken: of measures and enquiries too people are told before and after their day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from kindline.appeals import escalation, notices, queries
from kindline.appeals.models import Appeal, Enquiry, Measure
from kindline.journal import actions as journal
from kindline.staff import queries as staff
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.profile import Profile
from kindline.standard.rungs import Rung
from kindline.standard.terms import END_OF_DAY

Undertaking = Measure | Enquiry
BATCH = 500
KINDS = {"measure": Measure, "enquiry": Enquiry}


def sweep(*, now: dt.datetime) -> int:
    """Tell everybody whose rung has come of every measure that is not finished and every enquiry without an answer.

    Run it as often as you like: each rung is told once, and nothing of what is done.
    Clause: krc-6.2-04 (heads of profile units), krc-6.2-05 (directors), krc-6.1-11, court-2-09.
    """
    return sum(_sweep(loader.load(one), now) for one in loader.profile_ids())


def _sweep(profile: Profile, now: dt.datetime) -> int:
    told = 0
    ladder = profile.workflow.undertakings if profile.workflow else ()
    for kind, waiting in (("measure", measures(profile)), ("enquiry", enquiries(profile))):
        rungs = [one for one in ladder if one.of == kind]
        last_day = (now + escalation.ahead(rungs)).astimezone(profile.zone).date()
        for one in _several(waiting.filter(due_on__lte=last_day)) if rungs else ():
            told += sum(_climb(one, rung, profile, now) for rung in rungs)
    return told


def measures(profile: Profile) -> QuerySet[Measure]:
    """Measures that are not finished, of appeals, closed ones too (krc-6.1-49), and of reasons."""
    found = Measure.objects.filter(Q(appeal__profile=profile.id) | Q(reason__profile=profile.id), finished_at=None)
    return found.select_related("responsible__unit__parent", "reason", *APPEAL)


def enquiries(profile: Profile) -> QuerySet[Enquiry]:
    """What was asked for appeals that have not left, and has no outcome yet."""
    found = Enquiry.objects.filter(appeal__profile=profile.id, appeal__closed_at=None, closed_at=None)
    return found.select_related("employee", "by", *APPEAL)


def measures_of(employee: Employee, profile: Profile, *, leads: bool) -> QuerySet[Measure]:
    """Of these an employee's own; of a head those of his unit and of those below it too, of others who lead all.

    Clause: krc-6.2-04, krc-6.2-05.
    """
    found, mine, unit = measures(profile), Q(responsible=employee), employee.unit
    if leads and (unit is None or employee.has_role(*queries.EVERYTHING)):
        return found
    if leads and unit is not None:
        units = staff.units_below(unit)
        of_appeal = Q(appeal__unit__in=units) | Q(appeal__control_unit__in=units)
        mine |= (
            Q(responsible__unit__in=units)
            | of_appeal
            | Q(pk__in=Measure.units.through.objects.filter(unit__in=units).values("measure"))
        )
    return found.filter(mine)


def enquiries_of(employee: Employee, profile: Profile, *, leads: bool) -> QuerySet[Enquiry]:
    """Enquiries asked of an employee, by him or for an appeal of his; of a head those of his units' appeals."""
    found = enquiries(profile)
    if leads:
        return found.filter(appeal__in=queries.of_head(employee, Appeal.objects.all()))
    return found.filter(Q(employee=employee) | Q(by=employee) | Q(appeal__executor=employee))


APPEAL = ("appeal__executor__unit", "appeal__unit__parent", "appeal__control_unit__parent")


def _several(waiting: QuerySet[Any]) -> Iterator[Undertaking]:
    """In batches by key, so that no number of old ones hides a new one."""
    last = 0
    while rows := list(waiting.filter(pk__gt=last).order_by("pk").prefetch_related("notices")[:BATCH]):
        yield from rows
        last = rows[-1].pk


def _climb(one: Undertaking, rung: Rung, profile: Profile, now: dt.datetime) -> int:
    """One rung: nothing before it has come, and nothing to those who know."""
    reason = f"{rung.of}:{one.pk}:{rung.id}"
    known = any(notice.reason == reason for notice in one.notices.all())
    return 0 if known or escalation.beside(ends(one, profile), rung, profile) > now else _tell(one, rung, reason, now)


def ends(one: Undertaking, profile: Profile) -> dt.datetime:
    """The last moment of its day."""
    return dt.datetime.combine(one.due_on, END_OF_DAY, profile.zone)


@transaction.atomic
def _tell(one: Undertaking, rung: Rung, reason: str, now: dt.datetime) -> int:
    """Unless it was done in this moment. The appeal is held first, as by whoever works at it: its key is checked."""
    if one.appeal_id:
        Appeal.objects.select_for_update(of=("self",), no_key=True).filter(pk=one.appeal_id).first()
    held = KINDS[rung.of].objects.select_for_update(of=("self",)).filter(pk=one.pk)  # type: ignore[attr-defined]
    if not held.filter(**{DONE[rung.of]: None}).exists():
        return 0
    people = notices.tell_of(one, addressees(one, rung), reason, now)
    if people:
        _keep(one, rung, people, now)
    return len(people)


DONE = {"measure": "finished_at", "enquiry": "closed_at"}
"""When it was done, by kind."""


def _keep(one: Undertaking, rung: Rung, people: Sequence[Employee], now: dt.datetime) -> None:
    data = {rung.of: one.pk, "rung": rung.id, "due_on": one.due_on.isoformat(), "employees": [who.pk for who in people]}
    subject, key = ("appeal", one.appeal_id) if one.appeal_id else ("reason", getattr(one, "reason_id", None))
    kind = f"{rung.of}_escalated" if one.appeal_id else f"reason_{rung.of}_escalated"
    journal.record(kind=kind, subject_type=subject, subject_id=key, data=data, at=now, clauses=rung.clauses)


def addressees(one: Undertaking, rung: Rung) -> list[Employee]:
    """Who is told on a rung: who does it, the appeal's executor, heads of units, directors."""
    found: list[Employee] = []
    for name in rung.to:
        found += ADDRESSED[name](one)
    return list(dict.fromkeys(found))


def responsible(one: Undertaking) -> list[Employee]:
    """Who does it: who answers for the measure; who was asked, or asked somebody elsewhere; else his heads."""
    if isinstance(one, Measure):
        return [one.responsible] if one.responsible.is_active else escalation.heads_of(one.responsible.unit)
    asked = one.employee or one.by
    return [asked] if asked.is_active else _executor(one)


def _executor(one: Undertaking) -> list[Employee]:
    executor = one.appeal.executor if one.appeal else None
    return [executor] if executor is not None and executor.is_active else []


def _unit_head(one: Undertaking) -> list[Employee]:
    """The head of the unit that received the appeal; of a measure against a reason, of the unit that does it."""
    appeal: Appeal | None = one.appeal
    return escalation.unit_head(appeal) if appeal is not None else _profile_head(one)


def _profile_head(one: Undertaking) -> list[Employee]:
    """The head of the unit that does it (krc-6.2-04)."""
    unit = one.responsible.unit if isinstance(one, Measure) else one.appeal.unit
    return escalation.heads_of(unit) or (escalation.unit_head(one.appeal) if one.appeal else [])


ADDRESSED = {
    "responsible": responsible,
    "executor": _executor,
    "unit_head": _unit_head,
    "profile_head": _profile_head,
    "director": escalation.directors,
    "site_administrator": escalation.site_administrators,
}
