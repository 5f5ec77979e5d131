"""What is put right after an inspection: by the head who answers for the place, until a day, looked at again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext

from kindline.appeals import measuring, telling_staff
from kindline.conversations.errors import RefusedError
from kindline.correspondence import wires, wording
from kindline.journal import actions as journal
from kindline.quality.inspection_models import Correction, InspectedPlace, Inspection
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

SUBJECT = "inspection"


class NotAnswerableError(RefusedError):
    """Another head answers for the place."""

    code = "not_yours"


class CorrectionStateError(RefusedError):
    """It is put right already, or closed."""

    code = "correction_state"


def answerable(place: InspectedPlace) -> Employee:
    """Who answers for a place: of a workplace or stand, the head of its office (krc-5.3-15)."""
    return place.office.head if place.office is not None else place.head


def follow(
    *, profile: Profile, inspection: Inspection, bad: Sequence[str], titles: Mapping[str, str],
    due_on: dt.date | None, employee: Employee, now: dt.datetime,
) -> Inspection | None:  # fmt: skip
    """After an inspection: close what is put right, plan or plan again what is not, and a look at it; that look.

    `due_on`: until when; None for as long as the standard gives. Clause: krc-5.3-15. Raises: PastDayError.
    """
    for one in looked_at(inspection).exclude(item__in=bad):
        one.closed_at, one.done_at = now, one.done_at or now
        one.save(update_fields=["closed_at", "done_at"])
        _note(one, "correction_checked", {"good": True, "by_inspection": inspection.pk}, employee, now)
    if not bad:
        return None
    day = due_on or default_day(profile, now)
    measuring.check_day(day, profile, now)
    look = Inspection.objects.create(
        profile=profile.id, version=profile.version, checklist=inspection.checklist, place=inspection.place,
        employee=inspection.employee, repeats=inspection, items=list(bad),
        since=now.astimezone(profile.zone).date(), due_on=day, made_at=now,
    )  # fmt: skip
    data = {"checklist": look.checklist, "place": look.place_id, "due_on": day.isoformat(), "repeats": inspection.pk}
    journal.record(kind="inspection_due", subject_type=SUBJECT, subject_id=look.pk, data=data, at=now)
    again = {one.item: one for one in looked_at(inspection)}
    for item in bad:
        if item in again:
            _again(again[item], look, titles[item], day, employee, now)
        else:
            _planned(inspection, look, item, titles[item], day, employee, now)
    _tell(profile, inspection, answerable(inspection.place), day, len(bad), now)
    return look


def default_day(profile: Profile, now: dt.datetime) -> dt.date:
    """Until when something is to be put right where nothing else was said."""
    within = profile.inspections.correct_within_days if profile.inspections else 0
    return now.astimezone(profile.zone).date() + dt.timedelta(days=within)


def looked_at(inspection: Inspection) -> QuerySet[Correction]:
    """The open corrections that this inspection looks at."""
    return Correction.objects.filter(repetition=inspection, closed_at=None)


def open_ones(profile: Profile) -> QuerySet[Correction]:
    """What is not closed yet, the earliest first."""
    rows = Correction.objects.filter(inspection__profile=profile.id, closed_at=None)
    return rows.select_related("inspection__place", "inspection__employee", "responsible", "repetition").order_by(
        "due_on", "pk"
    )


@transaction.atomic
def done(*, profile: Profile, correction: Correction, result: str, employee: Employee, now: dt.datetime) -> Correction:
    """The head says that it is put right, and how; a look at it is still to come.

    Raises: NotAnswerableError; CorrectionStateError; EmptyTextError.
    """
    row: Correction = Correction.objects.select_for_update().get(pk=correction.pk)
    if row.responsible_id != employee.pk:
        raise NotAnswerableError("another head answers for it")
    if row.closed_at is not None or row.done_at is not None:
        raise CorrectionStateError("it is put right already")
    row.done_at, row.result = now, measuring.said(result, "say what was done")
    row.save(update_fields=["done_at", "result"])
    in_time = now.astimezone(profile.zone).date() <= row.due_on
    _note(row, "correction_done", {"in_time": in_time, "employee": employee.pk}, employee, now)
    return row


def _planned(
    inspection: Inspection, look: Inspection, item: str, title: str, day: dt.date, employee: Employee, now: dt.datetime
) -> None:
    made = Correction.objects.create(
        inspection=inspection, item=item, title=title, responsible=answerable(inspection.place), due_on=day,
        planned_at=now, planned_by=employee, repetition=look,
    )  # fmt: skip
    data = {"item": item, "responsible": made.responsible_id, "due_on": day.isoformat(), "employee": employee.pk}
    _note(made, "correction_planned", data, employee, now)


def _again(one: Correction, look: Inspection, title: str, day: dt.date, employee: Employee, now: dt.datetime) -> None:
    """It was looked at again and is still not right: open until the new day."""
    by = one.repetition_id
    one.repetition, one.title, one.due_on, one.done_at, one.result = look, title, day, None, ""
    one.save(update_fields=["repetition", "title", "due_on", "done_at", "result"])
    _note(one, "correction_checked", {"good": False, "by_inspection": by}, employee, now)


def _note(one: Correction, kind: str, data: Mapping[str, object], employee: Employee, now: dt.datetime) -> None:
    journal.record(
        kind=kind, subject_type=SUBJECT, subject_id=one.inspection_id, actor=actor(employee),
        data={"correction": one.pk, **data}, at=now,
    )  # fmt: skip


def _tell(profile: Profile, inspection: Inspection, head: Employee, day: dt.date, count: int, now: dt.datetime) -> None:
    """The head by e-mail, in his language; nobody who was looked at is named in it."""
    if wires.relay() is None or not head.email:
        return
    with translation.override(head.language):
        moment = dt.datetime.combine(day, dt.time(12), profile.zone)
        words = {"count": count, "place": inspection.place.name, "day": wording.shown_date(moment, profile)}
        subject = gettext("To be corrected at %(place)s until %(day)s: %(count)s") % words
        end = gettext("Open the page “Inspections” to see more. This message was composed by the program.")
    telling_staff.write(f"inspection:{inspection.pk}", head, subject, f"{subject}\n\n{end}", profile, now)
