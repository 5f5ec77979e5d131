"""Reasons of complaints: the list, the reason of each complaint, the monthly analysis, measures against a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from kindline.appeals import frequency, measuring, moves, rights
from kindline.appeals.models import Analysis, AnalysisMonth, Appeal, Measure, Reason
from kindline.conversations.errors import RefusedError
from kindline.journal import actions as journal
from kindline.staff.actions import actor
from kindline.staff.models import Employee, Unit
from kindline.standard import loader
from kindline.standard.profile import Profile


class KnownReasonError(RefusedError):
    """The reason is in the list already."""

    code = "known_reason"


def add_reason(*, profile: Profile, title: str, employee: Employee, now: dt.datetime) -> Reason:
    """Put a reason into the organisation's list (krc-6.2-06).

    Raises: NotYoursError; EmptyTextError; KnownReasonError.
    """
    title = measuring.said(title, "name the reason")
    right = rights.check(profile, "analyse_reasons", employee)
    try:
        with transaction.atomic():
            made = Reason.objects.create(profile=profile.id, title=title, made_at=now)
            _keep("reason_added", made, {"title": title}, employee, now, right.clauses)
            return made
    except IntegrityError:
        raise KnownReasonError(title) from None


def retire_reason(*, reason: Reason, employee: Employee, now: dt.datetime) -> Reason:
    """Take a reason out of the list; complaints that have it keep it. Raises: NotYoursError."""
    with transaction.atomic():
        right = rights.check(loader.load(reason.profile), "analyse_reasons", employee)
        reason.retired_at = reason.retired_at or now
        reason.save(update_fields=["retired_at"])
        _keep("reason_retired", reason, {"title": reason.title}, employee, now, right.clauses)
        return reason


def set_reason(*, appeal: Appeal, reason: Reason | None, employee: Employee, now: dt.datetime) -> Appeal:
    """Say why it is complained, in whatever state the appeal is (krc-6.2-06).

    Raises: NotYoursError; NoWorkflowError.
    """
    with transaction.atomic():
        held = Appeal.objects.select_for_update(of=("self",)).select_related("reason").get(pk=appeal.pk)
        right = rights.check(loader.load(held.profile), "set_reason", employee, held)
        if held.reason != reason:
            data = {"reason": reason.title if reason else "", "old": held.reason.title if held.reason else ""}
            held.reason = reason
            held.save(update_fields=["reason"])
            moves.keep(held, "reason_set", data, employee=employee, now=now, clauses=right.clauses)
        return held


def sweep_months(*, now: dt.datetime) -> int:
    """Open the present month for analysis in every profile that asks for one; run it as often as you like.

    Clause: krc-6.2-06.
    """
    asking = [one for one in map(loader.load, loader.profile_ids()) if one.workflow and one.workflow.analysis_every]
    return sum(_open(profile, now)[1] for profile in asking)


def record_analysis(
    *, profile: Profile, span: frequency.Span, conclusion: str, employee: Employee, now: dt.datetime
) -> Analysis:
    """Keep that the reasons were analysed, with the numbers of this day and the conclusion drawn (krc-6.2-06).

    Raises: NotYoursError; EmptyTextError without a conclusion.
    """
    conclusion = measuring.said(conclusion, "write the conclusion")
    with transaction.atomic():
        right = rights.check(profile, "analyse_reasons", employee)
        month, _ = _open(profile, now)
        found = frequency.top(profile, span)
        counts = [[one.title, one.complaints, one.grounded] for one in found]
        made = Analysis.objects.create(
            month=month, since=span.since, until=span.until, counts=counts, conclusion=conclusion, by=employee,
            made_at=now,
        )  # fmt: skip
        data = {"employee": employee.pk, "complaints": sum(one.complaints for one in found), "reasons": len(counts)}
        _keep_month("reasons_analysed", month, data, employee, now, right.clauses)
        return made


def plan_measure(
    *,
    reason: Reason,
    title: str,
    responsible: Employee,
    units: Sequence[Unit],
    due_on: dt.date,
    employee: Employee,
    now: dt.datetime,
) -> Measure:
    """Plan a measure against a reason, with the units concerned, its day and the responsible head (krc-6.2-07).

    Raises: NotYoursError; EmptyTextError; PastDayError; NotHeadError.
    """
    title, profile = measuring.said(title, "say what is to be done"), loader.load(reason.profile)
    with transaction.atomic():
        right = rights.check(profile, "plan_reason_measure", employee)
        measuring.check_day(due_on, profile, now)
        measuring.check_head(responsible, profile)
        made = Measure.objects.create(
            reason=reason, title=title, responsible=responsible, due_on=due_on, planned_at=now
        )
        made.units.set(units)
        data = {"measure": made.pk, "due_on": due_on.isoformat(), "employee": responsible.pk}
        data |= {"units": [one.name for one in units]}
        _keep("reason_measure_planned", reason, data, employee, now, right.clauses)
        return made


def finish_measure(*, measure: Measure, result: str, employee: Employee, now: dt.datetime) -> Measure:
    """A measure against a reason was carried out; who answers for it may always say so (krc-6.2-07).

    Raises: NotYoursError; EmptyTextError; FinishedError.
    """
    result, reason = measuring.said(result, "say what was done"), _reason(measure)
    profile = loader.load(reason.profile)
    with transaction.atomic():
        if measure.responsible_id != employee.pk:
            rights.check(profile, "finish_reason_measure", employee)
        data = measuring.finish(measure, result, profile, now)
        _keep("reason_measure_finished", reason, data, employee, now)
        return measure


def check_measure(*, measure: Measure, good: bool, comment: str = "", employee: Employee, now: dt.datetime) -> Measure:
    """Control of a finished measure against a reason; one that is not good is open again (krc-6.2-05, krc-6.2-07).

    Raises: NotYoursError; FinishedError.
    """
    reason = _reason(measure)
    with transaction.atomic():
        right = rights.check(loader.load(reason.profile), "check_reason_measure", employee)
        data = measuring.control(measure, good, comment, employee, now)
        _keep("reason_measure_checked", reason, data, employee, now, right.clauses)
        return measure


def _reason(measure: Measure) -> Reason:
    if measure.reason is None:
        raise moves.WrongStateError("this measure belongs to one appeal, not to a reason")
    return measure.reason


def _open(profile: Profile, now: dt.datetime) -> tuple[AnalysisMonth, bool]:
    """The present month, and whether it was opened only now; it is due by its own end."""
    here = now.astimezone(profile.zone)
    with transaction.atomic():
        month, fresh = AnalysisMonth.objects.get_or_create(
            profile=profile.id, month=f"{here:%Y-%m}", defaults={"opened_at": now, "due_at": _end(here, profile.zone)}
        )
        if fresh:
            _keep_month("analysis_due", month, {"due_at": month.due_at}, None, now)
        return month, fresh


def _end(here: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    following = here.date().replace(day=1) + dt.timedelta(days=32)
    return dt.datetime(following.year, following.month, 1, tzinfo=zone)


def _keep_month(
    kind: str,
    month: AnalysisMonth,
    data: Mapping[str, Any],
    employee: Employee | None,
    now: dt.datetime,
    clauses: Sequence[str] = (),
) -> None:
    subject, by = month.month, actor(employee)
    journal.record(kind=kind, subject_type="analysis", subject_id=subject, actor=by, data=data, at=now, clauses=clauses)


def _keep(
    kind: str, reason: Reason, data: Mapping[str, Any], employee: Employee, now: dt.datetime,
    clauses: Sequence[str] = (),
) -> None:  # fmt: skip
    subject, by = reason.pk, actor(employee)
    journal.record(kind=kind, subject_type="reason", subject_id=subject, actor=by, data=data, at=now, clauses=clauses)
