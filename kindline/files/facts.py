"""Facts about files, written in one way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from kindline.files.models import StoredFile
from kindline.journal import actions as journal
from kindline.staff.actions import actor
from kindline.staff.models import Employee

FILE = "file"


def keep(kind: str, file: StoredFile, data: Mapping[str, Any], *, now: dt.datetime, employee: Employee | None) -> None:
    """Write a fact about a file."""
    journal.record(kind=kind, subject_type=FILE, subject_id=file.pk, actor=actor(employee), data=data, at=now)
