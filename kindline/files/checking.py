"""Files wait in quarantine until they are looked at; nobody is given one that was not found clean."""

from __future__ import annotations

import datetime as dt
from typing import BinaryIO

from django.db import transaction

from kindline.files import facts, queries
from kindline.files.errors import BrokenObjectError, MissingObjectError, NotCheckedError, ScannerError, StoreError
from kindline.files.limits import Scanner
from kindline.files.models import Attachment, FileState, StoredFile
from kindline.files.stores import store
from kindline.staff.models import Employee

BATCH = 50
VIRUS = "virus"
UNSCANNED = "scanner_refused"


def check_waiting(*, scanner: Scanner | None, now: dt.datetime, limit: int = BATCH) -> int:
    """Look at files in quarantine; how many were decided on. Without a scanner their content has decided alone.

    While the scanner does not answer, or its signatures are old, they stay where they are, and it is said why.
    """
    rows = list(queries.waiting()[:limit])
    count = 0
    try:
        if rows and scanner is not None:
            scanner.ready(now)
        for row in rows:
            count += _checked(row, scanner, now)
    except ScannerError as error:
        queries.waiting().exclude(reason=error.reason).update(reason=error.reason)
    return count


def _checked(file: StoredFile, scanner: Scanner | None, now: dt.datetime) -> bool:
    """Whether the file was decided on. Raises: ScannerError when the scanner is to blame, not the file."""
    try:
        with store().opened(file.sha256) as content:
            found = scanner.found_in(content) if scanner else ""
    except (MissingObjectError, BrokenObjectError) as error:
        return decide(file=file, state=FileState.UNREADABLE, reason=lost(error), now=now)
    except StoreError:
        return _put_off(file, "", now)
    except ScannerError:
        if scanner is not None:
            scanner.ready(now)
        return _put_off(file, UNSCANNED, now)
    if found:
        return decide(file=file, state=FileState.REFUSED, reason=f"{VIRUS}: {found}"[:200], now=now)
    return decide(file=file, state=FileState.CLEAN, reason="", now=now)


def _put_off(file: StoredFile, reason: str, now: dt.datetime) -> bool:
    """It waits on, behind those that were not tried yet."""
    queries.waiting().filter(pk=file.pk).update(reason=reason, checked_at=now)
    return False


def lost(error: StoreError) -> str:
    """Why a content cannot be given, as its file says it."""
    return queries.MISSING if isinstance(error, MissingObjectError) else queries.BROKEN


@transaction.atomic
def decide(*, file: StoredFile, state: FileState, reason: str, now: dt.datetime) -> bool:
    """Let a file out of quarantine, or refuse it for good; what was decided stays. Whether it was decided now."""
    row = StoredFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if row.state != FileState.WAITING:
        return False
    _set(row, state, reason, now)
    return True


def _set(row: StoredFile, state: FileState, reason: str, now: dt.datetime) -> None:
    row.state, row.reason, row.checked_at = state, reason, now
    row.save(update_fields=["state", "reason", "checked_at"])
    data = {"state": state, "reason": reason, "media_type": row.media_type}
    facts.keep("file_checked", row, data, now=now, employee=None)


def open_file(*, attachment: Attachment, inline: bool = False, employee: Employee | None, now: dt.datetime) -> BinaryIO:
    """The content of a file that was found clean, its hash verified; opening it is a fact.

    Raises: NotCheckedError while it waits, and for ever when it was refused; StoreError when the store has lost it.
    """
    file = StoredFile.objects.get(pk=attachment.file_id)
    if file.state != FileState.CLEAN:
        raise NotCheckedError(f"{file} is {file.state}: it is not passed on")
    try:
        content = store().opened(file.sha256)
    except (MissingObjectError, BrokenObjectError) as error:
        mark_lost(file=file, reason=lost(error), now=now)
        raise
    data = {"owner": str(attachment.owner), "inline": inline, "sha256": file.sha256}
    facts.keep("file_opened", file, data, now=now, employee=employee)
    return content


@transaction.atomic
def mark_lost(*, file: StoredFile, reason: str, now: dt.datetime) -> None:
    """The store has lost a content, or it is not what was stored: it is passed on no more until it is restored."""
    row = StoredFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if row.state in (FileState.CLEAN, FileState.WAITING):
        _set(row, FileState.UNREADABLE, reason, now)
