"""Letters leave: the raw message by its key, its files, its words; the row stays with a receipt.

Who may decide that is above: the sweep of terms (`appeals.letter_retention`), the erasure of a person (`quality`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from kindline.correspondence import facts, storing
from kindline.correspondence.models import Incoming, LetterRemoval, Outgoing, OutgoingState, Paper
from kindline.files import erasing
from kindline.staff.models import Employee

WORDS: dict[type[Any], dict[str, Any]] = {
    Incoming: {
        "sender": "", "sender_name": "", "recipients": [], "reply_to": "", "subject": "", "text": "", "message_id": "",
        "headers": {}, "client": None,
    },
    Outgoing: {"recipient": "", "recipient_name": "", "subject": "", "text": "", "client": None},
    Paper: {
        "surname": "", "given_name": "", "patronymic": "", "firm_name": "", "address": "", "subject": "", "text": "",
        "outcome": "", "pdf_sha256": "", "client": None,
    },
}  # fmt: skip
"""What of a row is a person's, and what stands in its place."""
FACTS = {Incoming: "mail_removed", Outgoing: "message_removed", Paper: "paper_removed"}
UNDER_WAY = (OutgoingState.QUEUED, OutgoingState.SENDING)
Letter = Incoming | Outgoing | Paper


@dataclass(frozen=True, slots=True)
class Rule:
    """Why a letter goes: the rule in words, and from when its term was counted."""

    words: str
    since: dt.datetime


@transaction.atomic
def remove_letter(*, letter: Letter, rule: Rule, employee: Employee | None = None, now: dt.datetime) -> bool:
    """Remove a letter: its raw form, files and words, in one transaction with receipt and fact; whether it was now.

    Clause: krc-5.3-10.
    """
    model, owner = type(letter), letter.owner
    row: Letter = model._default_manager.select_for_update(of=("self",)).get(pk=letter.pk)
    if LetterRemoval.objects.filter(kind=owner.kind, key=row.pk).exists():
        return False
    gone = erasing.erase_files(owner=owner, reason=rule.words, employee=employee, now=now)
    sha256 = row.sha256 if isinstance(row, Incoming) else ""
    LetterRemoval.objects.create(
        kind=owner.kind, key=row.pk, sha256=sha256, files=gone, rule=rule.words, since=rule.since, removed_at=now,
        removed_by=employee,
    )  # fmt: skip
    if sha256 and not storing.kept().filter(sha256=sha256).exists():
        storing.raw().forget(sha256)
    for name, nothing in WORDS[model].items():
        setattr(row, name, nothing)
    row.save(update_fields=list(WORDS[model]))
    data = {"rule": rule.words, "files": gone, "sha256": sha256}
    facts.keep(FACTS[model], (owner.kind, row.pk), data, now=now, employee=employee)
    return True
