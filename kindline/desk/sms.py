"""Short messages: contacts that wait for an answer, one of them with its answer, and the register of what goes out."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kindline.appeals import joining, texts, unsorted
from kindline.conversations import actions as conversations
from kindline.conversations import queries as contacts
from kindline.conversations import texting
from kindline.conversations.errors import AlreadyClosedError
from kindline.conversations.models import Contact
from kindline.desk import access, house, lists, registers, sms_words, viewing
from kindline.desk.contacts import outcome_title
from kindline.desk.registers import Register
from kindline.desk.wording import titled
from kindline.journal import retrying
from kindline.notifications import gateways, queries, segments, wires
from kindline.notifications.errors import NotificationError
from kindline.notifications.models import IncomingSms, Sms
from kindline.staff.models import Employee

ROLES = tuple(dict.fromkeys((*access.AT_THE_PHONE, *access.LETTERS)))
BOXES = ("waiting", "handled")


@require_safe
@access.for_roles(*ROLES)
def several(request: HttpRequest) -> HttpResponseBase:
    """Contacts by short message: `?box=` waiting or handled. Clause: krc-2-57."""
    box = request.GET.get("box", "")
    box = box if box in BOXES else BOXES[0]
    page = lists.page_of(request, _box(box))
    context = {
        "page": page,
        "rows": [_row(contact) for contact in page],
        "box": box,
        "boxes": [(code, titled(sms_words.BOXES, code)) for code in BOXES],
        "waiting": _box("waiting").count(),
        "failed": queries.failed(),
        "has_gateway": wires.is_set(),
        "gateways": gateways.known(),
    }
    return render(request, "desk/sms.html", context)


def _box(box: str) -> QuerySet[Contact]:
    rows = contacts.contacts().filter(channel=texting.SMS, profile=house.profile().id)
    if box == "handled":
        return rows.exclude(closed_at=None)
    return rows.filter(closed_at=None).order_by("started_at")


def _row(contact: Contact) -> dict[str, Any]:
    last = queries.came_in(contact.pk).last()
    return {"contact": contact, "last": last, "outcome": _outcome(contact)}


def _outcome(contact: Contact) -> str:
    return (
        titled(sms_words.OUTCOMES, contact.outcome) if contact.outcome in sms_words.OUTCOMES else outcome_title(contact)
    )


@require_safe
@access.for_roles(*ROLES)
def one(request: HttpRequest, contact: uuid.UUID) -> HttpResponseBase:
    """One contact with everything that was written in it, both ways; looking at it is a fact."""
    found, me = _found(contact), access.employee_of(request)
    viewing.note(found, found.client, me)
    return render(request, "desk/sms_one.html", _shown(found) | {"key": uuid.uuid4()})


def _found(contact: uuid.UUID) -> Contact:
    rows = contacts.contacts().filter(channel=texting.SMS, profile=house.profile().id)
    found: Contact = get_object_or_404(rows, pk=contact)
    return found


def _shown(found: Contact) -> dict[str, Any]:
    came = [_line(one, one.came_at) for one in queries.came_in(found.pk)]
    went = [_line(one, one.queued_at) for one in queries.about(texting.matter(found))]
    return {
        "contact": found,
        "appeal": (appeal := texts.of(found)),
        "waits": appeal is not None and unsorted.waits(house.profile(), appeal),
        "can_be_appeal": joining.intake_of(house.profile()) is not None,
        "outcome": _outcome(found),
        "lines": sorted(came + went, key=lambda line: line["at"]),
        "endings": [(code, titled(sms_words.OUTCOMES, code)) for code in texting.ENDINGS],
        "has_gateway": wires.is_set(),
        "most": segments.ROOM[segments.UCS2][1] * segments.PARTS_MAX,
    }


def _line(one: IncomingSms | Sms, at: dt.datetime) -> dict[str, Any]:
    """A message as the page shows it: which way it went, its words, what became of it."""
    if isinstance(one, Sms):
        said = titled(sms_words.STATES, one.state)
        return {"at": at, "is_ours": True, "text": one.text, "state": said, "who": one.employee, "reason": one.reason}
    state = _("a part of it never came") if one.is_partial else ""
    unread = _("It could not be read; it is kept as it came:")
    return {"at": at, "is_ours": False, "text": one.text or f"{unread} {one.raw}", "state": state, "who": None}


@require_POST
@access.for_roles(*ROLES)
def act(request: HttpRequest, contact: uuid.UUID, verb: str) -> HttpResponseBase:
    """Answer by a short message, make an appeal of it, or finish it; what cannot be is said, nothing typed is lost."""
    found, me, now = _found(contact), access.employee_of(request), timezone.now()
    try:
        if verb == "reply":
            return _reply(request, found, me, now)
        if verb == "appeal":
            return _appeal(found, me, now)
        if verb != "close":
            raise Http404
        ending = request.POST.get("outcome", "")
        outcome = ending if ending in texting.ENDINGS else texting.ENDINGS[0]
        conversations.close_written(contact=found, outcome=outcome, employee=me, now=now)
    except AlreadyClosedError:
        messages.error(request, _("Somebody has finished this contact meanwhile."))
    return redirect("sms")


def _appeal(found: Contact, me: Employee, now: dt.datetime) -> HttpResponseBase:
    """Make an appeal of what was written; whoever may sorts it next, like a letter that came."""
    made = retrying.whole(lambda: texts.join_texts(contact=found, profile=house.profile(), employee=me, now=now))
    return redirect("appeal-sort", appeal=made.pk)


def _reply(request: HttpRequest, found: Contact, me: Employee, now: dt.datetime) -> HttpResponseBase:
    text, key = request.POST.get("text", ""), request.POST.get("key", "")[:60] or str(uuid.uuid4())
    country = house.profile().calendar.country
    try:
        conversations.reply(contact=found, text=text, key=key, country=country, employee=me, now=now)
    except NotificationError as error:
        shown = _shown(found) | {"key": key, "typed": text, "fault": titled(sms_words.REFUSALS, error.code)}
        return render(request, "desk/sms_one.html", shown, status=422)
    return redirect("sms-one", contact=found.pk)


@require_safe
@access.for_roles(*ROLES)
def outgoing(request: HttpRequest) -> HttpResponseBase:
    """The register of short messages that go out; `?state=` one of them, `?format=csv` as a table."""
    register = Register("sms", "desk/sms_outgoing.html", sms_words.STATES, _heads, _lines)
    return registers.shown(request, register, queries.outgoing(), has_gateway=wires.is_set(), gateways=gateways.known())


def _heads() -> list[str]:
    return [_("Queued"), _("To whom"), _("Text"), _("State"), _("Short messages"), _("Tries"), _("Reason")]


def _lines(rows: Any) -> Iterator[list[object]]:
    for one in rows.iterator(500):
        queued = house.local(one.queued_at)
        state = titled(sms_words.STATES, one.state)
        yield [f"{queued:%Y-%m-%d %H:%M}", one.phone, one.text, state, one.pieces, one.tries, one.reason]
