"""Calls for which a form of the site asks: one a number, in the list and the turn of all others."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction

from kindline.conversations import opening
from kindline.conversations.callbacks import PENDING
from kindline.conversations.models import Callback, CallbackOrigin, Topic
from kindline.conversations.places import UNPROMISED, due, one_a_number
from kindline.journal import actions as journal
from kindline.standard.profile import Profile

CHANNEL, OUTCOME, CLIENT = "web", "callback", "client"


@dataclass(frozen=True, slots=True)
class Wish:
    """Whom to call about what; `from_at` and `until_at`: the span that he chose, None: as soon as possible."""

    phone: str
    name: str
    topic: Topic | None = None
    from_at: dt.datetime | None = None
    until_at: dt.datetime | None = None


def waiting(phone: str) -> Callback | None:
    """The call that a number waits for already, however it was asked for."""
    return Callback.objects.filter(phone=phone, state__in=PENDING, origin__in=UNPROMISED).first()


@transaction.atomic
def ask_for_call(
    *, profile: Profile, key: uuid.UUID, wish: Wish, queue: str, sender: str = "", now: dt.datetime
) -> tuple[Callback, bool]:
    """Keep a place in a queue for who asks to be called, by his consent; says whether it is a new one.

    `key` is the form's: sent again it is the same call. A number that waits already keeps what it has, and is called
    in its turn even if it was to be called by hand. Raises: IntegrityError when the form is kept at the same moment.
    """
    known = Callback.objects.filter(contact=key).first() or waiting(wish.phone)
    if known is not None:
        return _in_its_turn(known, now), known.contact_id == key
    contact = opening.over(profile=profile, channel=CHANNEL, outcome=OUTCOME, employee=None, now=now)
    contact.pk, contact.caller, contact.topic = key, wish.phone, wish.topic
    contact.save(force_insert=True)
    since = wish.from_at or now
    place = {
        "queue": queue, "waits_since": since, "try_after": wish.from_at, "due_at": wish.until_at or due(profile, now),
        "name": wish.name, "matter": wish.topic.title if wish.topic else "", "sender": sender,
    }  # fmt: skip
    made, is_new = one_a_number(profile, key, wish.phone, CallbackOrigin.SITE, place, now, actor=CLIENT)
    data = {
        "task": made.pk, "queue": queue, "topic": wish.topic.code if wish.topic else "", "from_at": since,
        "due_at": made.due_at, "consented": True,
    }  # fmt: skip
    asked = journal.NewFact("site_callback_asked", "contact", key, CLIENT, data, now)
    journal.record_many([opening.opened_fact(contact), asked])
    return made, is_new


def _in_its_turn(found: Callback, now: dt.datetime) -> Callback:
    """Who hung up and was to be called by hand has asked now: he is called by himself."""
    if found.state in PENDING and found.waits_since is None and found.origin in UNPROMISED:
        found.waits_since = now
        Callback.objects.filter(pk=found.pk, waits_since=None).update(waits_since=now)
    return found
