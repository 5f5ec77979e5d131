"""Callbacks that nobody promised by word of mouth: places kept in a queue, callers who gave up, forms of the site."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction

from kindline.clients import phones
from kindline.conversations import norms
from kindline.conversations.callbacks import PENDING
from kindline.conversations.models import Callback, CallbackOrigin, CallbackState, Contact
from kindline.journal import actions as journal
from kindline.standard.profile import Profile

UNPROMISED = (CallbackOrigin.QUEUE, CallbackOrigin.ABANDONED, CallbackOrigin.SITE)
DEFAULT_TERM = dt.timedelta(hours=24)
"""By when a client is called back where the profile has no habit of its own."""


@transaction.atomic
def keep_place(
    *,
    profile: Profile,
    contact: uuid.UUID,
    phone: str,
    queue: str,
    priority: int,
    since: dt.datetime,
    now: dt.datetime,
) -> Callback:
    """Keep the place of a client who wants to be called; one a number: who asks again keeps the earlier place.

    Clause: krc-5.4.1-23, krc-5.5.2-09.
    """
    place = {"queue": queue, "priority": priority, "waits_since": since}
    made, is_new = one_a_number(profile, contact, phone, CallbackOrigin.QUEUE, place, now)
    if not is_new:
        made.origin, made.queue, made.priority = CallbackOrigin.QUEUE, queue, max(priority, made.priority)
        made.waits_since = min(since, made.waits_since or since)
        made.try_after = None
        made.save(update_fields=["origin", "queue", "priority", "waits_since", "try_after"])
    return made


@transaction.atomic
def keep_abandoned(
    *, profile: Profile, contact: uuid.UUID, caller: str, queue: str, now: dt.datetime
) -> Callback | None:
    """Note that somebody gave up waiting and is to be called; None when he hid his number or is noted already.

    Clause: krc-5.4.1-23, krc-5.5.2-09.
    """
    phone = phones.normalised(caller, profile.calendar.country)
    if not phone.startswith("+"):
        return None
    made, is_new = one_a_number(profile, contact, phone, CallbackOrigin.ABANDONED, {"queue": queue}, now)
    return made if is_new else None


@transaction.atomic
def drop_served(*, numbers: Collection[str], now: dt.datetime) -> int:
    """Who called again and was served is not called any more; a call under way is left to itself."""
    found = Callback.objects.select_for_update(skip_locked=True).filter(
        phone__in=set(numbers) - {""}, state__in=PENDING, origin__in=UNPROMISED, call=None
    )
    served = list(found)
    for one in served:
        one.state, one.closed_at, one.waits_since = CallbackState.CANCELLED, now, None
        one.save(update_fields=["state", "closed_at", "waits_since"])
    journal.record_many([_closed(one, now) for one in served])
    return len(served)


@transaction.atomic
def give_back(*, callback: int, call: uuid.UUID, employee: int | None = None, now: dt.datetime) -> None:
    """The operator did not take the call: the place is kept, and he is not asked again at once.

    Another call that the place has by now keeps it: what became of the first may be told late, or twice.
    """
    found = Callback.objects.select_for_update().filter(pk=callback).first()
    if found is not None and found.state in PENDING:
        found.call = None if found.call == call else found.call
        if employee is not None:
            found.refused = {**found.refused, str(employee): now.isoformat()}
        found.save(update_fields=["call", "refused"])


def one_a_number(
    profile: Profile, contact: uuid.UUID, phone: str, origin: str, place: Mapping[str, Any], now: dt.datetime,
    actor: str = "switchboard",
) -> tuple[Callback, bool]:  # fmt: skip
    """The open callback of a number, made if there is none, and locked; says whether it was made.

    To be called within a transaction. `place`: its other fields.
    """
    client = Contact.objects.filter(pk=contact).values_list("client", flat=True).first()
    said = {"due_at": due(profile, now), **place}
    fresh = Callback(contact_id=contact, client_id=client, phone=phone, promised_at=now, origin=origin, **said)
    Callback.objects.bulk_create([fresh], ignore_conflicts=True)
    held = Callback.objects.select_for_update(of=("self",))
    found = held.get(phone=phone, state__in=PENDING, origin__in=UNPROMISED)
    is_new = found.contact_id == contact and found.promised_at == now
    if is_new:
        data = {"contact": str(contact), "due_at": found.due_at, "employee": None, "origin": origin}
        journal.record(
            kind="callback_created", subject_type="callback", subject_id=found.pk, actor=actor, data=data, at=now,
        )  # fmt: skip
    return found, is_new


def due(profile: Profile, now: dt.datetime) -> dt.datetime:
    """By when: the norm of the profile for promises, else its habit, else a day."""
    return norms.proposed_promise(profile, now) or now + DEFAULT_TERM


def _closed(one: Callback, now: dt.datetime) -> journal.NewFact:
    data = {"outcome": "served", "in_time": now <= one.due_at}
    return journal.NewFact("callback_closed", "callback", one.pk, "switchboard", data, now)
