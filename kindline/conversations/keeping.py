"""How conversations write: the contact's row held, its guide's record changed, its facts kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from kindline.conversations.errors import AlreadyClosedError, RefusedError
from kindline.conversations.models import Contact
from kindline.conversations.progress import Progress
from kindline.journal import actions as journal
from kindline.journal.models import Fact
from kindline.journal.queries import facts_of
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.profile import Profile
from kindline.standard.scripts import Script

NO_GUIDE = Script("none", {"uk": "", "ru": "", "en": ""}, "", "", ())


def held(contact: Contact) -> Contact:
    """The contact's row, locked until the transaction ends.

    Raises: AlreadyClosedError.
    """
    fresh = Contact.objects.select_for_update(of=("self",)).select_related("client", "employee").get(pk=contact.pk)
    if fresh.closed_at is not None:
        raise AlreadyClosedError(f"contact {fresh.pk} is closed")
    return fresh


def profile_of(contact: Contact) -> Profile:
    """The standard by which the contact is led."""
    return loader.load(contact.profile)


def script_of(contact: Contact, profile: Profile, purpose: str = "") -> Script:
    """The guide of the contact: the one begun, else the one for its channel, direction, line and purpose."""
    begun = profile.scripts.get(contact.guide.get("script", ""))
    wanted = {"channel": contact.channel, "direction": contact.direction, "line": contact.line, "purpose": purpose}
    return begun or profile.script(**wanted) or NO_GUIDE


def progress_of(contact: Contact, profile: Profile) -> Progress:
    """How far the contact is, read from its record and its facts."""
    facts = list(facts_of("contact", contact.pk))
    return Progress(script_of(contact, profile), _record(contact, profile, facts), facts)


def _record(contact: Contact, profile: Profile, facts: Sequence[Fact]) -> Mapping[str, Any]:
    """The guide's record; while the phone rings, before it is begun, with what it will know of the voice menu:
    the words to answer with are read then already (krc-5.6.4-05).
    """
    greeting = profile.menu.greeting if profile.menu else None
    if "script" in contact.guide or greeting is None or not greeting.names_company:
        return dict(contact.guide)
    heard = any(fact.kind == "prompt_played" and fact.data.get("prompt") == greeting.key for fact in facts)
    return {**contact.guide, "menu_named_company": heard}


def keep(
    contact: Contact,
    kind: str,
    data: Mapping[str, Any],
    *,
    employee: Employee | None,
    now: dt.datetime,
    clauses: Sequence[str] = (),
) -> int:
    """Write a fact about the contact."""
    return journal.record(
        kind=kind,
        subject_type="contact",
        subject_id=contact.pk,
        actor=actor(employee),
        data=data,
        at=now,
        clauses=clauses,
    )


@contextmanager
def guarded(contact: Contact, action: str, *, employee: Employee | None, now: dt.datetime) -> Iterator[None]:
    """One transaction; where the standard refuses the action, nothing of it is kept but the refusal itself."""
    try:
        with transaction.atomic():
            yield
    except AlreadyClosedError:
        raise
    except RefusedError as error:
        data = {"action": action, "reason": str(error)}
        keep(contact, "action_refused", data, employee=employee, now=now, clauses=error.clauses)
        raise


def save(contact: Contact, *fields: str) -> None:
    """Save only the named fields: other processes write the rest of the row."""
    contact.save(update_fields=["guide", *fields])
    contact.refresh_from_db(fields=["guide"])


def put(contact: Contact, part: str, key: str, value: Any) -> None:
    """Write into a part of the guide's record (done, skipped, fields, sources, branches)."""
    contact.guide[part] = {**contact.guide.get(part, {}), key: value}
