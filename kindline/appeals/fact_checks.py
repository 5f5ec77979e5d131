"""The check of what a complaint states, as a task with a day of its own, from the moment on that somebody has it.

It is an enquiry to the executor: it stands on his desk, climbs the ladder of enquiries, and what came of it is the
record that the decision needs. Clause: krc-6.1-23.
"""

from __future__ import annotations

import datetime as dt

from kindline.appeals import moves
from kindline.appeals.models import Appeal, Enquiry
from kindline.staff.models import Employee
from kindline.standard.workflows import FactCheck


def order(move: moves.Move) -> Enquiry | None:
    """Ask the executor to check by the day of the standard; another executor gets what waits still; else nothing."""
    appeal, check = move.appeal, move.flow.fact_check
    if check is None or appeal.executor is None or not _concerns(check, appeal):
        return None
    known = of(appeal, check, move.profile.language)
    if known is None:
        return _make(move, check, appeal.executor)
    if known.closed_at is None and known.employee_id != appeal.executor_id:
        known.employee = appeal.executor
        known.save(update_fields=["employee"])
    return known


def record(move: moves.Move, said: str) -> str:
    """The record that a decision gets: as said, which ends a check that goes on still; else what came of the check."""
    check = move.flow.fact_check
    found = of(move.appeal, check, move.profile.language) if check else None
    if found is not None and found.closed_at is None and said:
        found.closed_at, found.outcome = move.now, said
        found.save(update_fields=["closed_at", "outcome"])
        in_time = _day(move.now, move.profile.zone) <= found.due_on
        data = {"enquiry": found.pk, "to": "employee", "due_on": found.due_on.isoformat(), "in_time": in_time}
        move.keep("enquiry_closed", data)
    return said or (found.outcome if found else "")


def of(appeal: Appeal, check: FactCheck, language: str) -> Enquiry | None:
    """The check of an appeal, known by the words of the standard; the latest of several. Its row is held."""
    held = Enquiry.objects.select_for_update().filter(appeal=appeal, text=check.title[language])
    return held.order_by("-made_at", "-pk").first()


def _concerns(check: FactCheck, appeal: Appeal) -> bool:
    return appeal.subject in check.subjects and not {appeal.kind, *appeal.kinds_voiced}.isdisjoint(check.kinds)


def _make(move: moves.Move, check: FactCheck, executor: Employee) -> Enquiry:
    appeal, profile = move.appeal, move.profile
    due = check.term.end(move.now, profile.calendar, profile.zone)
    last = min(due, appeal.limit_at) if appeal.limit_at and appeal.limit_at > move.now else due
    made = Enquiry.objects.create(
        appeal=appeal, employee=executor, text=check.title[profile.language], due_on=_day(last, profile.zone),
        by=move.employee or executor, made_at=move.now,
    )  # fmt: skip
    data = {"enquiry": made.pk, "to": "employee", "due_on": made.due_on.isoformat()}
    moves.keep(appeal, "enquiry_made", data, employee=move.employee, now=move.now, clauses=check.clauses)
    return made


def _day(moment: dt.datetime, zone: dt.tzinfo) -> dt.date:
    return moment.astimezone(zone).date()
