"""Asking for a call on the site: whether it is offered, in which spans, and what is not taken."""

from __future__ import annotations

import datetime as dt
import os
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from django.db import IntegrityError, transaction
from django.db.models.fields.json import KT

from kindline.clients import phones
from kindline.conversations import actions as conversations
from kindline.conversations import asked_calls
from kindline.conversations.asked_calls import Wish
from kindline.conversations.models import Callback, Topic
from kindline.journal import locking
from kindline.journal.checking import storable
from kindline.site.errors import NotAcceptedError, OftenTodayError
from kindline.site.senders import Bounds, Senders
from kindline.standard import hours
from kindline.standard.menus import SiteCallback
from kindline.standard.profile import Profile
from kindline.switchboard import calling_hours
from kindline.switchboard.machine import destinations

SOON = "soon"
NAME_LONGEST = 100
A_DAY, PROVEN_A_DAY = Bounds(3, 30), Bounds(30, 300)
"""Calls asked for within a day, without and with work shown: telephones of strangers are rung, and a town may be behind
one address."""
MOST_FOR_A_NUMBER = 3
"""How often a call to one number may be asked for within a day, whoever asks, also when one waits already."""
DAY = dt.timedelta(days=1)
Span = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed: `when` is SOON or the beginning of a span."""

    phone: str
    name: str
    when: str
    topic: Topic | None = None
    consented: bool = False


def offer_of(profile: Profile) -> SiteCallback | None:
    """How calls may be asked for on the site (`site_callback` of menu.yaml); None: they may not."""
    return profile.menu.site_callback if profile.menu else None


def spans(profile: Profile, offer: SiteCallback, now: dt.datetime) -> list[Span]:
    """The spans that may be chosen: whole ones within the permitted hours, in which a line of the queue is served."""
    return [one for one in _spans(profile, offer, now) if one[0] > now and _is_served(profile, offer, one)]


def _spans(profile: Profile, offer: SiteCallback, now: dt.datetime) -> Iterator[Span]:
    permitted, length = calling_hours.of(profile), dt.timedelta(seconds=offer.span_s)
    today = now.astimezone(profile.zone).date()
    for day in (today + DAY * number for number in range(offer.days + 1)):
        start = dt.datetime.combine(day, permitted.begins if permitted else dt.time(), profile.zone)
        end = dt.datetime.combine(day, permitted.ends, profile.zone) if permitted else start + DAY
        while start + length <= end:
            yield start, start + length
            start += length


def _is_served(profile: Profile, offer: SiteCallback, span: Span) -> bool:
    """Whether a line whose callers come to that queue is served from the beginning of a span to its end."""
    lines = profile.menu.lines.values() if profile.menu else ()
    moments = (span[0], span[1] - dt.timedelta(seconds=1))
    named = [line.id for line in lines if line.queue == offer.queue] or [line.id for line in lines]
    return any(all(hours.is_open(profile, line, moment) for moment in moments) for line in named)


def ask(
    *, profile: Profile, offer: SiteCallback, key: uuid.UUID, asked: Asked, whose: Senders, is_proven: bool = False,
    now: dt.datetime,
) -> tuple[Callback, bool]:  # fmt: skip
    """Keep what was asked; says whether it is this form's call, else the number waits for another one already.

    A form whose call was cancelled asks for another one; one that comes back with another number asks for that one, and
    the earlier number is not called.
    Raises: NotAcceptedError with everything that is wrong; OftenTodayError for many calls from one browser or address.
    """
    number = phones.normalised(asked.phone, profile.calendar.country)
    if (known := asked_calls.again(key, number, now)) is not None:
        return known
    wish = _checked(profile, offer, asked, now)
    keep = partial(_kept, profile, offer, key, wish, whose, now, is_proven=is_proven)
    try:
        return keep(key)
    except IntegrityError:  # a contact has this key: the form's earlier call, the same form was quicker, or another's
        return asked_calls.again(key, number, now) or keep(uuid.uuid4())


@transaction.atomic
def _kept(
    profile: Profile, offer: SiteCallback, form: uuid.UUID, wish: Wish, whose: Senders, now: dt.datetime,
    key: uuid.UUID, *, is_proven: bool,
) -> tuple[Callback, bool]:  # fmt: skip
    """One after another for a number and for an address, so that several at once do not pass the bounds together."""
    locking.in_turn(f"callback to {wish.phone}", f"callback from {whose.address}")
    if not asked_calls.stands(asked_calls.wished(form, wish.phone, now)):
        _check_number(wish.phone, whose, now, is_proven=is_proven)
    return conversations.ask_for_call(
        profile=profile, key=key, form=form, wish=wish, queue=offer.queue, sender=whose.address, browser=whose.browser,
        now=now,
    )  # fmt: skip


def _checked(profile: Profile, offer: SiteCallback, asked: Asked, now: dt.datetime) -> Wish:
    """What was typed as it is kept. Raises: NotAcceptedError with everything that is wrong."""
    name, phone = storable(asked.name).strip(), phones.normalised(asked.phone, profile.calendar.country)
    known = {start.isoformat(): (start, end) for start, end in spans(profile, offer, now)}
    faults: Mapping[str, str] = {
        "phone": _wrong_number(profile, asked.phone, phone),
        "name": "" if 0 < len(name) <= NAME_LONGEST else "too_long_here" if name else "needed",
        "when": "" if asked.when == SOON or asked.when in known else "span_over" if asked.when else "needed",
        "consent": "" if asked.consented else "consent_call",
    }
    if found := {field: code for field, code in faults.items() if code}:
        raise NotAcceptedError(found)
    return Wish(phone, name, asked.topic, *known.get(asked.when, (None, None)))


def _wrong_number(profile: Profile, written: str, phone: str) -> str:
    if not written.strip():
        return "needed"
    hindrance = destinations.of(profile, os.environ.get(destinations.PREFIXES, "")).hindrance(phone)
    return "not_number" if not phone.startswith("+") else "not_callable" if hindrance else ""


def _check_number(phone: str, whose: Senders, now: dt.datetime, *, is_proven: bool) -> None:
    """Raises: OftenTodayError; NotAcceptedError for a number that is asked to be called again and again."""
    lately = asked_calls.wishes(now)
    calls = Callback.objects.filter(phone=phone).values_list("pk", flat=True)
    if lately.filter(data__task__in=list(calls)).count() >= MOST_FOR_A_NUMBER:
        raise NotAcceptedError({"phone": "called_often"})
    told = lately.annotate(sender=KT("data__sender"), browser=KT("data__browser"))
    if (PROVEN_A_DAY if is_proven else A_DAY).are_reached(told, whose):
        raise OftenTodayError
