"""The working calendar changed by order: put in force, and the limits of open appeals computed anew by themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction

from kindline.appeals import calendar_effect, recomputing
from kindline.appeals.models import Recomputation
from kindline.conversations.errors import RefusedError
from kindline.staff import workdays
from kindline.staff.models import CalendarEdit, Employee
from kindline.standard.calendars import NoWorkingDay, WorkingCalendar
from kindline.standard.profile import Profile


class DraftChangedError(RefusedError):
    """Somebody has changed the draft meanwhile: look at its effect again."""

    code = "draft_changed"


class NoDayLeftError(RefusedError):
    """With this draft a term would never end: leave some days worked."""

    code = "no_day_left"


def effect(profile: Profile, drafts: Collection[CalendarEdit], now: dt.datetime) -> calendar_effect.Effect:
    """What the draft would do to open appeals. Raises: NoDayLeftError."""
    try:
        return calendar_effect.of(profile, workdays.drafted(profile), [one.date for one in drafts], now)
    except NoWorkingDay as error:
        raise NoDayLeftError(str(error)) from error


@transaction.atomic
def put_in_force(*, profile: Profile, seen: Collection[int], employee: Employee, now: dt.datetime) -> Recomputation:
    """Put the draft that was looked at in force, and have the limits of open appeals computed anew (krc-6.1-09).

    Raises: DraftChangedError; NoDayLeftError.
    """
    _check_days(workdays.drafted(profile), [one.date for one in workdays.drafts(profile.id)])
    try:
        edits = workdays.put_in_force(profile=profile, seen=seen, employee=employee, now=now)
    except workdays.ChangedDraftError as error:
        raise DraftChangedError(str(error)) from error
    why = "; ".join(dict.fromkeys(f"{one.reason}, {one.order}" for one in edits))
    return recomputing.begin(profile=profile, why=why, employee=employee, now=now)


def _check_days(calendar: WorkingCalendar, days: Collection[dt.date]) -> None:
    """Whether every stretch of days off around these ends. Raises: NoDayLeftError."""
    try:
        for day in days:
            calendar.next_working_day(calendar.last_working_day(day))
    except NoWorkingDay as error:
        raise NoDayLeftError(str(error)) from error
