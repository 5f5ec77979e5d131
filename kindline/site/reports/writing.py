"""A report is written, approved and published, and from then on frozen; a correction is the next version."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.template.loader import render_to_string
from django.utils import translation

from kindline.correspondence import pdfs
from kindline.journal import actions as journal
from kindline.quality import monitoring, quarters
from kindline.site import here
from kindline.site.report_models import QuarterReport
from kindline.site.reports import figures, words
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.standard.published_data import Monitoring as Procedure

LONGEST = 10_000


class ReportError(ValueError):
    """It cannot be done now; `code` says why: not_over, no_results, changed, no_reason, too_long, nothing_new."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class NotTheirsError(PermissionError):
    """The procedure names other roles for this."""


@transaction.atomic
def write(
    *, profile: Profile, quarter: str, foreword: str, correction: str = "", seen: int, employee: Employee,
    now: dt.datetime,
) -> QuarterReport:  # fmt: skip
    """Keep the foreword of the draft; where a version was published, this begins the next one, with its reason.

    `seen` is the revision of the draft that the employee had before him, 0 where there was none. Clause: voe-1-09.
    Raises: NotTheirsError; ReportError (not_over, changed, no_reason, too_long); ValueError for what is no quarter.
    """
    procedure = _theirs(profile, employee, publishing=False)
    if quarters.bounds(quarter, profile.zone)[1] > now:
        raise ReportError("not_over")
    row = _draft(profile, quarter, employee, now)
    if row.revision != seen:
        raise ReportError("changed")
    said, why = foreword.replace("\x00", "").strip(), correction.replace("\x00", "").strip()
    if len(said) > LONGEST or len(why) > LONGEST:
        raise ReportError("too_long")
    if row.version > 1 and not why:
        raise ReportError("no_reason")
    row.foreword, row.correction, row.revision = said, why if row.version > 1 else "", row.revision + 1
    row.written_by, row.written_at = employee, now
    _save(row)
    _keep(row, "report_written", {"revision": row.revision}, employee, now, procedure)
    return row


@transaction.atomic
def publish(*, profile: Profile, quarter: str, seen: int, employee: Employee, now: dt.datetime) -> QuarterReport:
    """Approve the draft that was seen: words, numbers and PDF stand on the site, and change no more.

    A first version needs no foreword, a correction is written before. Clause: voe-1-09. Raises: NotTheirsError;
    ReportError (no_results, changed, nothing_new); PrintingUnavailableError, nothing is published then.
    """
    procedure = _theirs(profile, employee, publishing=True)
    row = _draft(profile, quarter, employee, now)
    if row.revision != seen:
        raise ReportError("changed")
    if row.version > 1 and not row.correction:
        raise ReportError("nothing_new")
    found = figures.collected(profile, quarter, now)
    if found is None:
        raise ReportError("no_results")
    row.figures, row.published_at, row.published_by = found, now, employee
    row.pdf = printed(row, profile)
    row.sha256 = hashlib.sha256(row.pdf).hexdigest()
    _save(row)
    _keep(row, "report_published", {"sha256": row.sha256, "correction": row.correction}, employee, now, procedure)
    return row


def printed(row: QuarterReport, profile: Profile) -> bytes:
    """The report on paper, in the language of the standard. Raises: PrintingUnavailableError."""
    assert row.published_at is not None  # noqa: S101 - for the type alone
    with translation.override(profile.language):
        context = {
            "report": row, "company": here.company(profile), "written_in": profile.language,
            "quarter": words.quarter_title(row.quarter), "day": row.published_at.astimezone(profile.zone).date(),
            "parts": words.parts(row.figures, profile, profile.language),
        }  # fmt: skip
        return pdfs.made(render_to_string("site/report_pdf.html", context))


def may(profile: Profile, employee: Employee, *, publishing: bool = False) -> bool:
    """Whether the procedure names one of the employee's roles for writing, or for approving."""
    procedure = monitoring.procedure_of(profile)
    if procedure is None:
        return False
    return employee.has_role(*procedure.approvers, *(() if publishing else procedure.reviewers))


def _theirs(profile: Profile, employee: Employee, *, publishing: bool) -> Procedure:
    procedure = monitoring.procedure_of(profile)
    if procedure is None or not may(profile, employee, publishing=publishing):
        raise NotTheirsError(employee.pk)
    return procedure


def _draft(profile: Profile, quarter: str, employee: Employee, now: dt.datetime) -> QuarterReport:
    """The version that is not published, locked; a new one, not kept yet, where there is none."""
    rows = QuarterReport.objects.select_for_update().filter(profile=profile.id, quarter=quarter)
    found = rows.filter(published_at=None).first()
    if found is not None:
        return found
    last = QuarterReport.objects.filter(profile=profile.id, quarter=quarter).aggregate(last=Max("version"))["last"] or 0
    return QuarterReport(profile=profile.id, quarter=quarter, version=last + 1, written_by=employee, written_at=now)


def _save(row: QuarterReport) -> None:
    """Two who begin a version at once are told apart by its number. Raises: ReportError (changed)."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise ReportError("changed") from error


def _keep(
    row: QuarterReport, kind: str, more: dict[str, Any], employee: Employee, now: dt.datetime, procedure: Procedure
) -> None:
    data = {"employee": employee.pk, "version": row.version, **more}
    journal.record(
        kind=kind, subject_type=monitoring.SUBJECT, subject_id=row.quarter, actor=actor(employee), data=data, at=now,
        clauses=procedure.clauses,
    )  # fmt: skip
