"""Days of the working calendar moved by order: drafted, put in force together, withdrawn; each ends in a fact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from kindline.journal import actions as journal
from kindline.journal.checking import storable
from kindline.staff import workdays_followed
from kindline.staff.actions import actor
from kindline.staff.models import CalendarEdit, DayKind, Employee
from kindline.staff.order_models import DRAFT, STANDING
from kindline.standard.calendars import Override, WorkingCalendar
from kindline.standard.profile import Profile

YEARS_BACK, YEARS_AHEAD = 1, 3
SHORTER_MAX_MIN = 480


class UnfitEditError(Exception):
    """The edit cannot be kept; `field` says where, `code` why."""

    def __init__(self, field: str, code: str) -> None:
        self.field, self.code = field, code
        super().__init__(f"{field}: {code}")


class ChangedDraftError(Exception):
    """The draft is not what was looked at: somebody has changed it meanwhile; look at it again."""


@dataclass(frozen=True, slots=True)
class Order:
    """By which order days are changed, and why."""

    number: str
    reason: str


def draft_day(
    *,
    profile: Profile,
    day: dt.date,
    kind: str,
    order: Order,
    shorter_min: int = 0,
    employee: Employee,
    now: dt.datetime,
) -> CalendarEdit:
    """Draft one day as working, off or shortened; nothing changes yet. Raises: UnfitEditError."""
    _check(profile, day, "day", kind, now)
    if kind == DayKind.SHORTENED and not 0 < shorter_min <= SHORTER_MAX_MIN:
        raise UnfitEditError("shorter_min", "minutes")
    minutes = shorter_min if kind == DayKind.SHORTENED else 0
    return _draft_of(profile.id, [(day, kind, minutes, None)], order, employee, now)[0]


def draft_move(
    *, profile: Profile, day: dt.date, to: dt.date, order: Order, employee: Employee, now: dt.datetime
) -> list[CalendarEdit]:
    """Draft a day off moved to another day: `day` is worked, `to` is not. Raises: UnfitEditError."""
    if day == to:
        raise UnfitEditError("to", "same_day")
    _check(profile, day, "day", DayKind.WORKING, now)
    _check(profile, to, "to", DayKind.OFF, now)
    return _draft_of(profile.id, [(day, DayKind.WORKING, 0, to), (to, DayKind.OFF, 0, day)], order, employee, now)


@transaction.atomic
def draft_withdrawal(*, edit: CalendarEdit, order: Order, employee: Employee, now: dt.datetime) -> list[CalendarEdit]:
    """Draft that an edit in force is withdrawn, with the other day of its move. Raises: UnfitEditError."""
    both = _of_move(edit, STANDING)
    if not both:
        raise UnfitEditError("day", "not_in_force")
    days = [(one.date, DayKind.STANDARD, 0, one.pair) for one in both]
    return _draft_of(edit.profile, days, order, employee, now)


@transaction.atomic
def drop_draft(*, edit: CalendarEdit, employee: Employee, now: dt.datetime) -> None:
    """Throw a draft away, with the other day of its move. What is not a draft any more stays."""
    for one in _of_move(edit, DRAFT):
        one.ended_at, one.ended_by = now, employee
        one.save(update_fields=["ended_at", "ended_by"])
        _keep("calendar_draft_dropped", one, employee, now)


@transaction.atomic
def put_in_force(
    *, profile: Profile, seen: Collection[int], employee: Employee, now: dt.datetime
) -> list[CalendarEdit]:
    """Put the whole draft in force, if it is what was looked at (`seen`: its keys); earlier edits of the days end.

    Raises: ChangedDraftError.
    """
    held = list(drafts(profile.id).select_for_update(of=("self",)))
    if not held or {one.pk for one in held} != set(seen):
        raise ChangedDraftError("the draft has changed meanwhile")
    earlier = CalendarEdit.objects.filter(STANDING, profile=profile.id, date__in=[one.date for one in held])
    earlier.update(ended_at=now, ended_by=employee)
    for one in held:
        one.in_force_at, one.in_force_by = now, employee
        if one.kind == DayKind.STANDARD:
            one.ended_at, one.ended_by = now, employee
        one.save(update_fields=["in_force_at", "in_force_by", "ended_at", "ended_by"])
        _keep("calendar_edited", one, employee, now)
    transaction.on_commit(lambda: workdays_followed.read(profile.id))
    return held


def drafts(profile_id: str) -> QuerySet[CalendarEdit]:
    """What waits to be put in force, by day."""
    return _edits(profile_id).filter(DRAFT).order_by("date")


def standing(profile_id: str) -> QuerySet[CalendarEdit]:
    """What holds now, by day."""
    return _edits(profile_id).filter(STANDING).order_by("date")


def history(profile_id: str) -> QuerySet[CalendarEdit]:
    """Every edit that was ever in force, the latest first."""
    return _edits(profile_id).filter(in_force_at__isnull=False).order_by("-in_force_at", "-date")


def drafted(profile: Profile) -> WorkingCalendar:
    """The calendar as it would be with the draft in force."""
    days = workdays_followed.overrides(standing(profile.id))
    return profile.calendar.with_edits(_under(days, drafts(profile.id)))


def years(now: dt.datetime, profile: Profile) -> range:
    """The years whose days can be edited."""
    year = now.astimezone(profile.zone).year
    return range(year - YEARS_BACK, year + YEARS_AHEAD + 1)


def _under(days: Mapping[dt.date, Override], changes: Iterable[CalendarEdit]) -> dict[dt.date, Override]:
    changes = list(changes)
    kept = {day: one for day, one in days.items() if day not in {change.date for change in changes}}
    return kept | workdays_followed.overrides(one for one in changes if one.kind != DayKind.STANDARD)


def _edits(profile_id: str) -> QuerySet[CalendarEdit]:
    return CalendarEdit.objects.filter(profile=profile_id).select_related("made_by", "in_force_by", "ended_by")


def _of_move(edit: CalendarEdit, which: Any) -> list[CalendarEdit]:
    """The edit as it is now, and that of the other day where both belong to one move."""
    rows = CalendarEdit.objects.select_for_update(of=("self",)).filter(which, profile=edit.profile)
    found = list(rows.filter(pk=edit.pk))
    if found and edit.pair:
        found += list(rows.filter(date=edit.pair, pair=edit.date))
    return found


def _check(profile: Profile, day: dt.date, field: str, kind: str, now: dt.datetime) -> None:
    """Whether the day can be edited, and whether that changes anything."""
    if day.year not in years(now, profile):
        raise UnfitEditError(field, "too_far")
    if kind not in (DayKind.WORKING, DayKind.OFF, DayKind.SHORTENED):
        raise UnfitEditError("kind", "unknown_kind")
    calendar = drafted(profile)
    works = calendar.is_working_day(day)
    if kind == DayKind.WORKING and works and not calendar.shorter_min(day):
        raise UnfitEditError(field, "is_working")
    if kind == DayKind.OFF and not works:
        raise UnfitEditError(field, "is_off")


Day = tuple[dt.date, str, int, dt.date | None]


def _draft_of(
    profile_id: str, days: Sequence[Day], order: Order, employee: Employee, now: dt.datetime
) -> list[CalendarEdit]:
    number, reason = storable(order.number).strip(), storable(order.reason).strip()
    if not number:
        raise UnfitEditError("order", "no_order")
    if not reason:
        raise UnfitEditError("reason", "no_reason")
    try:
        with transaction.atomic():
            return [_row(profile_id, one, Order(number, reason), employee, now) for one in days]
    except IntegrityError as error:
        raise UnfitEditError("day", "drafted_already") from error


def _row(profile_id: str, day: Day, order: Order, employee: Employee, now: dt.datetime) -> CalendarEdit:
    date, kind, minutes, pair = day
    made = CalendarEdit.objects.create(
        profile=profile_id, date=date, kind=kind, shorter_min=minutes, pair=pair, order=order.number,
        reason=order.reason, made_by=employee, made_at=now,
    )  # fmt: skip
    _keep("calendar_drafted", made, employee, now)
    return made


def _keep(kind: str, edit: CalendarEdit, employee: Employee, now: dt.datetime) -> None:
    data: dict[str, Any] = {
        "day": edit.date.isoformat(),
        "becomes": edit.kind,
        "shorter_min": edit.shorter_min,
        "pair": edit.pair.isoformat() if edit.pair else "",
        "order": edit.order,
        "why": edit.reason,
        "edit": edit.pk,
    }
    journal.record(
        kind=kind, subject_type="calendar", subject_id=edit.profile, actor=actor(employee), data=data, at=now
    )
