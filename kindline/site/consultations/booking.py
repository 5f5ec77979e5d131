"""A consultation is booked, told, cancelled, called to mind, and forgotten when its time is over."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from kindline.clients.login_models import Login
from kindline.journal import actions as journal
from kindline.journal.checking import storable
from kindline.site import meetings
from kindline.site.consultations import telling, timetable
from kindline.site.consultations.timetable import NotTheirsError, Slot, consulting_of
from kindline.site.errors import NotAcceptedError, OftenTodayError
from kindline.site.models import Consultation
from kindline.site.senders import Bounds, Senders
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard.consultation_data import IN_PERSON, VIDEO
from kindline.standard.profile import Profile

FIELDS = ("surname", "given_name", "patronymic", "phone", "email", "problem")
NEEDED = {
    IN_PERSON: ("surname", "given_name", "phone", "problem"),
    VIDEO: ("surname", "given_name", "email", "problem"),
}
WISHED = ("way", "subject", "starts_at", "centre")
LONGEST = {"surname": 100, "given_name": 100, "patronymic": 100, "phone": 40, "email": 254, "problem": 1000}
A_DAY = Bounds(3, 30)
"""Consultations booked within a day: times are few, and nobody takes them all; a town behind one address gets some."""
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client has chosen."""

    way: str
    subject: str
    starts_at: dt.datetime | None
    centre: str = ""


def book(
    *, profile: Profile, key: uuid.UUID, wish: Wish, fields: Mapping[str, str], consented: bool, language: str,
    address: str, whose: Senders, login: Login | None = None, now: dt.datetime,
) -> Consultation:  # fmt: skip
    """Book a free time for a client; the same form again is the same consultation. He is written to at once.

    `login`: from whose account; he finds it there.

    Clause: krc-5.7.1-42, krc-5.7.1-43, krc-5.7.1-45, krc-5.7.1-46, krc-5.7.1-47, krc-5.7.1-48. Raises: NotAcceptedError
    with everything that is wrong (taken: the time is gone); AnotherError when the form was sent before with something
    else, or its consultation is cancelled; OftenTodayError for many bookings a day from one browser or address.
    """
    said = {name: storable(fields.get(name, "")).strip() for name in FIELDS}
    known = Consultation.objects.filter(key=key).first()
    if known is not None:
        return meetings.same(known, said | {name: getattr(wish, name) for name in WISHED})
    consulting, faults = consulting_of(profile), meetings.faults_of(said, NEEDED.get(wish.way, ()), LONGEST, consented)
    if consulting is None or wish.way not in consulting.ways or wish.subject not in consulting.subjects:
        raise NotAcceptedError({"subject": "needed"} | faults)
    several = timetable.free(profile, consulting, wish.way, wish.subject, now)
    slot = next((one for one in several if (one.starts_at, one.centre) == (wish.starts_at, wish.centre)), None)
    if slot is None:
        raise NotAcceptedError({"starts_at": "taken" if wish.starts_at else "needed"} | faults)
    if faults:
        raise NotAcceptedError(faults)
    if A_DAY.are_reached(Consultation.objects.filter(made_at__gt=now - DAY), whose):
        raise OftenTodayError
    row = Consultation(
        key=key, profile=profile.id, way=wish.way, subject=wish.subject, centre=slot.centre, language=language,
        address=address, sender=whose.address, browser=whose.browser, login=login, made_at=now,
        starts_at=slot.starts_at,
        ends_at=slot.starts_at + dt.timedelta(minutes=consulting.every_minutes), **said,
    )  # fmt: skip
    return _given(row, slot, profile, now)


def _given(row: Consultation, slot: Slot, profile: Profile, now: dt.datetime) -> Consultation:
    """To the first specialist who is still free then: each is held while it is looked. Raises: NotAcceptedError."""
    for specialist in slot.specialists:
        try:
            with transaction.atomic():
                if (made := _tried(row, specialist, profile, now)) is not None:
                    return made
        except IntegrityError:  # the same form at the same moment
            known = Consultation.objects.filter(key=row.key).first()
            if known is not None:
                return meetings.same(known, {name: getattr(row, name) for name in (*FIELDS, *WISHED)})
    raise NotAcceptedError({"starts_at": "taken"})


def _tried(row: Consultation, specialist: int, profile: Profile, now: dt.datetime) -> Consultation | None:
    Employee.objects.select_for_update(of=("self",), no_key=True).get(pk=specialist)
    others = Consultation.objects.filter(specialist=specialist, cancelled_at=None)
    if others.filter(starts_at__lt=row.ends_at, ends_at__gt=row.starts_at).exists():
        return None
    row.pk, row.specialist_id = None, specialist
    row.save(force_insert=True)
    _keep(row, "consultation_booked", {"way": row.way, "specialist": specialist}, None, now)
    telling.invite(made=row, profile=profile, now=now)
    return row


