"""A corrective measure carried out and controlled, whatever it belongs to; its row is held."""

from __future__ import annotations

import datetime as dt
from typing import Any

from kindline.appeals import notices
from kindline.appeals.answering import EmptyTextError
from kindline.appeals.models import Measure
from kindline.conversations.errors import PastDayError, RefusedError
from kindline.journal.checking import storable
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.standard.workflows import Answerable


class FinishedError(RefusedError):
    """The measure is finished, or is not finished yet."""

    code = "measure_state"


class NotHeadError(RefusedError):
    """A standard lets only those of certain roles answer for a measure."""

    code = "not_head"

    def __init__(self, rule: Answerable) -> None:
        self.clauses = rule.clauses
        super().__init__(f"choose a head as responsible: {', '.join(rule.responsible)}")


def said(text: str, wanted: str) -> str:
    """A text that was asked for, as it is kept. Raises: EmptyTextError, saying what is wanted."""
    if not text.strip():
        raise EmptyTextError(wanted)
    return storable(text.strip())


def check_day(day: dt.date, profile: Profile, now: dt.datetime) -> None:
    """Raises: PastDayError for a day that has passed in the organisation's zone."""
    if day < now.astimezone(profile.zone).date():
        raise PastDayError("choose a day that lies ahead")


def check_head(responsible: Employee, profile: Profile) -> None:
    """Raises: NotHeadError for whoever may not answer for a measure by the standard (krc-6.2-04, krc-6.2-07)."""
    rule = profile.workflow.measures if profile.workflow else None
    if rule is not None and not responsible.has_role(*rule.responsible):
        raise NotHeadError(rule)


def finish(measure: Measure, result: str, profile: Profile, now: dt.datetime) -> dict[str, Any]:
    """Write down that it was carried out; returns the data of the fact. Raises: FinishedError."""
    held = Measure.objects.select_for_update().get(pk=measure.pk)
    if held.finished_at is not None:
        raise FinishedError("the measure is finished already")
    measure.finished_at, measure.result = now, result
    measure.save(update_fields=["finished_at", "result"])
    in_time = now.astimezone(profile.zone).date() <= held.due_on
    return {"measure": held.pk, "due_on": held.due_on.isoformat(), "in_time": in_time}


def control(measure: Measure, good: bool, comment: str, employee: Employee, now: dt.datetime) -> dict[str, Any]:
    """Controlled: good, or open again; returns the data of the fact. Raises: FinishedError when it is not finished."""
    held = Measure.objects.select_for_update(of=("self",)).select_related("responsible", "appeal").get(pk=measure.pk)
    if held.finished_at is None:
        raise FinishedError("the measure is not finished yet")
    measure.checked_at, measure.checked_by = (now, employee) if good else (None, None)
    measure.finished_at = held.finished_at if good else None
    measure.save(update_fields=["checked_at", "checked_by", "finished_at"])
    if not good:
        notices.tell_of(held, [held.responsible], f"again:{held.pk}:{int(now.timestamp())}", now)
    return {"measure": held.pk, "good": good, "comment": storable(comment)}
