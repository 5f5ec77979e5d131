"""Files of the time before contents were sealed: sealed by a job, and their open copies removed."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from kindline.files import checking, queries
from kindline.files.errors import BrokenObjectError, MissingObjectError
from kindline.files.models import StoredFile
from kindline.files.sealed import Sealed
from kindline.files.stores import store
from kindline.files.taking import hold_content

BATCH = 200


def seal_open(*, now: dt.datetime, limit: int = BATCH) -> int:
    """Seal what lies open; how many contents were. Raises: StoreError.

    A kill at any moment loses nothing: the open copy goes only when the key of the sealed one is committed.
    """
    where, after, count = store(), 0, 0
    while found := list(queries.lying_open().filter(pk__gt=after)[:limit]):
        count += sum(_seal(file, where, now) for file in found)
        after = found[-1].pk
    where.sweep_plain()
    return count


def _seal(file: StoredFile, where: Sealed, now: dt.datetime) -> bool:
    """What the store has lost, or has otherwise than it was stored, is said and left alone."""
    try:
        with transaction.atomic():
            hold_content(file.sha256)
            return where.adopt(file.sha256)
    except (MissingObjectError, BrokenObjectError) as error:
        checking.mark_lost(file=file, reason=checking.lost(error), now=now)
    return False
