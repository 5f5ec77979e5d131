"""Stages of services: which go on, which are late, who leads them, and the ladder by which people are told of that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

from django.db import transaction
from django.db.models import QuerySet

from kindline.appeals import escalation, moves, notices
from kindline.appeals.models import Appeal
from kindline.appeals.stage_models import Stage
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.profile import Profile
from kindline.standard.rungs import Rung
from kindline.standard.terms import END_OF_DAY

OF = "stage"
BATCH = 500


def going_on(profile: Profile) -> QuerySet[Stage]:
    """The stages that are being carried out, of requests that have not left the registry."""
    found = Stage.objects.filter(
        request__appeal__profile=profile.id, request__appeal__closed_at=None, begun_at__isnull=False, done_at=None
    )
    appeal = "request__appeal"
    return found.select_related(
        f"{appeal}__executor__unit", f"{appeal}__unit__parent", f"{appeal}__control_unit__parent"
    )


def of_people(profile: Profile, people: Collection[int]) -> QuerySet[Stage]:
    """The stages of requests whose executors these are, the most urgent first."""
    return going_on(profile).filter(request__appeal__executor__in=people).order_by("due_on", "pk")


def sweep(*, now: dt.datetime) -> int:
    """Tell everybody whose rung has come of every stage that goes on; each rung once. Run it as often as you like.

    Clause: krc-6.2-02, krc-6.2-04, krc-6.1-09.
    """
    return sum(_sweep(loader.load(one), now) for one in loader.profile_ids())


def _sweep(profile: Profile, now: dt.datetime) -> int:
    rungs = [one for one in (profile.workflow.undertakings if profile.workflow else ()) if one.of == OF]
    if not rungs:
        return 0
    last_day = (now + escalation.ahead(rungs)).astimezone(profile.zone).date()
    waiting = going_on(profile).filter(due_on__lte=last_day)
    return sum(_climb(one, rung, profile, now) for one in _several(waiting) for rung in rungs)


def _several(waiting: QuerySet[Stage]) -> Iterator[Stage]:
    """In batches by key, so that no number of old ones hides a new one."""
    last = 0
    while rows := list(waiting.filter(pk__gt=last).order_by("pk").prefetch_related("request__appeal__notices")[:BATCH]):
        yield from rows
        last = rows[-1].pk


def _climb(one: Stage, rung: Rung, profile: Profile, now: dt.datetime) -> int:
    """One rung: nothing before it has come, and nothing to those who know."""
    assert one.due_on is not None, "the sweep's filter"  # noqa: S101
    reason = f"{OF}:{one.pk}:{rung.id}"
    known = any(notice.reason == reason for notice in one.request.appeal.notices.all())
    end = dt.datetime.combine(one.due_on, END_OF_DAY, profile.zone)
    return 0 if known or escalation.beside(end, rung, profile) > now else _tell(one, rung, reason, now)


@transaction.atomic
def _tell(one: Stage, rung: Rung, reason: str, now: dt.datetime) -> int:
    """Unless it was done in this moment."""
    if not Stage.objects.select_for_update().filter(pk=one.pk, done_at=None).exists():
        return 0
    appeal = one.request.appeal
    people = notices.tell(appeal, addressees(appeal, rung), reason, now)
    if people:
        due_on = one.due_on.isoformat() if one.due_on else ""
        data = {"stage": one.stage, "rung": rung.id, "due_on": due_on, "employees": [who.pk for who in people]}
        moves.keep(appeal, "stage_escalated", data, employee=None, now=now, clauses=rung.clauses)
    return len(people)


def addressees(appeal: Appeal, rung: Rung) -> list[Employee]:
    """Who is told: the executor, who leads the stage, else heads; heads of units, directors."""
    found: list[Employee] = []
    for name in rung.to:
        found += escalation.ADDRESSED["executor" if name == "responsible" else name](appeal)
    return list(dict.fromkeys(found)) or escalation.unit_head(appeal)
