"""The pages of the open data: what there is, the files, the catalogue; and the results of the monitoring."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from kindline.quality import monitoring
from kindline.quality.models import Monitoring
from kindline.site import here, shelf
from kindline.site.open_data import catalogue, files, tables, words
from kindline.site.report_models import QuarterReport
from kindline.site.reports import finding
from kindline.standard.profile import Profile
from kindline.standard.published_data import OpenTables

KEPT_S = 3600


@require_safe
@shelf.open_to_all
def show(request: HttpRequest) -> HttpResponseBase:
    """Every set with its columns, its day and its files.

    Clause: krc-2-26.
    """
    profile, known = _known()
    now = timezone.now()
    found = [tables.table(profile, known, name, now) for name in known.datasets]
    sets = [
        {"table": one, "title": words.title(one.id), "about": words.about(one.id),
         "columns": [(name, words.column(name)) for name in one.columns]}
        for one in found
    ]  # fmt: skip
    context = {"sets": sets, "known": known, "formats": list(files.FORMATS), "catalogues": list(catalogue.SERIALIZED)}
    context["reports"] = [(finding.title(one.quarter), one) for one in _reports(profile)]
    return render(request, "site/open_data.html", context)


@require_safe
@shelf.open_to_all
@cache_control(public=True, max_age=KEPT_S)
def file(request: HttpRequest, dataset: str, form: str) -> HttpResponseBase:  # noqa: ARG001 - a page's shape
    """A set as a file."""
    profile, known = _known()
    if dataset not in known.datasets or form not in files.FORMATS:
        raise Http404(dataset)
    table = tables.table(profile, known, dataset, timezone.now())
    content = files.as_csv(table) if form == "csv" else files.as_json(table, known)
    day = f"-{table.modified:%Y-%m-%d}" if table.modified else ""
    return _free(content, files.FORMATS[form][0], f"{dataset}{day}.{form}")


@require_safe
@shelf.open_to_all
@cache_control(public=True, max_age=KEPT_S)
def whole(request: HttpRequest, form: str) -> HttpResponseBase:
    """The catalogue for programs."""
    profile, known = _known()
    if form not in catalogue.SERIALIZED:
        raise Http404(form)
    found = [tables.table(profile, known, name, timezone.now()) for name in known.datasets]
    address = request.build_absolute_uri("/open-data/")
    content = catalogue.catalogue(profile, known, found, _reports(profile), address, form)
    return _free(content, catalogue.SERIALIZED[form][0], f"catalogue.{form}")


def _reports(profile: Profile) -> list[QuarterReport]:
    """Those that are published, where the standard has a monitoring."""
    return finding.latest(profile) if profile.publication and profile.publication.monitoring else []


def _free(content: bytes, kind: str, name: str) -> HttpResponse:
    """A file that pages of others may read, too."""
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Access-Control-Allow-Origin"] = "*"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _known() -> tuple[Profile, OpenTables]:
    profile = here.profile()
    if profile.publication is None or profile.publication.open_data is None:
        raise Http404("no open data")
    return profile, profile.publication.open_data


@require_safe
@shelf.open_to_all
def monitored(request: HttpRequest) -> HttpResponseBase:
    """The results of the monitoring, quarter by quarter, as they were approved.

    Clause: voe-1-09.
    """
    profile = here.profile()
    if monitoring.procedure_of(profile) is None:
        raise Http404("no monitoring")
    found = [
        {"row": one, "parts": list(_parts(one, profile)), "day": one.published_at.astimezone(profile.zone).date()}
        for one in monitoring.published(profile)
        if one.published_at is not None
    ]
    return render(request, "site/monitoring.html", {"quarters": found})


def _parts(one: Monitoring, profile: Profile) -> Iterator[dict[str, Any]]:
    """The two tables of a quarter: the review by people, and what the program has measured."""
    items = [{**row, "title": row["title"].get(here.language(), "")} for row in one.results["items"]]
    yield {"title": gettext("Review by people"), "rows": items, "written_in": ""}
    measured = one.results["sections"]
    yield {"title": gettext("Measured by the program"), "rows": measured, "written_in": profile.language}
