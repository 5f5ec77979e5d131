"""Calls for which a form of the site asks: one a number, in the list and the turn of all others."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from kindline.conversations import opening
from kindline.conversations.callbacks import PENDING
from kindline.conversations.models import Callback, CallbackOrigin, CallbackState, Topic
from kindline.conversations.places import UNPROMISED, due, one_a_number
from kindline.journal import actions as journal
from kindline.journal.models import Fact
from kindline.standard.profile import Profile

CHANNEL, OUTCOME, CLIENT, ASKED = "web", "callback", "client", "site_callback_asked"
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """Whom to call about what; `from_at` and `until_at`: the span that he chose, None: as soon as possible."""

    phone: str
    name: str
    topic: Topic | None = None
    from_at: dt.datetime | None = None
    until_at: dt.datetime | None = None


def wishes(now: dt.datetime) -> QuerySet[Fact]:
    """What was asked for on the site within a day, by form, sender and browser (hashes) and the callback (`task`)."""
    return Fact.objects.filter(kind=ASKED, at__gt=now - DAY)


def wished(key: uuid.UUID, now: dt.datetime) -> Callback | None:
    """The call for which a form asked already: its own, or the one that its number had."""
    known = Callback.objects.filter(contact=key).first()
    said = None if known else wishes(now).filter(data__form=str(key)).first()
    return Callback.objects.filter(pk=said.data["task"]).first() if said else known


@transaction.atomic
def ask_for_call(
    *, profile: Profile, key: uuid.UUID, wish: Wish, queue: str, sender: str = "", browser: str = "", now: dt.datetime
) -> tuple[Callback, bool]:
    """Keep a place in a queue for who asks to be called, by his consent; says whether it is this form's.

    `key` is the form's: sent again it is the same call. A number that waits already keeps what it has; if it was to be
    called by hand, it is called as is wished now. `sender`, `browser`: hashes of where the form came from.
    Raises: IntegrityError when the form is kept at the same moment.
    """
    if known := wished(key, now):
        return known, known.contact_id == key
    found, is_new = _waiting(wish.phone), False
    if found is None:
        found, is_new = _placed(profile, key, wish, queue, sender, now)
    if not is_new and found.waits_since is None:
        _in_its_turn(found, profile, wish, sender, now)
    _note(found, key, wish, {"sender": sender, "browser": browser}, now)
    return found, is_new


def _waiting(phone: str) -> Callback | None:
    """The call that a number waits for already, however it was asked for; locked."""
    held = Callback.objects.select_for_update(of=("self",))
    return held.filter(phone=phone, state__in=PENDING, origin__in=UNPROMISED).first()


def _placed(
    profile: Profile, key: uuid.UUID, wish: Wish, queue: str, sender: str, now: dt.datetime
) -> tuple[Callback, bool]:
    """A contact of the form and its place; another's call may have come to the number at the same moment."""
    contact = opening.over(profile=profile, channel=CHANNEL, outcome=OUTCOME, employee=None, now=now)
    contact.pk, contact.caller, contact.topic = key, wish.phone, wish.topic
    contact.save(force_insert=True)
    journal.record_many([opening.opened_fact(contact)])
    place = {"queue": queue, **_as_wished(profile, wish, sender, now)}
    return one_a_number(profile, key, wish.phone, CallbackOrigin.SITE, place, now, actor=CLIENT)


def _as_wished(profile: Profile, wish: Wish, sender: str, now: dt.datetime) -> dict[str, Any]:
    """What a wish says of a place."""
    return {
        "waits_since": wish.from_at or now, "try_after": wish.from_at, "due_at": wish.until_at or due(profile, now),
        "name": wish.name, "matter": wish.topic.title if wish.topic else "", "sender": sender,
    }  # fmt: skip


def _in_its_turn(found: Callback, profile: Profile, wish: Wish, sender: str, now: dt.datetime) -> None:
    """Who was to be called by hand has asked now: he is called by himself, when and about what he wishes."""
    said = _as_wished(profile, wish, sender, now)
    said["matter"] = said["matter"] or found.matter
    for name, value in said.items():
        setattr(found, name, value)
    found.state = CallbackState.OPEN  # a new term; that an earlier one was missed stays a fact
    found.save(update_fields=[*said, "state"])


def _note(found: Callback, key: uuid.UUID, wish: Wish, whose: dict[str, str], now: dt.datetime) -> None:
    """The wish and its consent, without the number: facts stay when a person is erased."""
    data = {
        "task": found.pk, "queue": found.queue, "topic": wish.topic.code if wish.topic else "",
        "from_at": wish.from_at or now, "due_at": found.due_at, "consented": True, "form": str(key), **whose,
    }  # fmt: skip
    journal.record(kind=ASKED, subject_type="contact", subject_id=found.contact_id, actor=CLIENT, data=data, at=now)
