"""Documents at the counter: the set checked against the service's passport, accepted, results handed over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db.models import QuerySet

from kindline.conversations import errors, norms, opening
from kindline.conversations.keeping import guarded, held, keep, profile_of, script_of
from kindline.conversations.models import Contact, DocumentSet
from kindline.journal.checking import storable
from kindline.staff.models import Employee
from kindline.standard.passports import Passport
from kindline.standard.profile import Profile

THERE, FAULTY, MISSING, NOT_NEEDED = "there", "faulty", "missing", "not_needed"
MARKS = (THERE, FAULTY, MISSING, NOT_NEEDED)
CHECKED = "documents_checked"


def check_documents(
    *,
    contact: Contact,
    service: str,
    marks: Mapping[str, str],
    due_on: dt.date | None = None,
    employee: Employee | None,
    now: dt.datetime,
) -> DocumentSet:
    """Compare what was brought with the service's passport: each document is there, faulty, missing or not needed.

    What is faulty or missing is awaited until `due_on`. Checking again replaces what was found before.

    Clause: voe-3-12, voe-3-20, voe-3-21, voe-3-23.
    Raises: UnknownPartError for a service; MissingFieldsError for documents without a mark, and for the day where the
    standard demands it; PastDayError.
    """
    with guarded(contact, "check documents", employee=employee, now=now):
        fresh = held(contact)
        opening.begin(fresh, now)
        profile = profile_of(fresh)
        passport = service_of(profile, service)
        found = _marked(fresh, profile, passport, marks)
        awaited = [name for name, mark in found.items() if mark in (FAULTY, MISSING)]
        due_on = due_on if awaited else None
        _check_day(profile, fresh, awaited, due_on, now)
        row, _ = DocumentSet.objects.update_or_create(
            contact=fresh, service=service,
            defaults={"marks": found, "due_on": due_on, "checked_at": now,
                      "employee": employee, "completed_at": None if awaited else now},
        )  # fmt: skip
        data = {
            "service": service, "complete": not awaited, "present": row.marked(THERE), "missing": row.marked(MISSING),
            "faulty": row.marked(FAULTY), "due_on": due_on.isoformat() if due_on else "",
            "fields": ["due_on"] if due_on else [],
        }  # fmt: skip
        keep(fresh, CHECKED, data, employee=employee, now=now)
        return row


def accept_documents(*, contact: Contact, employee: Employee | None, now: dt.datetime) -> DocumentSet:
    """Take the documents that are there: the set gets its number; an earlier set that it completes is awaited no more.

    Clause: voe-3-13. Raises: OutOfOrderError before the set was checked; MissingFieldsError when nothing is there.
    """
    with guarded(contact, "accept documents", employee=employee, now=now):
        fresh = held(contact)
        row = fresh.document_sets.order_by("-checked_at").first()
        if row is None:
            raise errors.OutOfOrderError("accept_documents", ["check_documents"])
        taken = row.marked(THERE, FAULTY)
        if not taken:
            raise errors.MissingFieldsError({"documents": ()})
        row.number = row.number or _number(profile_of(fresh), row, now)
        row.accepted_at = row.accepted_at or now
        row.save(update_fields=["number", "accepted_at"])
        _complete_earlier(row, now)
        data = {"service": row.service, "number": row.number, "documents": taken}
        keep(fresh, "documents_accepted", data, employee=employee, now=now)
        return row


def hand_over_result(
    *, contact: Contact, what: str, to: str, service: str = "", employee: Employee | None, now: dt.datetime
) -> Contact:
    """A result of a service was handed over: what, to whom.

    Clause: voe-3-14. Raises: MissingFieldsError without what or to whom.
    """
    with guarded(contact, "hand over result", employee=employee, now=now):
        fresh = held(contact)
        opening.begin(fresh, now)
        said = {"result_what": storable(what).strip(), "result_to": storable(to).strip()}
        if missing := {name: () for name, text in said.items() if not text}:
            raise errors.MissingFieldsError(missing)
        data = {
            "service": service, "what": said["result_what"], "to": said["result_to"], "fields": ["to", "what"],
        }  # fmt: skip
        keep(fresh, "result_handed_over", data, employee=employee, now=now)
        return fresh


def awaited(profile_id: str) -> QuerySet[DocumentSet]:
    """Sets that are not complete yet, the most urgent first (voe-3-23)."""
    found = DocumentSet.objects.filter(contact__profile=profile_id, completed_at=None)
    return found.select_related("contact__client", "employee").order_by("due_on", "checked_at")


def service_of(profile: Profile, service: str) -> Passport:
    """A service of the profile. Raises: UnknownPartError; MissingFieldsError when none is named."""
    if not service:
        raise errors.MissingFieldsError({"service": ()})
    if service not in profile.services:
        raise errors.UnknownPartError(f"the standard has no passport of the service {service!r}")
    return profile.services[service]


def _marked(contact: Contact, profile: Profile, passport: Passport, marks: Mapping[str, str]) -> dict[str, str]:
    """The mark of every document of the passport. Raises: MissingFieldsError for each that has none."""
    found = {one.id: marks.get(one.id, "") for one in passport.documents}
    steps = [step for step in script_of(contact, profile).all_steps() if step.done_by == CHECKED]
    clauses = steps[0].clauses if steps else ()
    if missing := {name: clauses for name, mark in found.items() if mark not in MARKS}:
        raise errors.MissingFieldsError(missing)
    return found


def _check_day(
    profile: Profile, contact: Contact, awaited: list[str], due_on: dt.date | None, now: dt.datetime
) -> None:  # fmt: skip
    """Raises: MissingFieldsError; PastDayError."""
    required = norms.required_fields(profile, CHECKED, channel=contact.channel) if awaited else []
    if missing := norms.missing(required, ["due_on"] if due_on else [], ()):
        raise errors.MissingFieldsError(missing)
    if due_on is not None and due_on < now.astimezone(profile.zone).date():
        raise errors.PastDayError("choose a day that lies ahead")


def _number(profile: Profile, row: DocumentSet, now: dt.datetime) -> str:
    return f"{profile.id}-doc-{now.astimezone(profile.zone).year}/{row.pk:05}"


def _complete_earlier(row: DocumentSet, now: dt.datetime) -> None:
    client = row.contact.client
    if row.completed_at is None or client is None:
        return
    earlier = DocumentSet.objects.filter(contact__client=client, service=row.service, completed_at=None)
    earlier.exclude(pk=row.pk).update(completed_at=now)
