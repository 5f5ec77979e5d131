"""The quarterly reports in the catalogue: a series of sets (DCAT 3), a set a quarter, with its PDF and its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext

from kindline.site.open_data import describing
from kindline.site.open_data.files import FORMATS
from kindline.site.report_models import QuarterReport
from kindline.site.reports import finding
from kindline.standard.profile import Profile

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

QUARTERLY = "http://publications.europa.eu/resource/authority/frequency/QUARTERLY"


def describe(
    graph: Graph, profile: Profile, reports: Sequence[QuarterReport], root: str, licence: str, publisher: Node
) -> None:
    """Add the series and its sets; `root`: the site's own address. Clause: voe-1-09, krc-2-26."""
    from rdflib import DCAT, DCTERMS, RDF, Literal, Namespace, URIRef  # noqa: PLC0415 - heavy, and seldom asked

    if not reports:
        return
    whole, series = URIRef(f"{root}/open-data/"), URIRef(f"{root}{reverse('reports')}")
    dcat = Namespace(str(DCAT))  # rdflib's own list of words is that of DCAT 2
    graph.add((series, RDF.type, dcat["DatasetSeries"]))
    graph.add((series, DCTERMS.accrualPeriodicity, URIRef(QUARTERLY)))
    graph.add((series, DCTERMS.publisher, publisher))
    graph.add((whole, DCAT.dataset, series))
    describing.titled(graph, series, lambda: gettext("Quarterly reports"))
    for report in reports:
        one = URIRef(f"{root}{reverse('report', args=[report.quarter])}")
        graph.add((one, RDF.type, DCAT.Dataset))
        graph.add((one, dcat["inSeries"], series))
        graph.add((one, DCTERMS.identifier, Literal(f"report-{report.quarter}")))
        graph.add((one, DCTERMS.publisher, publisher))
        graph.add((whole, DCAT.dataset, one))
        describing.titled(graph, one, partial(finding.title, report.quarter))
        _files(graph, profile, report, one, root, licence)


def _files(graph: Graph, profile: Profile, report: QuarterReport, one: Node, root: str, licence: str) -> None:
    from rdflib import DCTERMS, OWL, Literal  # noqa: PLC0415

    if report.published_at is not None:
        graph.add((one, DCTERMS.modified, Literal(report.published_at.astimezone(profile.zone).date())))
    graph.add((one, OWL.versionInfo, Literal(str(report.version))))
    media = {"pdf": "application/pdf", **{form: media for form, (_sent, media) in FORMATS.items()}}
    files = {root + reverse("report_file", args=[report.quarter, report.version, form]): media[form] for form in media}
    describing.distributions(graph, one, one, files, licence)
