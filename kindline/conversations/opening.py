"""A contact begins: it is opened, taken by an employee, and its guide starts."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from kindline.clients import phones
from kindline.clients.models import Account
from kindline.conversations.keeping import held, profile_of, save, script_of
from kindline.conversations.models import Contact
from kindline.journal import actions as journal
from kindline.journal.queries import facts_of_many
from kindline.staff.actions import actor
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


def over(
    *, profile: Profile, channel: str, outcome: str, employee: Employee | None, account: Account | None = None,
    now: dt.datetime,
) -> Contact:  # fmt: skip
    """A contact that is over as soon as it is there (a letter, a form), not kept yet: nobody talks in it.

    `account`: where it is known about which one the client writes, and so who he is.
    """
    ended = {"outcome": outcome, "ended_at": now, "closed_at": now}
    whose = {"account": account, "client": account.client} if account else {}
    return Contact(**_beginning(profile, channel, employee, now), **ended, **whose)


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


@dataclass(frozen=True, slots=True)
class Taken:
    """An employee (or nobody yet) has taken a contact."""

    contact: uuid.UUID
    employee: int | None
    at: dt.datetime


@transaction.atomic
def start_guides(*, taken: Sequence[Taken]) -> None:
    """Begin the guides of many contacts at once; one that is closed, or whose guide has begun, stays as it is."""
    by_contact = {one.contact: one for one in taken}
    rows = Contact.objects.select_for_update(of=("self",)).select_related("employee").order_by("pk")
    fresh = [one for one in rows.filter(pk__in=by_contact, closed_at=None) if "script" not in one.guide]
    named = _menu_named_company(fresh)
    facts = []
    for contact in fresh:
        contact.employee_id = contact.employee_id or by_contact[contact.pk].employee
        facts.append(_begun(contact, by_contact[contact.pk].at, str(contact.pk) in named))
    Contact.objects.bulk_update(fresh, ["guide", "employee"])
    journal.record_many(facts)


def begin(contact: Contact, now: dt.datetime, purpose: str = "") -> None:
    """Begin the guide of a held contact unless it has begun."""
    if "script" in contact.guide:
        return
    fact = _begun(contact, now, bool(_menu_named_company([contact])), purpose)
    save(contact)
    journal.record_many([fact])


def _begun(contact: Contact, now: dt.datetime, named: bool, purpose: str = "") -> journal.NewFact:
    """Write the begin of a guide into the contact (not saved); returns the fact of it."""
    profile = profile_of(contact)
    script = script_of(contact, profile, purpose)
    contact.guide = {**contact.guide, "script": script.id, "menu_named_company": named}
    data = {"script": script.id, "version": profile.version, "menu_named_company": named}
    return journal.NewFact("guide_started", "contact", contact.pk, actor(contact.employee), data, now)


def _menu_named_company(contacts: Sequence[Contact]) -> set[str]:
    """The contacts whose clients have already heard the company's name from the voice menu (krc-5.6.4-05)."""
    by_prompt: dict[str, list[object]] = {}
    for contact in contacts:
        menu = profile_of(contact).menu
        if menu is not None and menu.greeting is not None and menu.greeting.names_company:
            by_prompt.setdefault(menu.greeting.key, []).append(contact.pk)
    if not by_prompt:
        return set()
    since = min(contact.started_at for contact in contacts) - dt.timedelta(days=1)
    return {
        subject
        for prompt, ids in by_prompt.items()
        for subject in facts_of_many("contact", ids)
        .filter(kind="prompt_played", data__prompt=prompt, at__gte=since)  # so that only its months are looked at
        .values_list("subject_id", flat=True)
    }
