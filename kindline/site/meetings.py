"""Meetings with the head: which times are free, one booked, told and cancelled."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.utils import formats, translation
from django.utils.translation import gettext

from kindline.clients.login_models import Login
from kindline.correspondence import actions as mail
from kindline.correspondence.addressing import Person
from kindline.correspondence.errors import CorrespondenceError
from kindline.correspondence.norms import Draft
from kindline.journal import actions as journal
from kindline.journal.checking import storable
from kindline.site.errors import AnotherError, NotAcceptedError, OftenTodayError
from kindline.site.form import is_address
from kindline.site.models import Consultation, Meeting
from kindline.site.senders import Bounds, Senders
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.standard.published_data import Reception

NEEDED = ("surname", "given_name", "phone", "matter")
FIELDS = (*NEEDED, "patronymic", "email")
LONGEST = {"surname": 100, "given_name": 100, "patronymic": 100, "phone": 40, "email": 254, "matter": 2000}
A_DAY = Bounds(3, 30)
"""Meetings booked within a day: times are few, and nobody takes them all; a town behind one address still gets some."""
DAY = dt.timedelta(days=1)
Booked = TypeVar("Booked", Meeting, Consultation)


class NotTheirsError(PermissionError):
    """The standard names other roles for the list."""


def reception_of(profile: Profile) -> Reception | None:
    """The hours of the head; None where the standard has none."""
    return profile.publication.reception if profile.publication else None


def free(profile: Profile, reception: Reception, now: dt.datetime) -> list[dt.datetime]:
    """The times that can still be booked, in their order, on working days alone."""
    taken = set(
        Meeting.objects.filter(profile=profile.id, cancelled_at=None, starts_at__gte=now).values_list(
            "starts_at", flat=True
        )
    )
    today, earliest = now.astimezone(profile.zone).date(), now + dt.timedelta(hours=reception.before_hours)
    days = (today + dt.timedelta(days=number) for number in range(reception.ahead_days + 1))
    times = [
        dt.datetime.combine(day, at, profile.zone)
        for day in days
        if profile.calendar.is_working_day(day)
        for at in reception.starts(day)
    ]
    return [one for one in times if one >= earliest and one not in taken]


def book(
    *, profile: Profile, key: uuid.UUID, starts_at: dt.datetime | None, fields: Mapping[str, str], consented: bool,
    language: str, whose: Senders, login: Login | None = None, now: dt.datetime,
) -> Meeting:  # fmt: skip
    """Book a time for a client; the same form again is the same meeting. Told by e-mail where he named one.

    `login`: from whose account; he finds it there.

    Clause: krc-5.7.1-38. Raises: NotAcceptedError with everything that is wrong (taken: the time is gone);
    AnotherError when the form was sent before with something else, or its meeting is cancelled; OftenTodayError for
    many bookings from one browser or address within a day.
    """
    reception = reception_of(profile)
    said = {name: storable(fields.get(name, "")).strip() for name in FIELDS}
    known = Meeting.objects.filter(key=key).first()
    if known is not None:
        return same(known, said | {"starts_at": starts_at})
    faults = faults_of(said, NEEDED, LONGEST, consented)
    if starts_at is None or reception is None or starts_at not in free(profile, reception, now):
        raise NotAcceptedError({"starts_at": "taken" if starts_at else "needed"} | faults)
    if faults:
        raise NotAcceptedError(faults)
    if A_DAY.are_reached(Meeting.objects.filter(made_at__gt=now - DAY), whose):
        raise OftenTodayError
    try:
        with transaction.atomic():
            made = Meeting.objects.create(
                key=key, profile=profile.id, starts_at=starts_at, language=language, sender=whose.address,
                browser=whose.browser, login=login, made_at=now, **said,
            )  # fmt: skip
            _keep(made, "meeting_booked", {}, None, now)
            _tell(made, profile, "", now)
            return made
    except IntegrityError as error:  # the same form, or somebody else's, at the same moment
        known = Meeting.objects.filter(key=key).first()
        if known is not None:
            return same(known, said | {"starts_at": starts_at})
        raise NotAcceptedError({"starts_at": "taken"}) from error


def same(known: Booked, said: Mapping[str, object]) -> Booked:
    """What a form became already, where it says the same once more. Raises: AnotherError, so that no wish is lost."""
    if known.cancelled_at is not None or any(getattr(known, name) != one for name, one in said.items()):
        raise AnotherError(known.number)
    return known


DIGITS = 5
"""The shortest number of a town has so many; what stands around them (an hour, a name) is left as it was typed."""


def faults_of(
    said: Mapping[str, str], needed: Collection[str], longest: Mapping[str, int], consented: bool
) -> dict[str, str]:
    """What is wrong in a form by which a client books something, by field."""
    found = {name: "needed" for name in needed if not said[name]}
    found |= {name: "too_long_here" for name, most in longest.items() if len(said[name]) > most}
    if said["email"] and not is_address(said["email"]):
        found["email"] = "not_email"
    if said["phone"] and sum(sign.isdigit() for sign in said["phone"]) < DIGITS:
        found["phone"] = "not_number"
    return found if consented else found | {"consent": "consent"}


def may_cancel(meeting: Meeting, now: dt.datetime) -> bool:
    """Whether the client may still give the time back."""
    return meeting.cancelled_at is None and meeting.starts_at > now


def cancel(*, profile: Profile, meeting: Meeting, employee: Employee | None, reason: str, now: dt.datetime) -> Meeting:
    """The client, or one who keeps the list with a reason, gives the time back; cancelled twice is once.

    Raises: NotTheirsError; NotAcceptedError where an employee says no reason.
    """
    reception = reception_of(profile)
    if employee is not None and (reception is None or not employee.has_role(*reception.secretaries)):
        raise NotTheirsError(meeting.number)
    if employee is not None and not reason.strip():
        raise NotAcceptedError({"reason": "needed"})
    with transaction.atomic():
        held = Meeting.objects.select_for_update().get(pk=meeting.pk)
        if held.cancelled_at is None:
            held.cancelled_at, held.reason = now, storable(reason).strip()
            held.save(update_fields=["cancelled_at", "reason"])
            data = {"employee": employee.pk if employee else None, "reason": held.reason}
            _keep(held, "meeting_cancelled", data, employee, now)
            if employee is not None:
                _tell(held, profile, held.reason, now)
        return held


def coming(profile: Profile, now: dt.datetime) -> list[Meeting]:
    """The meetings from today on, the next first."""
    midnight = dt.datetime.combine(now.astimezone(profile.zone).date(), dt.time(0), profile.zone)
    return list(Meeting.objects.filter(profile=profile.id, starts_at__gte=midnight).order_by("starts_at", "pk"))


def sweep(*, profile: Profile, now: dt.datetime) -> int:
    """Forget meetings whose time to be kept is over; how many."""
    reception = reception_of(profile)
    if reception is None:
        return 0
    old = now - dt.timedelta(days=reception.kept_days)
    return Meeting.objects.filter(profile=profile.id, starts_at__lt=old).delete()[0]


def _keep(meeting: Meeting, kind: str, more: Mapping[str, object], employee: Employee | None, now: dt.datetime) -> None:
    data = {"number": meeting.number, "starts_at": meeting.starts_at, **more}
    by = actor(employee) if employee else "client"
    journal.record(kind=kind, subject_type="meeting", subject_id=meeting.pk, actor=by, data=data, at=now)


def _tell(meeting: Meeting, profile: Profile, reason: str, now: dt.datetime) -> None:
    """Write to the client where he named an address; what hinders the letter does not hinder the meeting."""
    reception = reception_of(profile)
    if not meeting.email or reception is None:
        return
    with translation.override(meeting.language):
        words = {
            "number": meeting.number, "reason": reason, "place": reception.place,
            "when": formats.date_format(meeting.starts_at.astimezone(profile.zone), "DATETIME_FORMAT"),
        }  # fmt: skip
        if meeting.cancelled_at is None:
            subject = gettext("Your meeting %(number)s: %(when)s") % words
            text = gettext("We expect you on %(when)s: %(place)s. The number of your meeting is %(number)s.") % words
        else:
            subject = gettext("Your meeting %(number)s is cancelled") % words
            text = gettext("The meeting of %(when)s cannot take place: %(reason)s. Please choose another time.") % words
    person = Person(meeting.surname, meeting.given_name, meeting.patronymic)
    draft = Draft(subject, text, meeting.language, person=person, is_automatic=True)
    key = f"meeting:{meeting.pk}:{'off' if meeting.cancelled_at else 'on'}"
    try:
        mail.queue_message(
            profile=profile, key=key, recipient=meeting.email, draft=draft, about="meeting", employee=None, now=now
        )
    except CorrespondenceError:
        return
