"""Attachments wait in quarantine until they are looked at; nobody is given one that was not found clean."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from django.db import transaction

from kindline.correspondence import facts, storing
from kindline.correspondence.errors import NotCheckedError, UnreachableError
from kindline.correspondence.models import Attachment, AttachmentState
from kindline.correspondence.wires import Scanner
from kindline.staff.models import Employee

BATCH = 50
VIRUS = "virus"


def check_waiting(*, scanner: Scanner | None, now: dt.datetime, limit: int = BATCH) -> int:
    """Look at attachments in quarantine; how many were decided on. Without a scanner their content decides alone.

    While the scanner cannot be reached they stay where they are.
    """
    count = 0
    for row in Attachment.objects.filter(state=AttachmentState.QUARANTINED).order_by("pk")[:limit]:
        try:
            found = scanner.found_in(storing.path_of(storing.ATTACHMENTS, row.sha256)) if scanner else ""
        except UnreachableError:
            return count
        decide(attachment=row, virus=found, now=now)
        count += 1
    return count


@transaction.atomic
def decide(*, attachment: Attachment, virus: str, now: dt.datetime) -> Attachment:
    """Let an attachment out of quarantine, or refuse it for good; what was decided stays."""
    row = Attachment.objects.select_for_update(of=("self",)).get(pk=attachment.pk)
    if row.state != AttachmentState.QUARANTINED:
        return row
    row.state = AttachmentState.REFUSED if virus else AttachmentState.CLEAN
    row.reason, row.checked_at = f"{VIRUS}: {virus}"[:200] if virus else "", now
    row.save(update_fields=["state", "reason", "checked_at"])
    data = {"mail": row.incoming_id, "paper": row.paper_id, "state": row.state, "reason": row.reason}
    facts.keep("attachment_checked", (facts.ATTACHMENT, row.pk), data | {"media_type": row.media_type}, now=now)
    return row


def open_attachment(*, attachment: Attachment, employee: Employee, now: dt.datetime) -> Path:
    """The file of an attachment that was found clean; opening it is a fact.

    Raises: NotCheckedError while it is in quarantine, and for ever when it was refused.
    """
    if attachment.state != AttachmentState.CLEAN:
        raise NotCheckedError(f"{attachment.name} is {attachment.get_state_display().lower()}: it is not passed on")
    data = {"mail": attachment.incoming_id, "paper": attachment.paper_id, "employee": employee.pk}
    facts.keep("attachment_opened", (facts.ATTACHMENT, attachment.pk), data, now=now, employee=employee)
    return storing.path_of(storing.ATTACHMENTS, attachment.sha256)
