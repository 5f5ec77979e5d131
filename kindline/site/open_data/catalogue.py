"""The catalogue of the open data as DCAT, in JSON-LD and in Turtle, with titles in all three languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from kindline.site import here
from kindline.site.open_data import describing, reported, words
from kindline.site.open_data.files import FORMATS
from kindline.site.open_data.tables import Table
from kindline.site.report_models import QuarterReport
from kindline.standard.profile import Profile
from kindline.standard.published_data import OpenTables

if TYPE_CHECKING:
    from rdflib import Graph

SERIALIZED = {"jsonld": ("application/ld+json", "json-ld"), "ttl": ("text/turtle; charset=utf-8", "turtle")}
OFTEN = "http://publications.europa.eu/resource/authority/frequency/"
FREQUENCIES = {"appeals": "MONTHLY", "satisfaction": "QUARTERLY", "monitoring": "QUARTERLY"}
"""How often a set changes, in the words of the European vocabulary; the others change when something happens."""


def catalogue(
    profile: Profile,
    known: OpenTables,
    tables: Iterable[Table],
    reports: Sequence[QuarterReport],
    address: str,
    form: str,
) -> bytes:
    """The catalogue whose page has this (whole) address, with the published reports; `form` is jsonld or ttl."""
    graph = _graph(profile, known, list(tables), reports, address)
    kind = SERIALIZED[form][1]
    return graph.serialize(format=kind, encoding="utf-8", auto_compact=True)


def _graph(
    profile: Profile, known: OpenTables, tables: list[Table], reports: Sequence[QuarterReport], address: str
) -> Graph:
    from rdflib import DCAT, DCTERMS, FOAF, RDF, BNode, Graph, Literal, URIRef  # noqa: PLC0415 - heavy, and seldom asked

    graph, whole, publisher = Graph(), URIRef(address), BNode()
    graph.bind("dcat", DCAT)
    graph.bind("dcterms", DCTERMS)
    graph.add((whole, RDF.type, DCAT.Catalog))
    graph.add((publisher, RDF.type, FOAF.Organization))
    graph.add((publisher, FOAF.name, Literal(here.company(profile), lang=profile.language)))
    graph.add((whole, DCTERMS.publisher, publisher))
    graph.add((whole, DCTERMS.license, URIRef(known.licence_address)))
    graph.add((whole, FOAF.homepage, URIRef(address)))
    describing.titled(graph, whole, lambda: gettext("Open data"))
    for language, _title in here.LANGUAGES:
        graph.add((whole, DCTERMS.language, Literal(language)))
    if days := [one.modified for one in tables if one.modified]:
        graph.add((whole, DCTERMS.modified, Literal(max(days))))
    for table in tables:
        graph.add((whole, DCAT.dataset, URIRef(f"{address}#{table.id}")))
        _describe(graph, known, table, address)
        graph.add((URIRef(f"{address}#{table.id}"), DCTERMS.publisher, publisher))
    root = address.removesuffix("/open-data/")
    reported.describe(graph, profile, reports, root, known.licence_address, publisher)
    return graph


def _describe(graph: Graph, known: OpenTables, table: Table, address: str) -> None:
    from rdflib import DCAT, DCTERMS, OWL, RDF, Literal, URIRef  # noqa: PLC0415

    one = URIRef(f"{address}#{table.id}")
    graph.add((one, RDF.type, DCAT.Dataset))
    graph.add((one, DCTERMS.identifier, Literal(table.id)))
    graph.add((one, DCTERMS.accrualPeriodicity, URIRef(OFTEN + FREQUENCIES.get(table.id, "IRREG"))))
    describing.titled(graph, one, lambda: words.title(table.id))
    describing.titled(graph, one, lambda: words.about(table.id), "description")
    if table.modified is not None:
        graph.add((one, DCTERMS.modified, Literal(table.modified)))
        graph.add((one, OWL.versionInfo, Literal(version(table.modified))))
    files = {f"{address}{table.id}.{form}": media for form, (_sent, media) in FORMATS.items()}
    describing.distributions(graph, one, URIRef(address), files, known.licence_address)


def version(day: dt.date) -> str:
    """The version of a set: the day of its last change."""
    return day.isoformat()
