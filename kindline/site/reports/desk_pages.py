"""The page on which the report of a quarter is written, seen as it will be, approved and published."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_http_methods, require_safe

from kindline.correspondence.errors import PrintingUnavailableError
from kindline.quality import monitoring, quarters
from kindline.site import here
from kindline.site.report_models import QuarterReport
from kindline.site.reports import figures, words, writing
from kindline.site.reports.writing import ReportError
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

WHY = {
    "not_over": _("The quarter is not over yet."),
    "no_results": _("Approve the monitoring of the quarter first: its results are part of the report."),
    "changed": _("Somebody changed the report meanwhile: read it again. What you typed is still in the form."),
    "no_reason": _("Say what the correction is about: readers are told."),
    "too_long": _("The text is too long: at most 10,000 characters."),
    "nothing_new": _("Write what is corrected first, and keep it."),
}
SHOWN = 8


@require_safe
def several(request: HttpRequest) -> HttpResponseBase:
    """The quarters that have a report, and the last one that is over; the latest first."""
    if (away := _turned_away(request)) is not None:
        return away
    profile = here.profile()
    latest = {row.quarter: row for row in _rows(profile).order_by("quarter", "version")}
    ended = quarters.before(timezone.now().astimezone(profile.zone).date())
    names = sorted({*latest, ended}, reverse=True)[:SHOWN]
    rows = [(name, words.quarter_title(name), latest.get(name)) for name in names]
    return render(request, "site/reports_desk.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, quarter: str) -> HttpResponseBase:
    """The report of a quarter: its foreword, the numbers as they stand, approval; after it, a correction."""
    if (away := _turned_away(request)) is not None:
        return away
    why = _act(request, quarter) if request.method == "POST" else ""
    if request.method == "POST" and not why:
        return redirect("report_desk", quarter=quarter)
    return render(request, "site/report_desk.html", _context(request, quarter, why), status=422 if why else 200)


def _turned_away(request: HttpRequest) -> HttpResponseBase | None:
    """To the log-in, where nobody is known. Raises: PermissionDenied; Http404 where the standard has no reports."""
    if not request.user.is_authenticated:
        return redirect(f"/login/?{urlencode({'next': request.get_full_path()})}")
    if monitoring.procedure_of(here.profile()) is None:
        raise Http404("no reports")
    if not writing.may(here.profile(), _me(request)):
        raise PermissionDenied
    return None


def _act(request: HttpRequest, quarter: str) -> str:
    """Keep or publish; why it was refused, empty where it was done. Raises: PermissionDenied, Http404."""
    given: dict[str, Any] = {
        "profile": here.profile(), "quarter": quarter, "employee": _me(request), "now": timezone.now(),
        "seen": _number(request.POST.get("seen", "")),
    }  # fmt: skip
    try:
        if request.POST.get("verb") == "publish":
            writing.publish(**given)
        else:
            typed: dict[str, Any] = {name: request.POST.get(name, "") for name in ("foreword", "correction")}
            writing.write(**given, **typed)
    except ReportError as error:
        return gettext(WHY[error.code])
    except PrintingUnavailableError as error:
        return str(error)
    except writing.NotTheirsError as error:
        raise PermissionDenied from error
    except ValueError as error:
        raise Http404(quarter) from error
    return ""


def _context(request: HttpRequest, quarter: str, why: str) -> dict[str, Any]:
    profile, now = here.profile(), timezone.now()
    try:
        found = figures.collected(profile, quarter, now)
        is_over = quarters.bounds(quarter, profile.zone)[1] <= now
    except ValueError as error:
        raise Http404(quarter) from error
    published = list(_rows(profile).filter(quarter=quarter, published_at__isnull=False).order_by("-version"))
    draft = _rows(profile).filter(quarter=quarter, published_at=None).first()
    before = draft or (published[0] if published else None)
    typed = request.POST if why and "foreword" in request.POST else {}
    return {
        "quarter": quarter, "title": words.quarter_title(quarter), "published": published, "draft": draft,
        "foreword": typed.get("foreword", before.foreword if before else ""),
        "correction": typed.get("correction", draft.correction if draft else ""),
        "seen": draft.revision if draft else 0, "longest": writing.LONGEST, "refusal": why,
        "parts": words.parts(found, profile, here.language()) if found else [], "has_results": found is not None,
        "may_write": is_over,
        "may_publish": found is not None and (draft or not published)
        and writing.may(profile, _me(request), publishing=True),
        "written_in": profile.language,
    }  # fmt: skip


def _rows(profile: Profile) -> QuerySet[QuarterReport]:
    found = QuarterReport.objects.filter(profile=profile.id).select_related("written_by", "published_by")
    return found.defer("pdf", "figures")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else -1


def _me(request: HttpRequest) -> Employee:
    return cast(Employee, request.user)
