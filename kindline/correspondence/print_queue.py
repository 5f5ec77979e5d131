"""The print queue: all letters that wait in one file, each numbered and kept as if it were printed alone."""

from __future__ import annotations

import datetime as dt

from kindline.correspondence import papers, pdfs, printing, queries
from kindline.correspondence.models import PaperState
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

AT_ONCE_MAX = 100


def waiting_count() -> int:
    """So many letters wait to be printed."""
    return queries.papers(papers.OUT).filter(state=PaperState.TO_PRINT).count()


def print_waiting(*, profile: Profile, employee: Employee, now: dt.datetime) -> bytes:
    """The letters that wait, the oldest first, at most AT_ONCE_MAX, as one PDF; empty where none waits.

    Each is made and kept first (`papers.print_letter`), so that a print-out that got lost is made again.
    Clause: krc-5.8-09, krc-6.1-39. Raises: PrintingUnavailableError; StoreError.
    """
    waiting = queries.papers(papers.OUT).filter(state=PaperState.TO_PRINT).order_by("registered_at", "pk")
    rows = list(waiting[:AT_ONCE_MAX])
    for one in rows:
        papers.print_letter(paper=one, profile=profile, employee=employee, now=now).close()
    return pdfs.joined([printing.html(one, profile) for one in rows]) if rows else b""
