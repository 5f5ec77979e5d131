"""What is asked of others for an appeal: documents of other officials, the applicant's own part; the term goes on."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet

from kindline.appeals import measuring, moves, rights
from kindline.appeals.measuring import FinishedError
from kindline.appeals.models import Appeal, Enquiry
from kindline.conversations.errors import RefusedError
from kindline.journal.checking import storable
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.workflows import Right


class NoAddresseeError(RefusedError):
    """Say of whom it is asked."""

    code = "no_addressee"


class ClosedAppealError(RefusedError):
    """The appeal has left the registry: nothing more is asked for it."""

    code = "wrong_state"


def enquire(
    *,
    appeal: Appeal,
    to: Employee | str,
    text: str,
    due_on: dt.date,
    employee: Employee,
    now: dt.datetime,
) -> Enquiry:
    """Ask an official, here or elsewhere, for documents and materials by a day (krc-6.1-11).

    The term of the appeal does not stop.
    Raises: NotYoursError; ClosedAppealError; EmptyTextError; PastDayError; NoAddresseeError.
    """
    if isinstance(to, str) and not to.strip():
        raise NoAddresseeError("choose a colleague, or name an official elsewhere")
    inside = to if isinstance(to, Employee) else None
    outside = storable(to.strip()) if isinstance(to, str) else ""
    with transaction.atomic():
        held, right = _held(appeal, "enquire", employee)
        made = Enquiry(appeal=held, employee=inside, addressee=outside, text=text, due_on=due_on, by=employee)
        return _make(made, right, now)


def invite_applicant(*, appeal: Appeal, text: str, due_on: dt.date, employee: Employee, now: dt.datetime) -> Enquiry:
    """Invite the applicant to take part in considering the appeal, where that is needed (krc-6.1-10).

    Raises: NotYoursError; ClosedAppealError; EmptyTextError; PastDayError.
    """
    with transaction.atomic():
        held, right = _held(appeal, "invite_applicant", employee)
        return _make(Enquiry(appeal=held, text=text, due_on=due_on, by=employee), right, now)


def close_enquiry(*, enquiry: Enquiry, outcome: str, employee: Employee, now: dt.datetime) -> Enquiry:
    """What came of it: documents, a refusal, the applicant's part; who was asked may say so himself (krc-6.1-11).

    Raises: NotYoursError; EmptyTextError; FinishedError when it is closed already.
    """
    outcome = measuring.said(outcome, "say what came of it")
    with transaction.atomic():
        held = Enquiry.objects.select_for_update(of=("self",)).select_related("appeal").get(pk=enquiry.pk)
        profile = loader.load(held.appeal.profile)
        if held.employee_id != employee.pk:
            rights.check(profile, "close_enquiry", employee, held.appeal)
        if held.closed_at is not None:
            raise FinishedError("it is closed already")
        held.closed_at, held.outcome = now, outcome
        held.save(update_fields=["closed_at", "outcome"])
        in_time = now.astimezone(profile.zone).date() <= held.due_on
        data = {"enquiry": held.pk, "to": _to(held), "due_on": held.due_on.isoformat(), "in_time": in_time}
        moves.keep(held.appeal, "enquiry_closed", data, employee=employee, now=now)
        return held


def overdue(profile_id: str, today: dt.date) -> QuerySet[Enquiry]:
    """Enquiries without an outcome whose day has passed, the oldest first."""
    waiting = _waiting().filter(appeal__profile=profile_id, due_on__lt=today)
    return waiting.select_related("appeal", "employee").order_by("due_on")


def asked_of(employee: Employee) -> QuerySet[Enquiry]:
    """What waits for an employee's documents, the most urgent first."""
    return _waiting().filter(employee=employee).select_related("appeal", "by").order_by("due_on")


def _waiting() -> QuerySet[Enquiry]:
    """What has no outcome yet, of appeals that have not left the registry: for others nothing is awaited any more."""
    return Enquiry.objects.filter(closed_at=None, appeal__closed_at=None)


def _held(appeal: Appeal, act: str, employee: Employee) -> tuple[Appeal, Right]:
    held = Appeal.objects.select_for_update(of=("self",)).get(pk=appeal.pk)
    right = rights.check(loader.load(held.profile), act, employee, held)
    if held.closed_at is not None:
        raise ClosedAppealError(f"{held.number} has left the registry")
    return held, right


def _make(made: Enquiry, right: Right, now: dt.datetime) -> Enquiry:
    made.text, made.made_at = measuring.said(made.text, "say what is asked"), now
    measuring.check_day(made.due_on, loader.load(made.appeal.profile), now)
    made.save()
    data = {"enquiry": made.pk, "to": _to(made), "due_on": made.due_on.isoformat()}
    moves.keep(made.appeal, "enquiry_made", data, employee=made.by, now=now, clauses=right.clauses)
    return made


def _to(enquiry: Enquiry) -> str:
    return "applicant" if enquiry.of_applicant else "employee" if enquiry.employee_id else "outside"
