"""Calls for which a form of the site asks: one a number, in the list and the turn of all others."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from kindline.conversations import opening
from kindline.conversations.callbacks import PENDING, cancel_callback
from kindline.conversations.models import Callback, CallbackOrigin, CallbackState, Topic
from kindline.conversations.places import UNPROMISED, due, one_a_number
from kindline.journal import actions as journal
from kindline.journal.models import Fact
from kindline.standard.profile import Profile

CHANNEL, OUTCOME, CLIENT, ASKED = "web", "callback", "client", "site_callback_asked"
CORRECTED = "the form came back with another number"
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


def wished(form: uuid.UUID, phone: str, now: dt.datetime) -> tuple[Callback, bool] | None:
    """What a form asked for already to a number: the latest call, and whether it is its own or the number had it."""
    own = _told(form, now)
    rows = Callback.objects.filter(Q(contact=form) | Q(pk__in=own), phone=phone)
    found = rows.order_by("-promised_at", "-pk").first()
    return (found, own.get(found.pk, found.contact_id == form)) if found else None


def stands(known: tuple[Callback, bool] | None) -> bool:
    """Whether a form has its call still, or had it: one that was cancelled is asked for anew."""
    return known is not None and known[0].state != CallbackState.CANCELLED


@transaction.atomic
def again(form: uuid.UUID, phone: str, now: dt.datetime) -> tuple[Callback, bool] | None:
    """What a form that comes once more with a number has already; None: it is to be asked for."""
    known = wished(form, phone, now)
    if not stands(known):
        return None
    _give_up(form, phone, now)
    return known


def _told(form: uuid.UUID, now: dt.datetime) -> dict[int, bool]:
    """The calls for which a form asked, by the journal, each with whether it is its own."""
    rows = wishes(now).filter(data__form=str(form)).order_by("at", "pk")
    return {one.data["task"]: one.data.get("own", one.subject_id == str(form)) for one in rows}


@transaction.atomic
def ask_for_call(
    *, profile: Profile, key: uuid.UUID, wish: Wish, queue: str, form: uuid.UUID | None = None, sender: str = "",
    browser: str = "", now: dt.datetime,
) -> tuple[Callback, bool]:  # fmt: skip
    """Keep a place in a queue for who asks to be called, by his consent; says whether it is this form's.

    `key` is the contact's to be, and the form's unless that is named: sent again it is the same call; with another
    number it is that one's, and the earlier is not called. A number that waits already keeps what it has; if it was to
    be called by hand, it is called as is wished now. `sender`, `browser`: hashes of where the form came from.
    Raises: IntegrityError when the form is kept at the same moment.
    """
    form = form or key
    if (known := again(form, wish.phone, now)) is not None:
        return known
    found, is_new = _waiting(wish.phone), False
    if found is None:
        found, is_new = _placed(profile, key, wish, queue, sender, now)
    if not is_new and found.waits_since is None:
        _in_its_turn(found, profile, wish, sender, now)
    _give_up(form, wish.phone, now)
    _note(found, wish, {"form": str(form), "own": is_new, "sender": sender, "browser": browser}, now)
    return found, is_new


def _give_up(form: uuid.UUID, phone: str, now: dt.datetime) -> None:
    """The form came with this number last: its own calls to others are not made, if nobody else relies on them."""
    own = [task for task, is_own in _told(form, now).items() if is_own]
    made = Q(contact=form) | Q(pk__in=own)  # the first by its key, however long ago that was
    held = Callback.objects.select_for_update(of=("self",)).exclude(phone=phone).order_by("pk")
    for one in held.filter(made, state__in=PENDING, origin=CallbackOrigin.SITE, call=None):
        if not _asked(one).exclude(data__form=str(form)).exists():
            cancel_callback(callback=one, reason=CORRECTED, employee=None, now=now)


def is_asked_elsewhere(callback: Callback) -> bool:
    """Whether a call for which a form asked was asked for in another browser too: it is not that form's alone."""
    rows = [one.data for one in _asked(callback)]
    own = {data.get("browser") for data in rows if data.get("own", True)}
    return any(data.get("browser") not in own for data in rows)


def _asked(callback: Callback) -> QuerySet[Fact]:
    """The wishes that came to a call."""
    return Fact.objects.filter(kind=ASKED, at__gte=callback.promised_at, data__task=callback.pk)


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
    if found.origin == CallbackOrigin.ABANDONED:
        said["origin"] = CallbackOrigin.SITE  # he waits for a call from now on
    for name, value in said.items():
        setattr(found, name, value)
    found.state = CallbackState.OPEN  # a new term; that an earlier one was missed stays a fact
    found.save(update_fields=[*said, "state"])


def _note(found: Callback, wish: Wish, told: dict[str, Any], now: dt.datetime) -> None:
    """The wish and its consent, without the number: facts stay when a person is erased."""
    data = {
        "task": found.pk, "queue": found.queue, "topic": wish.topic.code if wish.topic else "",
        "from_at": wish.from_at or now, "due_at": found.due_at, "consented": True, **told,
    }  # fmt: skip
    journal.record(kind=ASKED, subject_type="contact", subject_id=found.contact_id, actor=CLIENT, data=data, at=now)
