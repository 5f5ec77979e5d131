"""Service passports: which documents a service needs, its terms and its result (`services.yaml`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kindline.standard.documents import Place
from kindline.standard.faults import Fault
from kindline.standard.shapes import ListOf, Record, Text, Title, near

if TYPE_CHECKING:
    from kindline.standard.part_checks import Known

Words = Mapping[str, str]

IDENT = Text(pattern=r"[a-z][a-z0-9_]*", cure="write small Latin letters, digits and _, a letter first")
SERVICES = Record(
    {
        "services": ListOf(
            Record(
                {
                    "id": IDENT,
                    "title": Title(),
                    "documents": ListOf(Record({"id": IDENT, "title": Title()}), least=1),
                    "result": Text(),
                },
                {
                    "stages": ListOf(Text()),
                    "documents_term": Text(),
                    "payment_term": Text(),
                    "result_term": Text(),
                    "clauses": ListOf(Text(), single=True),
                    "assumed": Text(),
                },
            )
        )
    }
)


@dataclass(frozen=True, slots=True)
class Document:
    """A document that a service needs."""

    id: str
    title: Words


@dataclass(frozen=True, slots=True)
class Passport:
    """A service with what a visitor must be told of it; texts in the language of the standard."""

    id: str
    title: Words
    documents: tuple[Document, ...]
    result: str
    stages: tuple[str, ...] = ()
    documents_term: str = ""
    payment_term: str = ""
    result_term: str = ""
    clauses: tuple[str, ...] = ()


def build(raw: Mapping[str, Any]) -> dict[str, Passport]:
    """The services of a checked file, by id."""
    return {one["id"]: _passport(one) for one in raw["services"]}


def _passport(raw: Mapping[str, Any]) -> Passport:
    return Passport(
        id=raw["id"],
        title=raw["title"],
        documents=tuple(Document(one["id"], one["title"]) for one in raw["documents"]),
        result=raw["result"],
        stages=tuple(raw.get("stages") or ()),
        documents_term=raw.get("documents_term", ""),
        payment_term=raw.get("payment_term", ""),
        result_term=raw.get("result_term", ""),
        clauses=_several(raw.get("clauses")),
    )


def _several(raw: Any) -> tuple[str, ...]:
    return () if raw is None else (raw,) if isinstance(raw, str) else tuple(raw)


def check(raw: Mapping[str, Any], place: Place, known: Known) -> Iterator[Fault]:
    """Own ids of services and of the documents of each, clauses that there are."""
    at = place.child("services")
    yield from _unique(raw["services"], at)
    for index, one in enumerate(raw["services"]):
        yield from _unique(one["documents"], at.child(index).child("documents"))
        for clause in _several(one.get("clauses")):
            if clause not in known.clauses:
                yield at.child(index).child("clauses").fault(f"no clause {clause!r}", near(clause, known.clauses))


def _unique(entries: list[Mapping[str, Any]], place: Place) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        if entry["id"] in seen:
            yield place.child(index).child("id").fault(f"{entry['id']!r} is there twice", "give each its own")
        seen.add(entry["id"])
