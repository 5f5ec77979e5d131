"""A contact begins: it is opened, taken by an employee, and its guide starts."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db import transaction

from kindline.clients import phones
from kindline.conversations.keeping import held, keep, profile_of, progress_of, save, script_of
from kindline.conversations.models import Contact
from kindline.journal import actions as journal
from kindline.staff.models import Employee
from kindline.standard.profile import Profile


@transaction.atomic
def open_contact(
    *,
    profile: Profile,
    channel: str,
    direction: str = "in",
    line: str = "",
    caller: str = "",
    called: str = "",
    contact_id: uuid.UUID | None = None,
    employee: Employee | None = None,
    now: dt.datetime,
) -> Contact:
    """Open a contact on any channel; opening the same id again changes nothing (krc-2-48, yumek-9.3-02)."""
    number = phones.normalised(caller, profile.calendar.country) or caller
    more = {"direction": direction, "line": line, "caller": number, "called": called}
    defaults = _beginning(profile, channel, employee, now) | more
    contact, is_new = Contact.objects.get_or_create(id=contact_id or uuid.uuid4(), defaults=defaults)
    if is_new:
        journal.record_many([opened_fact(contact)])
    return contact


def over(*, profile: Profile, channel: str, outcome: str, employee: Employee | None, now: dt.datetime) -> Contact:
    """A contact that is over as soon as it is there (a letter, a form), not kept yet: nobody talks in it."""
    ended = {"outcome": outcome, "ended_at": now, "closed_at": now}
    return Contact(**_beginning(profile, channel, employee, now), **ended)


def _beginning(profile: Profile, channel: str, employee: Employee | None, now: dt.datetime) -> dict[str, Any]:
    return {
        "profile": profile.id,
        "version": profile.version,
        "channel": channel,
        "employee": employee,
        "language": profile.language,
        "started_at": now,
    }


def opened_fact(contact: Contact) -> journal.NewFact:
    """The fact that a contact was opened (for those who write many at once)."""
    data = {name: getattr(contact, name) for name in ("channel", "direction", "line", "caller", "profile", "version")}
    return journal.NewFact("contact_opened", "contact", contact.pk, data=data, at=contact.started_at)


@transaction.atomic
def start_guide(*, contact: Contact, employee: Employee | None, purpose: str = "", now: dt.datetime) -> Contact:
    """Begin the guide that fits the contact's channel, direction, line and purpose; again it changes nothing."""
    fresh = held(contact)
    if employee is not None and fresh.employee_id is None:
        fresh.employee = employee
        fresh.save(update_fields=["employee"])
    begin(fresh, now, purpose)
    return fresh


def begin(contact: Contact, now: dt.datetime, purpose: str = "") -> None:
    """Begin the guide of a held contact unless it has begun."""
    if "script" in contact.guide:
        return
    profile = profile_of(contact)
    script = script_of(contact, profile, purpose)
    named = _menu_named_company(contact, profile)
    contact.guide = {**contact.guide, "script": script.id, "menu_named_company": named}
    save(contact)
    data = {"script": script.id, "version": profile.version, "menu_named_company": named}
    keep(contact, "guide_started", data, employee=contact.employee, now=now)


def _menu_named_company(contact: Contact, profile: Profile) -> bool:
    """Whether the client has already heard the company's name from the voice menu (krc-5.6.4-05)."""
    menu = profile.menu
    if menu is None or menu.greeting is None or not menu.greeting.names_company:
        return False
    heard = progress_of(contact, profile).of_kind("prompt_played")
    return any(fact.data.get("prompt") == menu.greeting.key for fact in heard)
