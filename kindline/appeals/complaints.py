"""Complaints: grounded or not, with reasons; rights restored; measures with days and heads, controlled to the end."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from kindline.appeals import fact_checks, measuring, moves
from kindline.appeals.answering import EmptyTextError
from kindline.appeals.measuring import FinishedError
from kindline.appeals.models import Appeal, Decision, Measure
from kindline.conversations.errors import PastDayError
from kindline.journal.checking import storable
from kindline.staff.models import Employee

__all__ = ["Finding", "FinishedError", "PastDayError", "check_measure", "decide", "finish_measure", "plan_measure"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about a complaint, and what follows from it."""

    grounded: bool
    reasons: str
    rights: str = ""
    order: str = ""
    check_record: str = ""
    fault_confirmed: bool = False
    measures_needed: bool = False


def decide(*, appeal: Appeal, finding: Finding, employee: Employee, now: dt.datetime) -> Decision:
    """Decide whether a complaint is grounded, with reasons; deciding again before the check replaces it.

    Clause: krc-6.1-47 (grounded or not), krc-6.1-23 (the check), krc-6.1-48, krc-6.1-51, krc-6.1-52, court-2-07.
    Raises: WrongStateError; NotYoursError; EmptyTextError without reasons.
    """
    if not finding.reasons.strip():
        raise EmptyTextError("give the reasons")
    with transaction.atomic():
        move = moves.begin(appeal, "decide", employee, now)
        texts = {
            name: storable(getattr(finding, name)).strip() for name in ("reasons", "rights", "order", "check_record")
        }
        texts["check_record"] = fact_checks.record(move, texts["check_record"])
        flags = {name: getattr(finding, name) for name in ("grounded", "fault_confirmed", "measures_needed")}
        values = {**texts, **flags, "by": employee, "made_at": now}
        made, _ = Decision.objects.update_or_create(appeal=move.appeal, defaults=values)
        move.keep("complaint_decided", flags)
        move.finish()
        return made


def plan_measure(
    *, appeal: Appeal, title: str, responsible: Employee, due_on: dt.date, employee: Employee, now: dt.datetime
) -> Measure:
    """Plan a corrective measure with its day and the head who answers for it.

    Clause: krc-6.1-48, krc-6.1-53, krc-6.2-04, court-2-09.
    Raises: WrongStateError; NotYoursError; EmptyTextError; PastDayError; NotHeadError.
    """
    title = measuring.said(title, "say what is to be done")
    with transaction.atomic():
        move = moves.begin(appeal, "plan_measure", employee, now)
        measuring.check_day(due_on, move.profile, now)
        measuring.check_head(responsible, move.profile)
        made = Measure.objects.create(
            appeal=move.appeal, title=title, responsible=responsible, due_on=due_on, planned_at=now
        )
        data = {"measure": made.pk, "due_on": due_on.isoformat(), "employee": responsible.pk}
        move.keep("measure_planned", data)
        move.finish()
        return made


def finish_measure(*, measure: Measure, result: str, employee: Employee, now: dt.datetime) -> Measure:
    """The measure was carried out, with what came of it (krc-6.2-04).

    Raises: WrongStateError; NotYoursError; EmptyTextError; FinishedError.
    """
    result = measuring.said(result, "say what was done")
    with transaction.atomic():
        move = moves.begin(_appeal(measure), "finish_measure", employee, now)
        move.keep("measure_finished", measuring.finish(measure, result, move.profile, now))
        move.finish()
        return measure


def check_measure(*, measure: Measure, good: bool, comment: str = "", employee: Employee, now: dt.datetime) -> Measure:
    """Control of a finished measure, after the answer too; one that is not good is open again (krc-6.2-05, krc-6.1-49).

    Raises: WrongStateError; NotYoursError; FinishedError when it is not finished.
    """
    with transaction.atomic():
        move = moves.begin(_appeal(measure), "check_measure", employee, now)
        move.keep("measure_checked", measuring.control(measure, good, comment, employee, now))
        move.finish()
        return measure


def _appeal(measure: Measure) -> Appeal:
    if measure.appeal is None:
        raise moves.WrongStateError("this measure belongs to a reason, not to one appeal")
    return measure.appeal
