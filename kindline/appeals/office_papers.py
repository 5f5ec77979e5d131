"""What the office prints for a visitor: the blank of his appeal in two copies, and the sheet that he takes along."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from kindline.appeals.models import Appeal
from kindline.conversations.keeping import progress_of
from kindline.conversations.models import Contact, DocumentSet
from kindline.correspondence import pdfs
from kindline.correspondence import wording as letters
from kindline.journal import actions as journal
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.profile import Profile

AWAITED = ("missing", "faulty")


def print_blank(*, appeal: Appeal, kind_title: str, employee: Employee, now: dt.datetime) -> bytes:
    """The filled blank of an appeal as PDF: a copy to be signed, a second one stamped as accepted for the applicant.

    Clause: krc-6.1-34. `kind_title` in the language of the standard. Raises: PrintingUnavailableError.
    """
    profile = loader.load(appeal.profile)
    context = {
        "appeal": appeal,
        "kind": kind_title,
        "accepted_by": employee,
        "date": letters.shown_date(appeal.registered_at, profile),
        "limit": letters.shown_date(appeal.limit_at, profile) if appeal.limit_at else "",
    }
    content = pdfs.made(_page("appeals/blank.html", context, profile))
    if appeal.contact_id is not None:
        data = {"appeal": appeal.pk, "number": appeal.number}
        _keep("blank_printed", appeal.contact_id, data, content, employee, now)
    return content


def print_memo(*, contact: Contact, employee: Employee, now: dt.datetime) -> bytes:
    """What the visitor takes along in writing: next steps, documents and what is missing, numbers and terms.

    Clause: krc-5.4.1-20, krc-5.4.3-27, krc-5.4.3-28, krc-5.4.3-33, voe-3-21, voe-3-27.
    Raises: PrintingUnavailableError.
    """
    profile = loader.load(contact.profile)
    parts = memo_of(contact, profile)
    context = {"contact": contact, "employee": employee, "date": letters.shown_date(now, profile), **parts}
    content = pdfs.made(_page("appeals/memo.html", context, profile))
    data = {"parts": sorted(name for name, part in parts.items() if part)}
    _keep("memo_given", contact.pk, data, content, employee, now)
    return content


def memo_of(contact: Contact, profile: Profile) -> dict[str, Any]:
    """The parts of the sheet; empty ones are left out of it."""
    fields = progress_of(contact, profile).fields
    chosen = profile.services.get(str(fields.get("service", "")))
    sets = list(contact.document_sets.order_by("checked_at"))
    return {
        "next_steps": str(fields.get("next_steps", "")),
        "service": chosen if chosen and all(row.service != chosen.id for row in sets) else None,
        "service_title": chosen.title[profile.language] if chosen else "",
        "needed": [one.title[profile.language] for one in chosen.documents] if chosen else [],
        "sets": [_set(row, profile) for row in sets],
        "appeals": [
            {"number": one.number, "limit": letters.shown_date(one.limit_at, profile) if one.limit_at else ""}
            for one in Appeal.objects.filter(contact=contact).order_by("registered_at")
        ],
        "sources": list(profile.variable("information_sources") or []),
    }


def _set(row: DocumentSet, profile: Profile) -> dict[str, Any]:
    """A checked set with the documents by their titles."""
    passport = profile.services.get(row.service)
    titles = {one.id: one.title[profile.language] for one in passport.documents} if passport else {}
    return {
        "title": passport.title[profile.language] if passport else row.service,
        "number": row.number,
        "taken": [titles[name] for name in titles if row.marks.get(name) == "there"],
        "awaited": [titles[name] for name in titles if row.marks.get(name) in AWAITED],
        "due_on": row.due_on.strftime("%d.%m.%Y") if row.due_on else "",
        "result": passport.result if passport else "",
        "result_term": passport.result_term if passport else "",
    }


def _page(template: str, context: Mapping[str, Any], profile: Profile) -> str:
    own = {
        "language": profile.language,
        "company": profile.variable("company") or profile.body,
        "department": profile.variable("department") or "",
        "contacts": profile.contacts,
    }
    with translation.override(profile.language):
        return render_to_string(template, {**own, **context})


def _keep(
    kind: str, contact_id: object, data: Mapping[str, Any], content: bytes, employee: Employee, now: dt.datetime
) -> None:
    """Write a fact about the contact; a paper may be printed again after it was closed."""
    whole = {**data, "sha256": hashlib.sha256(content).hexdigest(), "employee": employee.pk}
    journal.record(
        kind=kind, subject_type="contact", subject_id=contact_id, actor=actor(employee), data=whole, at=now
    )  # fmt: skip
