"""What became an appeal by itself is sorted: a person says its kind, subject and topic; the term follows from these."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from kindline.appeals import actions, applying, limits, lookup, moves
from kindline.appeals.actions import AT_ONCE, ROW_FIELDS, Receipt
from kindline.appeals.models import Appeal
from kindline.appeals.receiving import OUTCOME
from kindline.conversations import actions as conversations
from kindline.conversations import keeping
from kindline.conversations.models import Contact, Topic
from kindline.journal import actions as journal
from kindline.staff.models import Employee
from kindline.standard.profile import Profile


def sort_appeal(
    *,
    appeal: Appeal,
    kind: str | Sequence[str],
    substance: str,
    fields: Mapping[str, str],
    none_fields: Sequence[str] = (),
    subject: str = "",
    topic: Topic | None = None,
    receipt: Receipt = AT_ONCE,
    employee: Employee,
    now: dt.datetime,
) -> Appeal:
    """Complete an appeal that came by itself: everything that a clerk's registration asks for is asked for here.

    The number stays, the term runs from the receipt as before, by the kind and subject named now.

    Clause: krc-5.7.2-14, krc-5.8-03, krc-6.1-02, krc-6.1-28, yumek-9.1-06.
    Raises: WrongStateError; NotYoursError; MissingFieldsError with every field that is required; BarredKindError;
    BadEmailError.
    """
    with transaction.atomic():
        move = moves.begin(appeal, "sort", employee, now)
        row, profile = move.appeal, move.profile
        contact = _contact_of(row, profile, employee)
        kinds = [kind] if isinstance(kind, str) else list(kind)
        known = applying.known_of(contact, fields, substance, [one for one in kinds if one])
        row.none_fields = actions.check_fields(contact, profile, known, none_fields, receipt.answer_by)
        applying.check_email(str(known.get("email") or "") if known.get("email") != row.email else "")
        actions.check_bars(profile, known["kind"], receipt)
        _fill(row, known, receipt)
        row.subject, row.topic, row.contact, row.control_unit = subject, topic, contact, employee.unit
        _set_limit(move)
        row.save()
        lookup.index(row)
        _close(row, contact, known, employee, now)
        return move.finish()


def _contact_of(row: Appeal, profile: Profile, employee: Employee) -> Contact:
    """The contact in which it came and that still waits (short messages), else one that is opened for it now."""
    begun = row.contact
    if begun is None or begun.closed_at is not None:
        return conversations.open_contact(
            profile=profile, channel=row.channel, employee=employee, now=row.received_at
        )  # fmt: skip
    held = keeping.held(begun)
    held.employee = held.employee or employee
    held.save(update_fields=["employee"])
    return held


def _fill(row: Appeal, known: Mapping[str, Any], receipt: Receipt) -> None:
    row.kind, row.kinds_voiced, row.substance = known["kind"][0], known["kind"], str(known["substance"])
    for name in ROW_FIELDS:
        setattr(row, name, str(known.get(name) or ""))
    row.sent_at, row.received_at = receipt.sent_at or row.sent_at, receipt.received_at or row.received_at
    row.requester, row.named_at, row.in_court = receipt.requester or "", receipt.named_at, receipt.in_court
    row.against, row.earlier, row.answer_by = receipt.against, receipt.earlier or row.earlier, receipt.answer_by
    row.applicant_kind, row.came_by, row.emptying = known["applicant_kind"], receipt.came_by, receipt.emptying


def _set_limit(move: moves.Move) -> None:
    row, old = move.appeal, move.appeal.limit_at
    limits.set_limit(row, limits.limit_of(move.profile, row))
    data = {"appeal_kind": row.kind, "topic": row.topic.code if row.topic else "", "old_limit_at": old}
    move.keep("appeal_sorted", data | {"limit_at": row.limit_at})


def _close(row: Appeal, contact: Contact, known: Mapping[str, Any], employee: Employee, now: dt.datetime) -> None:
    """The contact is whole only now: it is closed, and so comes to be judged."""
    Contact.objects.filter(pk=contact.pk).update(client=row.client)
    journal.record_many([actions.contact_fact(row, applying.filled_of(known), employee, now)])
    conversations.close_unserved(contact=contact, outcome=OUTCOME, now=now)
