"""The print queue: the letters that wait in one file, each numbered and kept as if it were printed alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet

from kindline.correspondence import papers, pdfs, printing, queries
from kindline.correspondence.models import Paper, PaperState, PrintBatch
from kindline.files.stores import Stored, put_bytes, store
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

AT_ONCE_MAX = 50
"""So many are laid out within what a proxy waits for an answer."""
BATCHES_SHOWN = 5
Ready = dict[int, tuple[Any, Stored]]
"""By the key of a letter: how it is laid out, and its own PDF as it is kept."""


def waiting_count() -> int:
    """So many letters wait to be printed."""
    return _waiting().count()


def print_waiting(*, profile: Profile, employee: Employee, now: dt.datetime) -> bytes:
    """The letters that wait, the oldest first, at most AT_ONCE_MAX, as one PDF; empty where none is left.

    All are made before any leaves the queue: after an error all of them wait still. What somebody else
    printed or holds meanwhile is not in the file, so that no letter is in two.
    Clause: krc-5.8-09, krc-6.1-39. Raises: PrintingUnavailableError; StoreError.
    """
    rows = list(_waiting().order_by("registered_at", "pk")[:AT_ONCE_MAX])
    ready = {one.pk: _made(one, profile) for one in rows}
    return _taken_out(ready, employee, now) if ready else b""


def batches() -> QuerySet[PrintBatch]:
    """The latest files, the newest first, each with how many letters it has (`letters`)."""
    found = PrintBatch.objects.select_related("employee").annotate(letters=Count("papers"))
    return found.order_by("-made_at", "-pk")[:BATCHES_SHOWN]


def print_again(*, batch: PrintBatch, profile: Profile) -> bytes:
    """The file of a batch, made again; without the letters that were removed since, empty where all were.

    Raises: PrintingUnavailableError.
    """
    rows = queries.papers(papers.OUT).filter(batch=batch).exclude(pdf_sha256="").order_by("registered_at", "pk")
    several = [printing.laid_out(one, profile) for one in rows]
    return pdfs.joined(several) if several else b""


def _waiting() -> QuerySet[Paper]:
    return queries.papers(papers.OUT).filter(state=PaperState.TO_PRINT)


def _made(one: Paper, profile: Profile) -> tuple[Any, Stored]:
    page = printing.laid_out(one, profile)
    return page, put_bytes(store(), pdfs.joined([page]))


@transaction.atomic
def _taken_out(ready: Ready, employee: Employee, now: dt.datetime) -> bytes:
    """The file of those that wait still; it exists before they are printed, and they are printed all or none."""
    rows = _held(ready)
    if not rows:
        return b""
    content = pdfs.joined([ready[one.pk][0] for one in rows])
    batch = PrintBatch.objects.create(made_at=now, employee=employee)
    for one in rows:
        papers.mark_printed(row=one, kept=ready[one.pk][1], batch=batch, employee=employee, now=now)
    return content


def _held(keys: Collection[int]) -> list[Paper]:
    rows = Paper.objects.filter(pk__in=keys, state=PaperState.TO_PRINT)
    return list(rows.select_for_update(skip_locked=True).order_by("registered_at", "pk"))
