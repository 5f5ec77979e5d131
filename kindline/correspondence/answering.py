"""A letter is acknowledged by itself where the administrator wants it: once a day an address, never a robot."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from kindline.correspondence import actions, wording
from kindline.correspondence.addressing import NOBODY, Person, of_client
from kindline.correspondence.models import Incoming, Outgoing
from kindline.standard.profile import Profile

RECEIVED, REGISTERED = "mail_received", "mail_registered"


def acknowledge(*, incoming: Incoming, profile: Profile, appeal: str = "", now: dt.datetime) -> Outgoing | None:
    """Queue the acknowledgement of a letter by a person; None where it is off, or may not be answered by itself.

    `appeal`: the number of the appeal that the letter became or came to, where it is known. The subject has the mark of
    the thread either way, so that what is answered finds its way.
    """
    template = _template(profile, appeal)
    if not settings.MAIL.get("acknowledge") or not template or incoming.thread is None:
        return None
    if not actions.may_answer_by_itself(incoming=incoming, now=now):
        return None
    values = {"number": incoming.thread.number, "date": wording.shown_date(incoming.stored_at, profile)}
    occasion = wording.Occasion(profile.language, person_of(incoming), values=values | {"appeal_number": appeal})
    draft = wording.written(profile, template, occasion)
    return actions.queue_message(
        profile=profile, key=f"received:{incoming.pk}", recipient=incoming.reply_to or incoming.sender, draft=draft,
        answers=incoming, employee=None, now=now,
    )  # fmt: skip


def _template(profile: Profile, appeal: str) -> str:
    """The text that fits; one without the appeal's number where the standard has no other."""
    wanted = (REGISTERED, RECEIVED) if appeal else (RECEIVED,)
    return next((one for one in wanted if one in profile.messages), "")


def waits_for_registry(profile: Profile) -> bool:
    """Whether letters become appeals at once: then the registry acknowledges them, since it knows the number."""
    return profile.workflow is not None and profile.workflow.intake is not None


def person_of(incoming: Incoming) -> Person:
    """Who wrote: the client of that address; names that a stranger gives himself are not repeated."""
    return of_client(incoming.client) if incoming.client else NOBODY
