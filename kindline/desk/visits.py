"""The counter: who is being served, the talk with a visitor led by the guide, and what is printed for him."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST, require_safe

from kindline.appeals import office_papers
from kindline.appeals import wording as appeal_words
from kindline.appeals.models import Appeal
from kindline.conversations import actions as conversations
from kindline.conversations import documents, visits
from kindline.conversations import queries as conversation_queries
from kindline.conversations.models import Contact, DocumentSet
from kindline.correspondence.errors import PrintingUnavailableError
from kindline.desk import access, contacts, house, mail_words, operator, page, screen, verdicts, wording
from kindline.staff.models import Employee

ROLES = access.AT_THE_COUNTER
LATEST = 30


@require_safe
@access.for_roles(*ROLES)
def several(request: HttpRequest) -> HttpResponseBase:
    """My visitors who are still here, the latest visits, and the sets of documents that are awaited (voe-3-23)."""
    me, today = access.employee_of(request), timezone.localdate(timezone=house.profile().zone)
    found = conversation_queries.contacts().filter(channel=visits.OFFICE)
    mine = found if access.in_charge(me) else found.filter(employee=me)
    context = {
        "present": found.filter(employee=me, closed_at=None),
        "latest": [
            {"contact": one, "outcome": contacts.outcome_title(one)} for one in mine.exclude(closed_at=None)[:LATEST]
        ],
        "awaited": [_awaited(one, today) for one in documents.awaited(house.profile().id)[:LATEST]],
    }
    return render(request, "desk/visits.html", context)


def _awaited(row: DocumentSet, today: dt.date) -> dict[str, Any]:
    passport = house.profile().services.get(row.service)
    titles = {one.id: house.titled(dict(one.title)) for one in passport.documents} if passport else {}
    names = [titles.get(name, name) for name in row.marked(documents.MISSING, documents.FAULTY)]
    return {
        "row": row,
        "service": house.titled(dict(passport.title)) if passport else row.service,
        "names": names,
        "overdue": bool(row.due_on and row.due_on < today),
    }


@require_POST
@access.for_roles(*ROLES)
def new(request: HttpRequest) -> HttpResponseBase:
    """A visitor comes to the counter."""
    me = access.employee_of(request)
    made = conversations.open_visit(profile=house.profile(), employee=me, now=timezone.now())
    return redirect("visit", contact=made.pk)


@require_GET
@ensure_csrf_cookie
@access.for_roles(*ROLES)
def show(request: HttpRequest, contact: uuid.UUID) -> HttpResponseBase:
    """The page of a visit; everything that moves in it comes from `state`.

    Clause: voe-3-01, krc-5.4.3-01.
    """
    found = _mine(contact, access.employee_of(request))
    config = page.config(request, visits.OFFICE)
    config["urls"] |= {
        "state": reverse("visit-state", args=[found.pk]),
        "visits": reverse("visits"),
        "visit_new": reverse("visit-new"),
        "memo": reverse("visit-memo", args=[found.pk]),
        "blank": reverse("visit-blank", args=[found.pk, 0]),
        "bill": reverse("desk-bill", args=[found.pk, 0, "MONTH"]),
    }
    config |= {"phone": None, "dial": None}
    return render(request, "desk/visit.html", {"config": config})


@require_GET
@access.for_roles(*ROLES)
def state(request: HttpRequest, contact: uuid.UUID) -> HttpResponseBase:
    """The screen of a visit as JSON, in the shape of the operator's."""
    me, now, profile = access.employee_of(request), timezone.now(), house.profile()
    found = _mine(contact, me)
    since = found.started_at.isoformat(timespec="seconds")
    shown = {
        "operator": {"id": me.pk, "state": "counter", "reason": "", "since": since, "wanted": "", "until": None,
                     "registered": False, "page_registered": False, "contact": str(found.pk)},
        "phone": {"up": True, "reason": ""},
        "queue": {"waiting": 0, "longest_since": None},
        "todo": {"callbacks": 0, "voicemail": 0},
        "verdicts": verdicts.of_contact(found, profile),
        **screen.contact_parts(found, me, profile, now),
        "documents": _documents(found),
    }  # fmt: skip
    return operator.answered(request, shown, now)


def _documents(contact: Contact) -> list[dict[str, Any]]:
    """The sets of documents of a visit, as they were checked."""
    return [
        {
            "service": row.service,
            "marks": row.marks,
            "due_on": row.due_on.isoformat() if row.due_on else "",
            "number": row.number,
        }
        for row in contact.document_sets.order_by("checked_at")
    ]


@require_POST
@access.for_roles(*ROLES)
def memo(request: HttpRequest, contact: uuid.UUID) -> HttpResponseBase:
    """What the visitor takes along, as PDF (krc-5.4.1-20, voe-3-27)."""
    me = access.employee_of(request)
    found = _mine(contact, me)
    return _printed(
        request, f"memo-{house.local(found.started_at):%Y%m%d-%H%M}",
        lambda: office_papers.print_memo(contact=found, employee=me, now=timezone.now()),
    )  # fmt: skip


@require_POST
@access.for_roles(*ROLES)
def blank(request: HttpRequest, contact: uuid.UUID, appeal: int) -> HttpResponseBase:
    """The filled blank of an appeal in two copies, as PDF (krc-6.1-34)."""
    me = access.employee_of(request)
    found = _mine(contact, me)
    written = get_object_or_404(Appeal, pk=appeal, contact=found)
    with translation.override(house.profile().language):
        kind = appeal_words.kind_title(written.kind)
    return _printed(
        request, written.number.replace("/", "-"),
        lambda: office_papers.print_blank(appeal=written, kind_title=kind, employee=me, now=timezone.now()),
    )  # fmt: skip


def _printed(request: HttpRequest, name: str, made: Callable[[], bytes]) -> HttpResponseBase:
    try:
        content = made()
    except PrintingUnavailableError as error:
        messages.error(request, f"{wording.titled(mail_words.REFUSALS, error.code)} {error}")
        return redirect("visits")
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


def _mine(contact: uuid.UUID, me: Employee) -> Contact:
    """A visit that this employee serves or served. Raises: PermissionDenied."""
    rows = conversation_queries.contacts().select_related("account").filter(channel=visits.OFFICE)
    found: Contact = get_object_or_404(rows, pk=contact)
    if found.employee_id != me.pk:
        raise PermissionDenied
    return found
