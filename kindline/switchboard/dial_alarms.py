"""Alarms of calls outside (X6): which wait, and what a person in charge found out about one."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F, QuerySet

from kindline.journal import actions as journal
from kindline.journal.checking import storable
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.switchboard.dialling_models import DialAlarm

FINDING_MAX = 2000


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
    journal.record_many(
        [journal.NewFact("dial_alarm_settled", "employee", row.employee_id, actor(employee), data, now)]
    )
    return row
