"""The ladder: before and after a limit executor, unit head, profile head and director are told, once a rung."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from kindline.appeals import moves, notices
from kindline.appeals.models import Appeal
from kindline.staff import queries as staff
from kindline.staff.models import Employee, Role, Unit
from kindline.standard import loader
from kindline.standard.profile import Profile
from kindline.standard.rungs import Rung
from kindline.standard.terms import Term

BATCH = 500
SILENT, TO_FORWARD = "silent", "to_forward"
"""How the reason of a notice begins that tells of data which the applicant did not send, or of what belongs elsewhere
and lies here still.
"""
BEGINS = {"data": SILENT, "forwarding": TO_FORWARD}
ELSEWHERE = "outside_competence"
"""The subject of what belongs elsewhere."""


def sweep(*, now: dt.datetime) -> int:
    """Tell everybody whose rung has come of every appeal that waits; run it as often as you like.

    Clause: krc-6.2-01..05 (who controls terms), krc-6.1-09, krc-5.7.2-26, court-1-30, court-1-34, yumek-9.1-07,
    voe-7-04.
    """
    return sum(_sweep(loader.load(one), now) for one in loader.profile_ids())


def _sweep(profile: Profile, now: dt.datetime) -> int:
    """The same for one profile, in batches by key, so that no number of old ones hides a new one."""
    told = last = 0
    ladder = profile.workflow.ladder if profile.workflow else ()
    soon = Q(limit_at__lte=now + ahead(ladder)) | Q(target_at__lte=now) | Q(data_due_at__isnull=False)
    waiting = Appeal.objects.filter(soon, profile=profile.id, closed_at=None, answered_at=None).order_by("pk")
    waiting = waiting.select_related("executor__unit", "unit__parent", "control_unit__parent", "topic")
    while rows := list(waiting.filter(pk__gt=last).prefetch_related("notices")[:BATCH]):
        told += sum(climb(appeal, now) for appeal in rows)
        last = rows[-1].pk
    return told


def ahead(ladder: Iterable[Rung]) -> dt.timedelta:
    """So far ahead of a limit the first rung can lie, whatever the calendar."""
    longest = max((rung.term.n for rung in ladder if rung.side == "before"), default=0)
    return dt.timedelta(days=longest * 3 + 20)


def climb(appeal: Appeal, now: dt.datetime) -> int:
    """Tell of one appeal on every rung that has come; how many people were told anew.

    A limit that was moved since (an extension, a calendar) leaves rungs ahead that were climbed already: they come
    anew, and what was told of the old limit waits for nobody any more. The journal keeps that it was told.
    """
    profile = loader.load(appeal.profile)
    told = 0
    for rung in profile.workflow.ladder if profile.workflow else ():
        moment = moment_of(rung, appeal, profile)
        if moment is None:
            continue
        if moment > now:
            _forget(appeal, rung)
        elif not _known(appeal, rung):
            told += _tell(appeal, rung, now)
    return told


def _forget(appeal: Appeal, rung: Rung) -> None:
    keys = [one.pk for one in appeal.notices.all() if one.reason == reason_of(rung)]
    if keys:
        appeal.notices.filter(pk__in=keys).delete()


def _known(appeal: Appeal, rung: Rung) -> bool:
    """Whether the rung was climbed already; a new executor is told of it anew."""
    people = {one.employee_id for one in appeal.notices.all() if one.reason == reason_of(rung)}
    fresh = "executor" in rung.to and appeal.executor_id is not None and appeal.executor_id not in people
    return bool(people) and not fresh


def moment_of(rung: Rung, appeal: Appeal, profile: Profile) -> dt.datetime | None:
    """When a rung comes: so long before or after the limit, target or awaited data; None where there is none."""
    own = {"target": appeal.target_at, "data": appeal.data_due_at, "forwarding": _leaves_by(appeal)}
    limit = own.get(rung.of, appeal.limit_at)
    return None if limit is None else beside(limit, rung, profile)


def _leaves_by(appeal: Appeal) -> dt.datetime | None:
    """Until when an appeal that belongs elsewhere is to be forwarded; None for others, and once it was (court-1-34)."""
    lies_here = appeal.subject == ELSEWHERE and appeal.forwarded_at is None
    return appeal.limit_at if lies_here else None


def reason_of(rung: Rung) -> str:
    """Why people are told on a rung, as the notice keeps it."""
    return f"{BEGINS[rung.of]}:{rung.id}" if rung.of in BEGINS else rung.id


def beside(limit: dt.datetime, rung: Rung, profile: Profile) -> dt.datetime:
    """So long before or after the limit as the rung says."""
    if rung.side == "after":
        return rung.term.end(limit, profile.calendar, profile.zone) if rung.term.n else limit
    return before(limit, rung.term, profile)


def before(limit: dt.datetime, term: Term, profile: Profile) -> dt.datetime:
    """The beginning of the day that lies so many days before the limit's day."""
    if not term.whole_days:
        return limit - dt.timedelta(**{term.unit: term.n})
    day, left = limit.astimezone(profile.zone).date(), term.n
    while left:
        day -= dt.timedelta(days=1)
        left -= term.unit != "working_days" or profile.calendar.is_working_day(day)
    return dt.datetime.combine(day, dt.time(0), profile.zone)


