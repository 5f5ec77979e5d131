"""Alarms of calls outside (X6): which wait, and what a person in charge found out about one."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from kindline.journal import actions as journal
from kindline.journal.checking import storable
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.switchboard.dialling_models import DialAlarm
from kindline.switchboard.models import Intent

FINDING_MAX, COUNT_MAX = 2000, 32_767
TOO_MANY = "too_many"
HOUSE = ("system", "trunk")
"""What a fact is about where no employee called."""


class DialAlarmError(Exception):
    """An alarm is not settled so; `code` says why: empty, own, settled."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def all_alarms() -> QuerySet[DialAlarm]:
    """Every alarm: those that wait first, then those settled last."""
    rows = DialAlarm.objects.select_related("employee", "settled_by")
    return rows.order_by(F("settled_at").desc(nulls_first=True), "-at", "-pk")


def waiting() -> QuerySet[DialAlarm]:
    """Alarms that nobody has settled, the latest first."""
    return all_alarms().filter(settled_at=None)


@transaction.atomic
def settle(*, alarm: int, finding: str, employee: Employee, now: dt.datetime) -> DialAlarm:
    """A person in charge says why it was so and what he did.

    Raises: DialAlarmError without words, for one's own alarm, and for one that somebody has settled meanwhile.
    """
    told = storable(finding).strip()[:FINDING_MAX]
    row = DialAlarm.objects.select_for_update().get(pk=alarm)
    if row.settled_at is not None:
        raise DialAlarmError("settled")
    if row.employee_id == employee.pk:
        raise DialAlarmError("own")
    if not told:
        raise DialAlarmError("empty")
    row.settled_at, row.settled_by, row.finding = now, employee, told
    row.save(update_fields=["settled_at", "settled_by", "finding"])
    data = {"alarm": row.pk, "reason": row.reason, "finding": told, "employee": employee.pk}
    if row.employee_id:
        fact = journal.NewFact("dial_alarm_settled", "employee", row.employee_id, actor(employee), data, now)
    else:
        fact = journal.NewFact("trunk_alarm_settled", *HOUSE, actor(employee), data, now)
    journal.record_many([fact])
    return row


@transaction.atomic
def of_the_house(*, reason: str, count: int = 1, contact: str = "", now: dt.datetime) -> None:
    """The house was to call a number that it may not, or calls too often: one alarm a reason until it is settled.

    `count` calls are added to those of the alarm that waits; for too many it is how many there were within the hour.
    """
    if _added(reason, count):
        return
    try:
        with transaction.atomic():
            DialAlarm.objects.create(employee=None, reason=reason, count=min(COUNT_MAX, count), at=now)
    except IntegrityError:  # another switchboard was quicker: its alarm waits now
        _added(reason, count)
        return
    data = {"reason": reason, "count": count, "contact": contact}
    journal.record_many([journal.NewFact("trunk_alarm", *HOUSE, "switchboard", data, now)])


def _added(reason: str, count: int) -> bool:
    """Whether such an alarm waits, and counts these calls too."""
    waits = DialAlarm.objects.select_for_update().filter(employee=None, reason=reason, settled_at=None).first()
    if waits is None:
        return False
    waits.count = min(COUNT_MAX, max(waits.count, count) if reason == TOO_MANY else waits.count + count)
    waits.save(update_fields=["count"])
    return True


def lately_of_the_house(reason: str, since: dt.datetime) -> bool:
    """Whether such an alarm of the house waits, or was raised or settled since then."""
    recent = Q(settled_at=None) | Q(settled_at__gt=since) | Q(at__gt=since)
    return DialAlarm.objects.filter(recent, employee=None, reason=reason).exists()


def of_refused(refused: Mapping[str, str], now: dt.datetime) -> None:
    """Numbers outside were refused at the trunk itself: why, by the intent of the call."""
    calls = dict(Intent.objects.filter(pk__in=refused).values_list("pk", "call_id")) if refused else {}
    for intent, reason in refused.items():
        of_the_house(reason=reason, contact=str(calls.get(uuid.UUID(intent)) or ""), now=now)
