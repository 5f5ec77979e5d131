"""An operator has ended a talk on a ground of the standard: those in charge are told, each once."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from kindline.journal import actions as journal
from kindline.staff import queries as staff
from kindline.staff.models import Employee
from kindline.switchboard.floor_models import TerminationNotice

SHOWN_MOST = 20


@transaction.atomic
def tell(*, contact: str, operator: int, ground: str, now: dt.datetime) -> list[int]:
    """Tell those in charge, but not himself, that an operator ended a talk; returns who is told for the first time."""
    known = set(TerminationNotice.objects.filter(contact_id=contact).values_list("employee", flat=True))
    people = [one.pk for one in staff.in_charge() if one.pk != operator and one.pk not in known]
    about = {"contact_id": contact, "operator_id": operator, "ground": ground, "ended_at": now}
    TerminationNotice.objects.bulk_create([TerminationNotice(**about, employee_id=one) for one in people])
    if people:
        data = {"employee": operator, "ground": ground, "employees": people}
        journal.record(kind="termination_told", subject_type="contact", subject_id=contact, data=data, at=now)
    return people


def unseen(employee: Employee) -> list[TerminationNotice]:
    """The talks ended on a ground that somebody in charge has not said he has seen, the latest first."""
    found = TerminationNotice.objects.filter(employee=employee, seen_at=None).select_related("operator", "contact")
    return list(found.order_by("-ended_at", "-pk")[:SHOWN_MOST])


def see(*, employee: Employee, upto: int, now: dt.datetime) -> int:
    """He has seen what he was shown, up to a notice; what came meanwhile stays."""
    rows = TerminationNotice.objects.filter(employee=employee, seen_at=None, pk__lte=upto)
    return rows.update(seen_at=now)