def addressees(appeal: Appeal, rung: Rung) -> list[Employee]:
    """Who is told on a rung: the executor, heads of the receiving unit, of the executor's unit, directors."""
    found: list[Employee] = []
    for name in rung.to:
        found += ADDRESSED[name](appeal)
    return list(dict.fromkeys(found))


def _executor(appeal: Appeal) -> list[Employee]:
    return [appeal.executor] if appeal.executor and appeal.executor.is_active else []


def unit_head(appeal: Appeal) -> list[Employee]:
    """The head of the unit that received the appeal, else of the executor's (krc-6.2-01, krc-6.2-02)."""
    unit = appeal.control_unit or appeal.unit
    return heads_of(unit) or list(staff.with_role(Role.SUPERVISOR, Role.UNIT_HEAD))


def _profile_head(appeal: Appeal) -> list[Employee]:
    """The head of the unit that carries the appeal out (krc-6.2-04)."""
    unit = appeal.unit or (appeal.executor.unit if appeal.executor else None)
    return heads_of(unit) or unit_head(appeal)


def directors(_about: object) -> list[Employee]:
    return list(staff.with_role(Role.DIRECTOR))


def site_administrators(_about: object) -> list[Employee]:
    """Who forwards requests for data and decides on silence (krc-5.7.2-25, krc-5.7.2-26)."""
    return list(staff.with_role(Role.SITE_ADMINISTRATOR))


def heads_of(unit: Unit | None) -> list[Employee]:
    """Heads of a unit, or of the nearest unit above that has one."""
    while unit is not None:
        heads = list(staff.with_role(Role.UNIT_HEAD).filter(unit=unit))
        if heads:
            return heads
        unit = unit.parent
    return []


ADDRESSED = {
    "executor": _executor,
    "unit_head": unit_head,
    "profile_head": _profile_head,
    "director": directors,
    "site_administrator": site_administrators,
}


@transaction.atomic
def _tell(appeal: Appeal, rung: Rung, now: dt.datetime) -> int:
    """Unless it was answered in this moment; another run that tells of it is waited for."""
    held = Appeal.objects.select_for_update(of=("self",), no_key=True).filter(pk=appeal.pk)
    if not held.filter(closed_at=None, answered_at=None).exists():
        return 0
    told: Iterable[Employee] = notices.tell(appeal, addressees(appeal, rung), reason_of(rung), now)
    people = [one.pk for one in told]
    if people:
        data = {"rung": rung.id, "limit_at": appeal.limit_at, "employees": people}
        moves.keep(appeal, "appeal_escalated", data, employee=None, now=now, clauses=rung.clauses)
    return len(people)
