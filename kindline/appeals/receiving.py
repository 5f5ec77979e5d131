"""What comes without a talk (a letter, a blank from the office, an e-mail) is registered by a clerk in one step."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from kindline.appeals import actions, applying, filing, registering
from kindline.appeals.actions import AT_ONCE, Receipt
from kindline.appeals.models import Appeal
from kindline.appeals.registering import Besides
from kindline.clients.models import Account
from kindline.conversations import closing, opening
from kindline.conversations.models import Topic
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

OUTCOME = "appeal"


def receive_appeal(  # noqa: PLR0913 - an appeal has many parts
    *,
    profile: Profile,
    channel: str,
    kind: str | Sequence[str],
    substance: str,
    fields: Mapping[str, str],
    none_fields: Sequence[str] = (),
    subject: str = "",
    topic: Topic | None = None,
    receipt: Receipt = AT_ONCE,
    draft: str = "",
    account: Account | None = None,
    employee: Employee | None,
    now: dt.datetime,
    beside: Besides | None = None,
    form: uuid.UUID | None = None,
) -> Appeal:
    """Open a contact on the channel, register its appeal with its files and close the contact: all or nothing.

    `draft`: the key under which files were uploaded for the form; `account`: about which the client, who was shown
    to hold it, writes; `beside`: what else is kept with the registration; `form`: the contact's key (`receive_once`).

    Clause: krc-6.1-02, krc-5.8-03, krc-6.1-35, yumek-9.1-06, voe-8-03 (one registry for every channel), voe-3-13.
    Raises: MissingFieldsError with every field that the standard requires; BarredKindError.
    """
    contact = opening.over(
        profile=profile, channel=channel, outcome=OUTCOME, employee=employee, account=account, now=now
    )
    contact.pk = form or contact.pk
    appeal, filled = actions.prepared(
        contact, kind=kind, substance=substance, fields=fields, none_fields=none_fields, subject=subject, topic=topic,
        receipt=receipt, employee=employee, now=now,
    )  # fmt: skip
    registered = actions.registered_facts(appeal, filled, employee, now)
    facts = [opening.opened_fact(contact), *registered, closing.closed_fact(contact, None)]
    with transaction.atomic(savepoint=False) if draft else contextlib.nullcontext():  # else it is one statement
        registering.insert(appeal, facts, contact=contact, now=now, beside=beside(appeal) if beside else None)
        if draft:
            filing.take_draft(appeal=appeal, draft=draft, employee=employee, now=now)
    return appeal


def receive_once(*, form: uuid.UUID, draft: str, employee: Employee, now: dt.datetime, **told: Any) -> Appeal:
    """The same for a form of an employee, that has a key: sent again, it is the same appeal.

    Raises: as `receive_appeal`; BadEmailError.

    The key becomes that of the contact, so that of two at the same moment one waits and finds what the other made.
    """
    applying.check_email(told["fields"].get("email", ""))
    known = Appeal.objects.filter(contact=form)
    if (made := known.first()) is not None:
        filing.take_draft(appeal=made, draft=draft, employee=employee, now=now)
        return made
    try:
        with transaction.atomic():
            return receive_appeal(form=form, draft=draft, employee=employee, now=now, **told)
    except IntegrityError:
        if (made := known.first()) is None:
            raise
        return made
