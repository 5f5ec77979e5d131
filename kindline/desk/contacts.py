"""Contacts: the list, and one contact with its facts, its clauses and its sound."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop
from django.views.decorators.http import require_safe

from kindline.clients import queries as clients
from kindline.conversations import queries as conversations
from kindline.conversations.models import Contact
from kindline.desk import (
    access,
    exporting,
    house,
    listening,
    lists,
    said,
    telling,
    verdicts,
    viewing,
    wallboard,
    wording,
)
from kindline.feedback import queries as feedback
from kindline.journal.models import Fact
from kindline.journal.queries import facts_of
from kindline.quality.models import Measurement, Verdict
from kindline.staff.models import Employee
from kindline.switchboard import wallboard as boards

ROLES = (*access.AT_THE_PHONE, *access.IN_CHARGE)
EXPORT_MOST, MOST_NAMED = 50_000, 5000
LEFT = {
    "": _noop("Only calls that left the queue"),
    "answered": _noop("Only calls that were answered from the queue"),
    "abandoned": _noop("Only calls that gave up in the queue"),
}
"""Which calls of a queue a figure leads to."""


@require_safe
@access.for_roles(*ROLES)
def several(request: HttpRequest) -> HttpResponseBase:
    """The list: an operator sees his own contacts, those in charge all; as CSV with `?format=csv`."""
    found = _asked(request, access.employee_of(request))
    if request.GET.get("format") == "csv":
        heads = [
            _("Begun"),
            _("Channel"),
            _("Caller"),
            _("Client"),
            _("Employee"),
            _("Topic"),
            _("Outcome"),
            _("Talk, s"),
        ]
        lines = (_line(contact) for contact in found[:EXPORT_MOST].iterator(1000))
        return exporting.out(request, "contacts", lambda: lists.as_csv("contacts", heads, lines))
    page = lists.page_of(request, found)
    context = {
        "page": page,
        "rows": [_row(contact) for contact in page],
        "query": request.GET,
        "left": _(LEFT.get(request.GET.get("left", ""), LEFT[""])),
        "queue_title": wallboard.queue_title(request.GET.get("queue", ""), house.profile()),
        "channels": [(code, wording.channel_title(code)) for code in wording.CHANNELS],
    }
    return render(request, "desk/contacts.html", context)


@require_safe
@access.for_roles(*ROLES)
def one(request: HttpRequest, contact: uuid.UUID) -> HttpResponseBase:
    """One contact: what happened, what each clause came to and why, and what was said."""
    me = access.employee_of(request)
    found = get_object_or_404(conversations.contacts().select_related("account"), pk=contact)
    access.check_sight(me, found)
    viewing.note(found, found.client, me)
    facts = list(facts_of("contact", found.pk))
    rows = _verdict_rows(verdicts.measured(found), {fact.id: fact for fact in facts})
    sound = listening.sound(found, me)
    context = {
        "contact": found,
        "outcome": outcome_title(found),
        "rating": feedback.of("contact", found.pk),
        "facts": telling.all_told(facts, found.started_at),
        "rows": [row for row in rows if row["one"].verdict != Verdict.NOT_MEASURABLE],
        "silent": [row for row in rows if row["one"].verdict == Verdict.NOT_MEASURABLE],
        "may_review": access.in_charge(me),
        **sound,
        **said.of_contact(request, found, sound["recordings"], me),
    }
    return render(request, "desk/contact.html", context)


def outcome_title(contact: Contact) -> str:
    """How the contact ended, in words."""
    script = house.profile().scripts.get(contact.guide.get("script", ""))
    found = next((outcome for outcome in script.outcomes if outcome.id == contact.outcome), None) if script else None
    return house.titled(found.title) if found else telling.value_title(contact.outcome)


def _asked(request: HttpRequest, me: Employee) -> QuerySet[Contact]:
    found = conversations.contacts()
    if not access.in_charge(me):
        found = found.filter(employee=me)
    asked = request.GET
    if channel := asked.get("channel"):
        found = found.filter(channel=channel)
    since, until = _date(asked.get("from", "")), _date(asked.get("to", ""), last=True)
    if "left" in asked:
        found = found.filter(pk__in=_left(asked.get("queue", ""), asked["left"], since, until))
    else:
        found = _begun(found, since, until)
    if clause := asked.get("clause"):
        found = found.filter(pk__in=_subjects(clause, asked.get("verdict", "")))
    if text := asked.get("q", "").strip():
        people = [client.pk for client in clients.find(text, limit=200)]
        found = found.filter(Q(client__in=people) | Q(caller__icontains=text) | Q(summary__icontains=text))
    return found


def _begun(found: QuerySet[Contact], since: dt.datetime | None, until: dt.datetime | None) -> QuerySet[Contact]:
    found = found.filter(started_at__gte=since) if since else found
    return found.filter(started_at__lt=until) if until else found


def _left(queue: str, outcome: str, since: dt.datetime | None, until: dt.datetime | None) -> list[str]:
    """The calls that a figure of the wallboard counts: they left a queue in these days, today where none is named."""
    begin = since or boards.midnight(house.profile(), timezone.now())
    return boards.contacts_that_left(queue, outcome, begin, until or boards.FOREVER)[:MOST_NAMED]


def _subjects(clause: str, verdict: str) -> list[str]:
    found = Measurement.objects.filter(clause=clause, subject_type="contact")
    if verdict:
        found = found.filter(verdict=verdict)
    return list(found.values_list("subject_id", flat=True)[:MOST_NAMED])


def _date(typed: str, *, last: bool = False) -> dt.datetime | None:
    """The midnight with which a day begins, or ends."""
    try:
        day = dt.date.fromisoformat(typed) + dt.timedelta(days=last)
    except (ValueError, OverflowError):
        return None
    return dt.datetime.combine(day, dt.time(), house.profile().zone)


def _row(contact: Contact) -> dict[str, Any]:
    return {"contact": contact, "outcome": outcome_title(contact), "talk_s": talk_s(contact)}


def talk_s(contact: Contact) -> float | None:
    """How long the talk was; None where nobody answered or it goes on."""
    if contact.answered_at is None or contact.ended_at is None:
        return None
    return (contact.ended_at - contact.answered_at).total_seconds()


def _line(contact: Contact) -> list[object]:
    begun = house.local(contact.started_at)
    return [
        begun.isoformat(timespec="seconds") if begun else "",
        wording.channel_title(contact.channel),
        contact.number,
        str(contact.client or ""),
        str(contact.employee or ""),
        contact.topic.title if contact.topic else "",
        outcome_title(contact),
        talk_s(contact),
    ]


def _verdict_rows(measured: list[Measurement], facts: dict[int, Fact]) -> list[dict[str, Any]]:
    return [_verdict(one, facts) for one in measured]


def _verdict(one: Measurement, facts: dict[int, Fact]) -> dict[str, Any]:
    clause = house.profile().clauses.get(one.clause)
    evidence = sorted((facts[id_] for id_ in one.evidence if id_ in facts), key=lambda fact: fact.at)
    return {
        "one": one,
        "text": clause.text if clause else "",
        "how": wording.how_title(clause.how) if clause else "",
        "evidence": [(fact, telling.fact_title(fact.kind)) for fact in evidence],
    }
