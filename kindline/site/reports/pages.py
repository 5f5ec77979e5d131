"""The reports as everybody reads them: the list, a report, its PDF and its numbers as data."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from kindline.quality import monitoring
from kindline.site import here, shelf
from kindline.site.open_data import files
from kindline.site.open_data.pages import KEPT_S
from kindline.site.report_models import QuarterReport
from kindline.site.reports import figures, finding, words
from kindline.standard.profile import Profile

PDF = "pdf"


@require_safe
@shelf.open_to_all
def several(request: HttpRequest) -> HttpResponseBase:
    """Every quarter that has a report. Clause: voe-1-09."""
    rows = [(words.quarter_title(one.quarter), one) for one in finding.latest(_profile())]
    return render(request, "site/reports.html", {"rows": rows})


@require_safe
@shelf.open_to_all
def one(request: HttpRequest, quarter: str) -> HttpResponseBase:
    """The last version of a quarter's report; what was corrected is said, earlier versions stay. Clause: voe-1-09."""
    profile = _profile()
    several = list(_published(profile).filter(quarter=quarter).order_by("-version"))
    if not several:
        raise Http404(quarter)
    context = {
        "report": several[0],
        "earlier": several[1:],
        "quarter": words.quarter_title(quarter),
        "parts": words.parts(several[0].figures, profile, here.language()),
        "formats": list(files.FORMATS) if profile.publication and profile.publication.open_data else [],
    }
    return render(request, "site/report.html", context)


@require_safe
@shelf.open_to_all
@cache_control(public=True, max_age=KEPT_S)
def file(request: HttpRequest, quarter: str, version: int, form: str) -> HttpResponseBase:  # noqa: ARG001 - a page's shape
    """A version as PDF, byte for byte as it was approved, or its numbers as CSV and JSON."""
    profile = _profile()
    found = QuarterReport.objects.filter(profile=profile.id, quarter=quarter, version=version)
    row = found.filter(published_at__isnull=False).first()
    if row is None:
        raise Http404(quarter)
    content, kind = _content(row, profile, form)
    answer = HttpResponse(content, content_type=kind)
    shown = "inline" if form == PDF else "attachment"
    answer["Content-Disposition"] = f'{shown}; filename="report-{quarter}-{version}.{form}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _content(row: QuarterReport, profile: Profile, form: str) -> tuple[bytes, str]:
    if form == PDF:
        return bytes(row.pdf), "application/pdf"
    known = profile.publication.open_data if profile.publication else None
    if known is None or form not in files.FORMATS:
        raise Http404(form)
    table = figures.table(row, profile)
    return files.as_csv(table) if form == "csv" else files.as_json(table, known), files.FORMATS[form][0]


def _profile() -> Profile:
    profile = here.profile()
    if monitoring.procedure_of(profile) is None:
        raise Http404("no reports")
    return profile


def _published(profile: Profile) -> QuerySet[QuarterReport]:
    return QuarterReport.objects.filter(profile=profile.id, published_at__isnull=False).defer("pdf")
