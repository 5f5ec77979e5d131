"""A rating asked of who has just spoken: whether he may be asked, and what he pressed (ADR 35)."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from kindline.clients import wishes
from kindline.conversations.models import Contact
from kindline.feedback.models import Asked, Rating, Way
from kindline.journal import actions as journal
from kindline.standard.profile import Profile


@transaction.atomic
def may_ask(profile: Profile, contact: str, now: dt.datetime) -> bool:
    """Whether a client is asked after a talk; who is, is noted, and left in peace for the days that the profile says.

    Not asked: whoever wishes no calls of ours beyond his matter, and whoever was asked lately. The same talk asked
    about again (the first who looked is dead) has the same answer. A number that is hidden has no memory.
    """
    asked = profile.menu.rating if profile.menu else None
    talk = Contact.objects.select_related("client").filter(pk=contact).first()
    if asked is None or talk is None or _wishes_none(talk):
        return False
    Asked.objects.filter(at__lt=now - dt.timedelta(days=asked.pause_days)).delete()
    if not talk.number:
        return True
    row, new = Asked.objects.get_or_create(phone=talk.number, defaults={"contact": uuid.UUID(contact), "at": now})
    return new or str(row.contact) == contact


def _wishes_none(talk: Contact) -> bool:
    """Whether the client asked not to be called and asked."""
    if talk.client is not None and talk.client.do_not_call:
        return True
    return bool(talk.number and wishes.hindrances([talk.number], needs_consent=False))


@transaction.atomic
def keep(*, contact: str, score: int, of: int, now: dt.datetime) -> Rating:
    """Keep what a client pressed: one rating a contact, of the service alone; the first one holds.

    Clause: krc-5.5.2-03, krc-5.6.1-33, yumek-9.4-28.
    """
    given = {"way": Way.PHONE, "answer": None, "service": score, "made_at": now}
    row, new = Rating.objects.get_or_create(subject_type="contact", subject_id=contact, defaults=given)
    if new:
        data = {"score": score, "of": of}
        journal.record(
            kind="rating_given", subject_type="contact", subject_id=contact, actor="client", data=data, at=now
        )
    return row


def forget(phones: list[str]) -> int:
    """Forget that these numbers were asked; returns how many had been."""
    return Asked.objects.filter(phone__in=phones).delete()[0]
