"""A letter is acknowledged by itself where the administrator wants it: once a day an address, never a robot."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from kindline.correspondence import actions, wording
from kindline.correspondence.addressing import NOBODY, Person, of_client
from kindline.correspondence.models import Incoming, Outgoing
from kindline.standard.profile import Profile

TEMPLATE = "mail_received"


def acknowledge(*, incoming: Incoming, profile: Profile, now: dt.datetime) -> Outgoing | None:
    """Queue the acknowledgement of a letter by a person; None where it is off, or may not be answered by itself."""
    language = profile.language
    if not settings.MAIL.get("acknowledge") or TEMPLATE not in profile.messages or incoming.thread is None:
        return None
    if not actions.may_answer_by_itself(incoming=incoming, now=now):
        return None
    values = {"number": incoming.thread.number, "date": wording.shown_date(incoming.stored_at, profile)}
    draft = wording.written(profile, TEMPLATE, wording.Occasion(language, person_of(incoming), values=values))
    return actions.queue_message(
        profile=profile, key=f"received:{incoming.pk}", recipient=incoming.reply_to or incoming.sender, draft=draft,
        answers=incoming, employee=None, now=now,
    )  # fmt: skip


def person_of(incoming: Incoming) -> Person:
    """Who wrote: the client of that address; names that a stranger gives himself are not repeated."""
    return of_client(incoming.client) if incoming.client else NOBODY
