"""Files are erased by rule, with a reason; contents that nothing refers to are swept away."""

from __future__ import annotations

import datetime as dt
from functools import partial

from django.db import transaction

from kindline.files import facts, queries
from kindline.files.errors import FilesError
from kindline.files.models import Attachment, FileState, Owner, StoredFile
from kindline.files.stores import store
from kindline.files.taking import hold_content
from kindline.staff.models import Employee

ORPHAN_AFTER = dt.timedelta(hours=24)
"""A content whose row was not written within that time belongs to nobody."""
DRAFT = "draft"
FORGET_DRAFTS_AFTER = dt.timedelta(days=3)
BATCH = 200


class NoReasonError(FilesError):
    """Say why the files are erased."""

    code = "empty_text"


def erase_files(*, owner: Owner, reason: str, employee: Employee | None, now: dt.datetime) -> int:
    """Erase the files of an owner: their contents and names; how many. A file that belongs to others too is let go.

    The row, its hash and the fact with the reason stay as proof that it was erased.
    Clause: krc-5.3-10. Raises: NoReasonError.
    """
    if not reason.strip():
        raise NoReasonError("say why the files are erased")
    with transaction.atomic():
        rows = list(queries.of(owner).select_for_update(of=("self",)))
        for row in rows:
            _let_go(row, reason.strip(), employee, now)
    return len(rows)


@transaction.atomic
def detach(*, attachment: Attachment, reason: str, employee: Employee | None, now: dt.datetime) -> None:
    """Take one file away from its owner; one that belongs to nothing else is erased."""
    row = queries.of(attachment.owner).select_for_update(of=("self",)).filter(pk=attachment.pk).first()
    if row is not None:
        _let_go(row, reason, employee, now)


def _let_go(row: Attachment, reason: str, employee: Employee | None, now: dt.datetime) -> None:
    """Take a file from its owner, and erase it where it was the last; its content goes once that is committed."""
    file = StoredFile.objects.select_for_update(of=("self",)).get(pk=row.file_id)
    last = not file.attachments.exclude(pk=row.pk).exists()
    data = {"owner": str(row.owner), "reason": reason, "sha256": file.sha256, "erased": last}
    facts.keep("file_erased", file, data, now=now, employee=employee)
    row.delete()
    if last and file.state != FileState.ERASED:
        file.state, file.erased_at, file.name, file.declared = FileState.ERASED, now, "", ""
        file.save(update_fields=["state", "erased_at", "name", "declared"])
        transaction.on_commit(partial(remove_unheld, sha256=file.sha256), robust=True)


def remove_unheld(*, sha256: str, untouched_since: dt.datetime | None = None) -> bool:
    """Remove a content from the store where no row needs it; whether it was removed."""
    with transaction.atomic():
        hold_content(sha256)
        if StoredFile.objects.filter(sha256=sha256).exclude(state=FileState.ERASED).exists():
            return False
        return store().remove(sha256, untouched_since=untouched_since)


def sweep_orphans(*, now: dt.datetime) -> int:
    """Remove contents that no row needs: an upload that was cut off, an erasure that was; how many."""
    since = now - ORPHAN_AFTER
    return sum(remove_unheld(sha256=one, untouched_since=since) for one in list(store().untouched(since)))


def sweep_drafts(*, now: dt.datetime) -> int:
    """Erase what was uploaded for forms that were never sent off; how many files."""
    old = Attachment.objects.filter(owner_kind=DRAFT, attached_at__lt=now - FORGET_DRAFTS_AFTER)[:BATCH]
    for row in (found := list(old)):
        detach(attachment=row, reason="the form was not sent off", employee=None, now=now)
    return len(found)
