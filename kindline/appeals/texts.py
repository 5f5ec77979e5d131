"""A client's short messages that ask something become an appeal, which waits to be sorted like a letter."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from kindline.appeals import joining, moves
from kindline.appeals.joining import Came
from kindline.appeals.models import Appeal
from kindline.conversations import keeping
from kindline.conversations.models import Contact
from kindline.conversations.texting import SMS
from kindline.correspondence.addressing import NOBODY, of_client
from kindline.notifications import queries as texts
from kindline.staff.models import Employee
from kindline.standard.profile import Profile


@transaction.atomic
def join_texts(*, contact: Contact, profile: Profile, employee: Employee, now: dt.datetime) -> Appeal:
    """Register what was written in a contact by short message; the term runs from the first message. Again: the same.

    The contact stays open until the appeal is sorted: what is written meanwhile belongs to it, and sorting closes it.

    Clause: krc-2-57, krc-5.8-03, krc-6.1-02, yumek-9.1-06, voe-8-03 (one registry for every channel).
    Raises: AlreadyClosedError; NoWorkflowError where the standard lets nothing become an appeal by itself.
    """
    held = keeping.held(contact)
    known = of(held)
    if known is not None:
        return known
    if joining.intake_of(profile) is None:
        raise moves.NoWorkflowError(f"profiles/{profile.id} has no intake: register the appeal by hand")
    came = [one.text.strip() or one.raw for one in texts.came_in(held.pk)]
    person = of_client(held.client) if held.client else NOBODY
    told = Came(SMS, "\n".join(came), person, held.started_at, client=held.client, fields={"phone": held.caller})
    return joining.register(profile, told, None, now, contact=held, employee=employee)


def of(contact: Contact) -> Appeal | None:
    """The appeal that the messages of a contact became."""
    return Appeal.objects.filter(contact=contact).order_by("pk").first()
