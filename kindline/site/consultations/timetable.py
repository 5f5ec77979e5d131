"""When specialists consult: hours that those in charge enter, and the times that can still be booked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet

from kindline.journal import actions as journal
from kindline.site.errors import NotAcceptedError
from kindline.site.models import Consultation, ConsultingHours
from kindline.staff import queries as staff
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard.consultation_data import IN_PERSON, Consulting
from kindline.standard.profile import Profile

Span = tuple[dt.datetime, dt.datetime]


class NotTheirsError(PermissionError):
    """The standard names other roles for the timetable and the list."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that is free, where, and with whom; whoever has least to do that day comes first."""

    starts_at: dt.datetime
    centre: str
    specialists: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Hours as they were typed."""

    weekday: int
    start: dt.time | None
    end: dt.time | None
    ways: tuple[str, ...]
    since: dt.date | None
    centre: str = ""
    subjects: tuple[str, ...] = ()
    until: dt.date | None = None


def consulting_of(profile: Profile) -> Consulting | None:
    """How consultations are booked; None where the standard has none."""
    return profile.publication.consultation if profile.publication else None


def check_right(profile: Profile, employee: Employee) -> None:
    """Only those who organise may change the timetable. Raises: NotTheirsError."""
    consulting = consulting_of(profile)
    if consulting is None or not employee.has_role(*consulting.organisers):
        raise NotTheirsError(employee.pk)


def who_consult(consulting: Consulting) -> list[Employee]:
    """The employees whose roles consult."""
    return list(staff.with_role(*consulting.specialists).order_by("surname", "given_name", "pk"))


def in_force(profile: Profile, day: dt.date) -> QuerySet[ConsultingHours]:
    """The hours that hold on a day or will begin later, by specialist and day of the week."""
    rows = ConsultingHours.objects.filter(profile=profile.id).select_related("specialist")
    ahead = rows.filter(Q(until=None) | Q(until__gte=day))
    return ahead.order_by("specialist__surname", "specialist_id", "weekday", "start", "pk")


@transaction.atomic
def add_hours(
    *, profile: Profile, specialist: Employee, plan: Plan, employee: Employee, now: dt.datetime
) -> ConsultingHours:
    """Enter hours of a specialist; hours of one person never overlap.

    Clause: krc-5.7.1-42. Raises: NotTheirsError; NotAcceptedError with everything that is wrong.
    """
    check_right(profile, employee)
    consulting = consulting_of(profile)
    assert consulting is not None  # noqa: S101 - nobody has the right without it
    Employee.objects.select_for_update(of=("self",), no_key=True).get(pk=specialist.pk)
    if found := dict(_faults(profile, consulting, specialist, plan)):
        raise NotAcceptedError(found)
    assert plan.start and plan.end and plan.since  # noqa: S101, PT018 - what is missing was said
    made = ConsultingHours.objects.create(
        profile=profile.id, specialist=specialist, weekday=plan.weekday, start=plan.start, end=plan.end,
        ways=list(plan.ways), centre=plan.centre if IN_PERSON in plan.ways else "", subjects=list(plan.subjects),
        since=plan.since, until=plan.until,
    )  # fmt: skip
    data = {
        "weekday": made.weekday, "start": f"{made.start:%H:%M}", "end": f"{made.end:%H:%M}", "ways": made.ways,
        "since": made.since.isoformat(),
    }  # fmt: skip
    _keep(made, "consultation_hours_added", data, employee, now)
    return made


@transaction.atomic
def end_hours(
    *, profile: Profile, hours: ConsultingHours, until: dt.date | None, employee: Employee, now: dt.datetime
) -> ConsultingHours:
    """Say on which day hours hold for the last time; what is booked later stays, until somebody cancels it.

    Raises: NotTheirsError; NotAcceptedError without a day.
    """
    check_right(profile, employee)
    if until is None:
        raise NotAcceptedError({"until": "needed"})
    held = ConsultingHours.objects.select_for_update().get(pk=hours.pk)
    held.until = until
    held.save(update_fields=["until"])
    _keep(held, "consultation_hours_ended", {}, employee, now)
    return held


def _keep(hours: ConsultingHours, kind: str, more: Mapping[str, object], employee: Employee, now: dt.datetime) -> None:
    data = {
        "employee": employee.pk, "specialist": hours.specialist_id,
        "until": hours.until.isoformat() if hours.until else "", **more,
    }  # fmt: skip
    journal.record(
        kind=kind, subject_type="consultation_hours", subject_id=hours.pk, actor=actor(employee), data=data, at=now
    )


def _faults(profile: Profile, consulting: Consulting, specialist: Employee, plan: Plan) -> Iterator[tuple[str, str]]:
    if not specialist.has_role(*consulting.specialists) or not specialist.is_active:
        yield "specialist", "needed"
    if not plan.ways or not set(plan.ways) <= set(consulting.ways):
        yield "ways", "needed"
    if IN_PERSON in plan.ways and plan.centre not in consulting.centres:
        yield "centre", "needed"
    if plan.since is None:
        yield "since", "needed"
    elif plan.until is not None and plan.until < plan.since:
        yield "until", "before"
    if plan.start is None or plan.end is None:
        yield "start" if plan.start is None else "end", "needed"
    elif not any(_starts(plan.start, plan.end, consulting.every_minutes)):
        yield "end", "no_room"
    elif plan.since is not None and _overlaps(profile, specialist, plan):
        yield "start", "overlap"


def _overlaps(profile: Profile, specialist: Employee, plan: Plan) -> bool:
    rows = ConsultingHours.objects.filter(profile=profile.id, specialist=specialist, weekday=plan.weekday)
    rows = rows.filter(start__lt=plan.end, end__gt=plan.start).filter(Q(until=None) | Q(until__gte=plan.since))
    return (rows if plan.until is None else rows.filter(since__lte=plan.until)).exists()


def _starts(start: dt.time, end: dt.time, minutes: int) -> Iterator[dt.datetime]:
    """When slots begin within hours, on no day in particular."""
    length, at = dt.timedelta(minutes=minutes), dt.datetime.combine(dt.date.min, start)
    while at + length <= dt.datetime.combine(dt.date.min, end):
        yield at
        at += length


def free(profile: Profile, consulting: Consulting, way: str, subject: str, now: dt.datetime) -> list[Slot]:
    """The times that can still be booked for a subject, in their order, on working days alone.

    Clause: krc-5.7.1-45.
    """
    today, earliest = now.astimezone(profile.zone).date(), now + dt.timedelta(minutes=consulting.before_minutes)
    days = [today + dt.timedelta(days=number) for number in range(consulting.ahead_days + 1)]
    rows = [
        row
        for row in in_force(profile, today).filter(specialist__is_active=True)
        if way in row.ways and (not row.subjects or subject in row.subjects)
    ]
    busy = _busy(rows, now)
    found: dict[tuple[dt.datetime, str], list[int]] = {}
    for day in filter(profile.calendar.is_working_day, days):
        for starts_at, row in _of_day(rows, day, profile, consulting):
            span = (starts_at, starts_at + dt.timedelta(minutes=consulting.every_minutes))
            if starts_at >= earliest and not _meets(span, busy.get(row.specialist_id, ())):
                place = (starts_at, row.centre if way == IN_PERSON else "")
                found.setdefault(place, []).append(row.specialist_id)
    return [
        Slot(starts_at, centre, _least_busy(several, busy, starts_at, profile))
        for (starts_at, centre), several in sorted(found.items())
    ]


def _of_day(
    rows: Sequence[ConsultingHours], day: dt.date, profile: Profile, consulting: Consulting
) -> Iterator[tuple[dt.datetime, ConsultingHours]]:
    for row in rows:
        if row.weekday == day.weekday() and row.since <= day and (row.until is None or day <= row.until):
            for at in _starts(row.start, row.end, consulting.every_minutes):
                yield dt.datetime.combine(day, at.time(), profile.zone), row


def _busy(rows: Iterable[ConsultingHours], now: dt.datetime) -> dict[int, list[Span]]:
    booked = Consultation.objects.filter(
        specialist__in={row.specialist_id for row in rows}, cancelled_at=None, ends_at__gt=now
    )
    found: dict[int, list[Span]] = {}
    for specialist, starts_at, ends_at in booked.values_list("specialist_id", "starts_at", "ends_at"):
        found.setdefault(specialist, []).append((starts_at, ends_at))
    return found


def _meets(span: Span, others: Iterable[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)


def _least_busy(
    several: Iterable[int], busy: Mapping[int, Sequence[Span]], at: dt.datetime, profile: Profile
) -> tuple[int, ...]:
    day = at.astimezone(profile.zone).date()

    def load(specialist: int) -> tuple[int, int]:
        spans = busy.get(specialist, ())
        return sum(start.astimezone(profile.zone).date() == day for start, _ in spans), specialist

    return tuple(sorted(set(several), key=load))
