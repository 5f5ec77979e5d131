"""Who learns of an appeal on the screen: those in charge at once where the standard says so, others by the ladder.

Clause: court-1-29, krc-6.2-02.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from kindline.appeals import at_once
from kindline.appeals.models import Appeal, Enquiry, ManagementNotice, Measure, Reason
from kindline.journal import actions as journal
from kindline.staff import queries as staff
from kindline.staff.models import Employee, Role
from kindline.standard import loader

REGISTERED = "registered"


@transaction.atomic
def notify(appeal: Appeal, now: dt.datetime) -> list[ManagementNotice]:
    """Bring an appeal to the notice of whom the standard names, if it is of the forms that it names.

    Doing it again changes nothing.
    """
    rule = at_once.rule_of(loader.load(appeal.profile))
    if rule is None or appeal.form not in rule.forms:
        return []
    held = Appeal.objects.select_for_update(of=("self",)).select_related("contact").get(pk=appeal.pk)
    if held.management_notified_at is not None:
        return []
    made = _make(held, staff.with_role(*rule.roles), REGISTERED, now)
    held.management_notified_at = now
    held.save(update_fields=["management_notified_at"])
    if held.contact is not None:
        since = max(held.registered_at, held.contact.ended_at or held.registered_at)
        data = {"appeal": held.pk, "delay_s": (now - since).total_seconds()}
        journal.record(
            kind="management_notified", subject_type="contact", subject_id=held.contact.pk, data=data, at=now
        )
    return made


def tell(appeal: Appeal, employees: Iterable[Employee], reason: str, now: dt.datetime) -> list[Employee]:
    """Bring an appeal to the notice of these people for a reason; those who were told of it already are left out."""
    known = set(ManagementNotice.objects.filter(appeal=appeal, reason=reason).values_list("employee", flat=True))
    fresh = [employee for employee in dict.fromkeys(employees) if employee.pk not in known]
    _make(appeal, fresh, reason, now)
    return fresh


def tell_of(one: Measure | Enquiry, employees: Iterable[Employee], reason: str, now: dt.datetime) -> list[Employee]:
    """The same of a measure or an enquiry, with the appeal to which it belongs; `reason` names it by its key."""
    about = {"measure": one} if isinstance(one, Measure) else {"enquiry": one}
    known = set(ManagementNotice.objects.filter(**about, reason=reason).values_list("employee", flat=True))
    fresh = [employee for employee in dict.fromkeys(employees) if employee.pk not in known]
    _make(one.appeal, fresh, reason, now, **about)
    return fresh


def tell_executor(appeal: Appeal, reason: str, now: dt.datetime) -> list[Employee]:
    """Tell the executor of what came of a letter; those who lead where there is none."""
    executor = appeal.executor
    people = [executor] if executor and executor.is_active else staff.with_role(Role.SUPERVISOR, Role.UNIT_HEAD)
    return tell(appeal, people, reason, now)


def _make(
    appeal: Appeal | None, employees: Iterable[Employee], reason: str, now: dt.datetime, **about: Measure | Enquiry
) -> list[ManagementNotice]:
    rows = [ManagementNotice(appeal=appeal, employee=one, reason=reason, made_at=now, **about) for one in employees]
    return ManagementNotice.objects.bulk_create(rows, ignore_conflicts=True)


def sweep(*, now: dt.datetime, limit: int = 200) -> int:
    """Notify of every registered appeal of which the standard says so and whose talk is over; run it at will."""
    rules = {one: at_once.rule_of(loader.load(one)) for one in loader.profile_ids()}
    return sum(_sweep(name, rule.forms, now, limit) for name, rule in rules.items() if rule)


def _sweep(profile: str, forms: Collection[str], now: dt.datetime, limit: int) -> int:
    waiting = Appeal.objects.filter(profile=profile, form__in=forms, management_notified_at=None)
    found = list(waiting.exclude(contact__ended_at=None).order_by("registered_at")[:limit])
    for appeal in found:
        notify(appeal, now)
    return len(found)


def unseen(employee: Employee) -> QuerySet[ManagementNotice]:
    """What an employee was told of, has not looked at and is not done yet, the latest first."""
    found = standing(ManagementNotice.objects.filter(employee=employee, seen_at=None))
    return found.select_related("appeal", "measure__reason", "enquiry").order_by("-made_at", "-pk")


def told(employee: Employee) -> QuerySet[ManagementNotice]:
    """All that an employee was told of, what he has looked at and what is done too, the latest first."""
    found = ManagementNotice.objects.filter(employee=employee)
    return found.select_related("appeal", "measure__reason", "enquiry").order_by("-made_at", "-pk")


def standing(rows: QuerySet[ManagementNotice]) -> QuerySet[ManagementNotice]:
    """Without those of measures that are finished, of enquiries that are answered, of data that is awaited no more, of
    what was forwarded.

    Of several rungs of one term the last alone.
    """
    rows = rows.exclude(measure__finished_at__isnull=False).exclude(enquiry__closed_at__isnull=False)
    rows = rows.exclude(enquiry__isnull=False, appeal__closed_at__isnull=False)
    over = Q(appeal__data_due_at=None) | Q(appeal__closed_at__isnull=False)
    has_left = Q(appeal__forwarded_at__isnull=False) | Q(appeal__closed_at__isnull=False)
    has_left |= Q(appeal__answered_at__isnull=False) | ~Q(appeal__subject="outside_competence")
    rows = rows.exclude(has_left, reason__startswith="to_forward:")
    return rows.exclude(over, reason__startswith="silent:").exclude(_outrun())


def _outrun() -> Q:
    """A rung of an appeal's term above which the same person was told of another: the last says it all.

    Several come at once where a term moves back: by a correction, a calendar, or after mail was down. One of which the
    standard demands that he is told gives way to another such one alone.
    """
    ladders = [flow.ladder for one in loader.profile_ids() if (flow := loader.load(one).workflow)]
    rungs = [rung for ladder in ladders for rung in ladder if rung.of in ("limit", "target")]
    every, demanded = {rung.id for rung in rungs}, {rung.id for rung in rungs if rung.clauses}
    return _below(every - demanded, every) | _below(demanded, demanded)


def _below(lower: Collection[str], upper: Collection[str]) -> Q:
    same = {"appeal": OuterRef("appeal"), "employee": OuterRef("employee"), "pk__gt": OuterRef("pk")}
    return Q(Exists(ManagementNotice.objects.filter(**same, reason__in=upper, seen_at=None)), reason__in=lower)


def forget(appeal: Appeal, *reasons: str) -> None:
    """What was told of an appeal is no longer so: it is told again when it is so anew."""
    ManagementNotice.objects.filter(appeal=appeal, reason__in=reasons).delete()


def mark_seen(*, employee: Employee, appeal: Appeal, now: dt.datetime) -> None:
    """An employee looked at the appeal that he was told of."""
    ManagementNotice.objects.filter(employee=employee, appeal=appeal, seen_at=None).update(seen_at=now)


def mark_reason_seen(*, employee: Employee, reason: Reason, now: dt.datetime) -> None:
    """An employee looked at the reason of complaints of whose measures he was told."""
    rows = ManagementNotice.objects.filter(employee=employee, appeal=None, measure__reason=reason, seen_at=None)
    rows.update(seen_at=now)
