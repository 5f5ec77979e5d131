"""Those in charge learn of an appeal at once: when it is registered and the talk is over (court-1-29)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet

from kindline.appeals.models import Appeal, ManagementNotice
from kindline.journal import actions as journal
from kindline.staff import queries as staff
from kindline.staff.models import Employee


@transaction.atomic
def notify(appeal: Appeal, now: dt.datetime) -> list[ManagementNotice]:
    """Bring an appeal to the notice of supervisors, heads of unit and directors; doing it again changes nothing."""
    held = Appeal.objects.select_for_update(of=("self",)).select_related("contact").get(pk=appeal.pk)
    if held.management_notified_at is not None:
        return []
    rows = [ManagementNotice(appeal=held, employee=employee, made_at=now) for employee in staff.in_charge()]
    made = ManagementNotice.objects.bulk_create(rows, ignore_conflicts=True)
    held.management_notified_at = now
    held.save(update_fields=["management_notified_at"])
    if held.contact is not None:
        since = max(held.registered_at, held.contact.ended_at or held.registered_at)
        data = {"appeal": held.pk, "delay_s": (now - since).total_seconds()}
        journal.record(
            kind="management_notified", subject_type="contact", subject_id=held.contact.pk, data=data, at=now
        )
    return made


def sweep(*, now: dt.datetime, limit: int = 200) -> int:
    """Notify of every registered appeal whose talk is over; run it as often as you like."""
    waiting = Appeal.objects.filter(management_notified_at=None).exclude(contact__ended_at=None)
    found = list(waiting.order_by("registered_at")[:limit])
    for appeal in found:
        notify(appeal, now)
    return len(found)


def unseen(employee: Employee) -> QuerySet[ManagementNotice]:
    """What an employee in charge has not looked at yet, the latest first."""
    return (
        ManagementNotice.objects.filter(employee=employee, seen_at=None).select_related("appeal").order_by("-made_at")
    )


def mark_seen(*, employee: Employee, appeal: Appeal, now: dt.datetime) -> None:
    """An employee looked at the appeal that he was told of."""
    ManagementNotice.objects.filter(employee=employee, appeal=appeal, seen_at=None).update(seen_at=now)
