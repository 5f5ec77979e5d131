"""Everything that the operator's screen shows at one moment: /desk/state.json."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Min, Q

from kindline.appeals.models import Appeal
from kindline.conversations import guides, norms
from kindline.conversations import queries as conversations
from kindline.conversations.models import Callback, CallbackState, Contact
from kindline.desk import card, emergency, guide, house, picture, verdicts, viewing
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.switchboard.models import Call, Operator, OperatorState, Voicemail
from kindline.switchboard.phones import BROWSER, name_of

LAST_MINUTES = 15
LEFT_OPEN_HOURS = 24


def state(me: Employee, now: dt.datetime) -> dict[str, Any]:
    """The screen of an operator: his state, his call, its guide, its client, its result."""
    profile = house.profile()
    operator = Operator.objects.filter(employee=me).select_related("forced_by").first()
    contact = present_contact(operator, now)
    talk = contact_parts(contact, me, profile, now) if contact else _NOTHING
    return {
        "operator": _operator(operator, me, now),
        "phone": _phone(),
        "queue": _queue(),
        "emergencies": emergency.told(profile, now),
        "todo": _todo(me, now),
        "verdicts": verdicts.of_contact(contact if contact else _last(me, now), profile),
        **talk,
    }


_NOTHING: dict[str, Any] = {
    **dict.fromkeys(("call", "guide", "client", "lock", "result")),
    "promise": "",
    "presumed": False,
    "candidates": [],
}


def present_contact(operator: Operator | None, now: dt.datetime) -> Contact | None:
    """The contact that an operator is busy with; between calls one of his that ended and that nobody closes now."""
    if operator is None:
        return None
    known = conversations.contacts().select_related("account")
    if operator.contact_id is not None:
        return known.filter(pk=operator.contact_id).first()
    since = now - dt.timedelta(hours=LEFT_OPEN_HOURS)
    mine = known.filter(employee=operator.employee_id, closed_at=None, ended_at__gte=since)
    others = Operator.objects.exclude(contact_id=None).values("contact_id")
    return mine.exclude(pk__in=others).order_by("ended_at").first()


def unfinished(me: Employee) -> bool:
    """Whether the operator is in the wrap-up of a contact whose result is not written down; while a colleague whom
    he passed the call to still talks, that is the colleague's to do.
    """
    operator = Operator.objects.filter(employee=me, state=OperatorState.WRAP_UP).first()
    if operator is None or operator.contact_id is None:
        return False
    return Contact.objects.filter(pk=operator.contact_id, closed_at=None).exclude(ended_at=None).exists()


def contact_parts(contact: Contact, me: Employee, profile: Profile, now: dt.datetime) -> dict[str, Any]:
    """What is shown of a contact: its picture, guide, client, lock and result."""
    if contact.employee is None:
        contact.employee = me
    led = guides.state(contact, profile, now)
    candidates = card.candidates(contact, profile)
    presumed = candidates[0] if len(candidates) == 1 and contact.closed_at is None else None
    client = contact.client or presumed
    call = Call.objects.filter(pk=contact.pk).first()
    viewing.note(contact, client, me)
    return {
        "call": picture.as_json(call, contact, me, profile),
        "guide": guide.as_json(led, profile),
        "client": card.card(client, contact, profile, now) if client else None,
        "presumed": presumed is not None,
        "candidates": [card.brief(found) for found in candidates] if presumed is None else [],
        "lock": guide.lock_of(led),
        "result": _result(contact, now),
        "promise": _promise(profile, now),
    }


def _operator(operator: Operator | None, me: Employee, now: dt.datetime) -> dict[str, Any]:
    row = operator or Operator(employee=me, state=OperatorState.OFFLINE, since=now)
    return {
        "id": me.pk,
        "state": row.state,
        "reason": row.reason,
        "forced_by": str(row.forced_by) if row.forced_by else "",
        "since": row.since.isoformat(timespec="seconds") if operator else None,
        "wanted": row.wanted,
        "until": row.until.isoformat() if row.until else None,
        "registered": row.registered,
        "page_registered": any(one.startswith(f"{name_of(me.pk, BROWSER)}@") for one in row.phones),
        "page": me.phone_page,
        "contact": str(row.contact_id) if row.contact_id else None,
    }


def _phone() -> dict[str, Any]:
    phone = house.phone_state()
    return {"up": phone.up, "reason": phone.reason}


def _queue() -> dict[str, Any]:
    waiting = Call.objects.filter(ended_at=None).exclude(queue="").filter(state__in=("queued", "offering"))
    found = waiting.aggregate(n=Count("pk"), longest=Min("enqueued_at"))
    return {"waiting": found["n"], "longest_since": found["longest"].isoformat() if found["longest"] else None}


def _todo(me: Employee, now: dt.datetime) -> dict[str, int]:
    mine = Q(employee=me) | Q(employee=None)
    due = Callback.objects.filter(mine, state=CallbackState.OPEN, due_at__lte=now + dt.timedelta(hours=1))
    return {"callbacks": due.count(), "voicemail": Voicemail.objects.filter(handled_at=None).count()}


def _result(contact: Contact, now: dt.datetime) -> dict[str, Any]:
    appeals = Appeal.objects.filter(contact=contact).select_related("topic").order_by("registered_at")
    return {
        "topic": contact.topic_id,
        "outcome": contact.outcome,
        "summary": contact.summary,
        "appeals": [card.appeal(found, now) for found in appeals],
        "callbacks": [_callback(found) for found in contact.callbacks.order_by("due_at")],
    }


def _promise(profile: Profile, now: dt.datetime) -> str:
    """The time that the profile proposes for a callback, as the page's input takes it."""
    due = norms.proposed_promise(profile, now)
    here = house.local(due)
    return f"{here:%Y-%m-%dT%H:%M}" if here else ""


def _callback(found: Callback) -> dict[str, Any]:
    here = house.local(found.due_at)
    due = f"{here:%d.%m %H:%M}" if here else ""
    return {"id": found.pk, "phone": found.phone, "name": found.name, "matter": found.matter, "due": due}


def _last(me: Employee, now: dt.datetime) -> Contact | None:
    """The contact that the operator has just closed, while its verdicts still interest him."""
    since = now - dt.timedelta(minutes=LAST_MINUTES)
    return Contact.objects.filter(employee=me, closed_at__gte=since).order_by("-closed_at").first()
