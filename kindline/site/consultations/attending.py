"""A client who has booked comes to the service centre: his visit is opened from the booking."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from kindline.conversations import visits
from kindline.conversations.models import Contact
from kindline.journal import actions as journal
from kindline.site.consultations import booking
from kindline.site.consultations.timetable import NotTheirsError
from kindline.site.models import Consultation
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard.consultation_data import IN_PERSON
from kindline.standard.profile import Profile


class NotToBeginError(Exception):
    """It was cancelled, is over, or is held another way."""


@transaction.atomic
def receive(*, profile: Profile, consultation: Consultation, employee: Employee, now: dt.datetime) -> Contact:
    """The client has come: his visit begins, led by the guide of the office; received twice is one visit.

    Clause: krc-5.7.1-43. Raises: NotTheirsError; NotToBeginError.
    """
    held = Consultation.objects.select_for_update().get(pk=consultation.pk)
    if held.specialist_id != employee.pk:
        raise NotTheirsError(held.number)
    if held.contact is not None:
        return held.contact
    if held.way != IN_PERSON or held.cancelled_at is not None or held.ended_at is not None:
        raise NotToBeginError(held.number)
    contact = visits.open_visit(profile=profile, employee=employee, now=now)
    held.contact, held.begun_at, held.ended_at, held.missed_by = contact, now, now, ""
    held.save(update_fields=["contact", "begun_at", "ended_at", "missed_by"])
    keep_begun(held, employee, now)
    return contact


def keep_begun(held: Consultation, employee: Employee, now: dt.datetime) -> None:
    """The fact that a consultation is held, and in which contact."""
    data = {"number": held.number, "contact": str(held.contact_id), "employee": employee.pk}
    journal.record(
        kind="consultation_begun", subject_type="consultation", subject_id=held.pk, actor=actor(employee), data=data,
        at=now,
    )  # fmt: skip


@transaction.atomic
def note_absence(*, profile: Profile, consultation: Consultation, employee: Employee, now: dt.datetime) -> bool:
    """The client did not come, once his time has begun; whether that was new. Raises: NotTheirsError."""
    held = Consultation.objects.select_for_update().get(pk=consultation.pk)
    if not booking.may_lead(profile, held, employee):
        raise NotTheirsError(held.number)
    if held.cancelled_at is not None or held.ended_at is not None or held.begun_at is not None or held.starts_at > now:
        return False
    miss(held, "client", now)
    return True


def miss(held: Consultation, by: str, now: dt.datetime) -> None:
    """Keep that a consultation did not take place, because of whom."""
    held.ended_at, held.missed_by = now, by
    held.save(update_fields=["ended_at", "missed_by"])
    journal.record(
        kind="consultation_missed", subject_type="consultation", subject_id=held.pk, actor="system",
        data={"number": held.number, "by": by}, at=now,
    )  # fmt: skip