@transaction.atomic
def cancel(
    *, profile: Profile, consultation: Consultation, employee: Employee | None, reason: str, now: dt.datetime
) -> Consultation:
    """The client, his specialist or who organises gives the time back; the client is told why. Twice is once.

    Raises: NotTheirsError; NotAcceptedError where an employee says no reason.
    """
    held = Consultation.objects.select_for_update().get(pk=consultation.pk)
    if employee is not None and not may_lead(profile, held, employee):
        raise NotTheirsError(held.number)
    if employee is not None and not reason.strip():
        raise NotAcceptedError({"reason": "needed"})
    if held.cancelled_at is None and held.begun_at is None:
        held.cancelled_at, held.reason = now, storable(reason).strip()
        held.save(update_fields=["cancelled_at", "reason"])
        data = {"employee": employee.pk if employee else None, "reason": held.reason}
        _keep(held, "consultation_cancelled", data, employee, now)
        if employee is not None:
            telling.call_off(made=held, profile=profile, now=now)
    return held


def may_cancel(consultation: Consultation, now: dt.datetime) -> bool:
    """Whether the client may still give the time back."""
    return consultation.cancelled_at is None and consultation.begun_at is None and consultation.starts_at > now


def may_lead(profile: Profile, consultation: Consultation, employee: Employee) -> bool:
    """Whether it is his own consultation, or he organises them."""
    consulting = consulting_of(profile)
    own = consultation.specialist_id == employee.pk
    return consulting is not None and (own or employee.has_role(*consulting.organisers))


def coming(profile: Profile, employee: Employee, now: dt.datetime) -> QuerySet[Consultation]:
    """The consultations from today on, the next first: one's own, or all for who organises."""
    consulting = consulting_of(profile)
    midnight = dt.datetime.combine(now.astimezone(profile.zone).date(), dt.time(0), profile.zone)
    rows = Consultation.objects.filter(profile=profile.id, starts_at__gte=midnight).select_related("specialist")
    if consulting is None or not employee.has_role(*consulting.organisers):
        rows = rows.filter(specialist=employee)
    return rows.order_by("starts_at", "pk")


def remind(*, profile: Profile, now: dt.datetime) -> int:
    """Write to clients whose consultations begin soon, once each; how many. Whoever has just booked knows it.

    Clause: krc-5.7.1-48.
    """
    consulting = consulting_of(profile)
    if consulting is None:
        return 0
    ahead = dt.timedelta(minutes=consulting.remind_minutes)
    due = Consultation.objects.filter(
        profile=profile.id, cancelled_at=None, reminded_at=None, ended_at=None, starts_at__gt=now,
        starts_at__lte=now + ahead,
    )  # fmt: skip
    return sum(_reminded(one, ahead, profile, now) for one in due.values_list("pk", flat=True))


@transaction.atomic
def _reminded(key: int, ahead: dt.timedelta, profile: Profile, now: dt.datetime) -> bool:
    held = Consultation.objects.select_for_update().get(pk=key)
    if held.reminded_at is not None or held.cancelled_at is not None:
        return False
    held.reminded_at = now
    held.save(update_fields=["reminded_at"])
    if held.made_at > held.starts_at - ahead:
        return False
    _keep(held, "consultation_reminded", {}, None, now)
    telling.remind(made=held, profile=profile, now=now)
    return True


def sweep(*, profile: Profile, now: dt.datetime) -> int:
    """Forget bookings whose time to be kept is over; how many. What is measured stays with their contacts."""
    consulting = consulting_of(profile)
    if consulting is None:
        return 0
    old = now - dt.timedelta(days=consulting.kept_days)
    rows = Consultation.objects.filter(profile=profile.id, starts_at__lt=old)
    return _count(rows.delete()[1])


def _count(deleted: Mapping[str, int]) -> int:
    return deleted.get(Consultation._meta.label, 0)


def _keep(
    made: Consultation, kind: str, more: Mapping[str, object], employee: Employee | None, now: dt.datetime
) -> None:
    data = {"number": made.number, "starts_at": made.starts_at, **more}
    by = actor(employee) if employee else "client"
    journal.record(
        kind=kind, subject_type="consultation", subject_id=made.pk, actor=by, data=data, at=now,
    )  # fmt: skip


__all__ = ["NotTheirsError", "Wish", "book", "cancel", "coming", "may_cancel", "may_lead", "remind", "sweep"]
