"""What the sets of tables and the quarterly reports are told with in the catalogue: names in all languages, files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from django.utils import translation

from kindline.site import here

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

MEDIA = "https://www.iana.org/assignments/media-types/"


def titled(graph: Graph, one: Node, said: Callable[[], str], word: str = "title") -> None:
    """Name a thing in all three languages; `word` of Dublin Core: title or description."""
    from rdflib import DCTERMS, Literal  # noqa: PLC0415 - heavy, and seldom asked

    for language, _title in here.LANGUAGES:
        with translation.override(language):
            graph.add((one, DCTERMS[word], Literal(said(), lang=language)))


def distributions(graph: Graph, one: Node, page: Node, files: Mapping[str, str], licence: str) -> None:
    """The files of a set: media types by whole addresses; `page`: where a person finds them."""
    from rdflib import DCAT, DCTERMS, RDF, URIRef  # noqa: PLC0415

    for address, media in files.items():
        file = URIRef(address)
        graph.add((one, DCAT.distribution, file))
        graph.add((file, RDF.type, DCAT.Distribution))
        graph.add((file, DCAT.accessURL, page))
        graph.add((file, DCAT.downloadURL, file))
        graph.add((file, DCAT.mediaType, URIRef(MEDIA + media)))
        graph.add((file, DCTERMS.license, URIRef(licence)))
