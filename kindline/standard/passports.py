"""Service passports: which documents a service needs, its terms and its result (`services.yaml`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kindline.standard import terms
from kindline.standard.clause_checks import term_fault
from kindline.standard.documents import Place
from kindline.standard.faults import Fault
from kindline.standard.rule_shapes import TermShape
from kindline.standard.shapes import Anything, Either, Flag, ListOf, Record, Text, Title, near
from kindline.standard.terms import Term

if TYPE_CHECKING:
    from kindline.standard.part_checks import Known

Words = Mapping[str, str]

IDENT = Text(pattern=r"[a-z][a-z0-9_]*", cure="write small Latin letters, digits and _, a letter first")
TERM = Either({dict: TermShape(), str: Anything()})
STAGE = Record({"id": IDENT, "title": Title()}, {"term": TERM, "by": Title(), "needs_documents": Flag()})
SERVICES = Record(
    {
        "services": ListOf(
            Record(
                {
                    "id": IDENT,
                    "title": Title(),
                    "documents": ListOf(Record({"id": IDENT, "title": Title()}, {"is_form": Flag()}), least=1),
                    "result": Text(),
                },
                {
                    "stages": ListOf(STAGE),
                    "documents_term": Text(),
                    "documents_within": TERM,
                    "payment_term": Text(),
                    "cost": Text(),
                    "acts": ListOf(Text()),
                    "additional": Flag(),
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
    """A document that a service needs; `is_form`: it is what is filled in on the site, and need not be attached."""

    id: str
    title: Words
    is_form: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a service: how long it takes from the end of the one before, who does it (krc-2-28, krc-2-29).

    `needs_documents`: it does not end before the set of documents is complete.
    """

    id: str
    title: Words
    term: Term | None = None
    by: Words | None = None
    needs_documents: bool = False


@dataclass(frozen=True, slots=True)
class Passport:
    """A service with what a visitor must be told of it; texts in the language of the standard."""

    id: str
    title: Words
    documents: tuple[Document, ...]
    result: str
    stages: tuple[Stage, ...] = ()
    documents_term: str = ""
    payment_term: str = ""
    result_term: str = ""
    documents_within: Term | None = None  # so long what is missing is awaited
    cost: str = ""  # how it is determined (krc-2-30)
    acts: tuple[str, ...] = ()  # legal acts that govern the service (krc-2-32)
    is_additional: bool = False  # outside the organisation's main activity (krc-2-05)
    clauses: tuple[str, ...] = ()

    def stage(self, name: str) -> Stage | None:
        """A stage by its id; None where this version of the passport has none of it."""
        return next((one for one in self.stages if one.id == name), None)


def build(raw: Mapping[str, Any]) -> dict[str, Passport]:
    """The services of a checked file, by id."""
    return {one["id"]: _passport(one) for one in raw["services"]}


def _passport(raw: Mapping[str, Any]) -> Passport:
    return Passport(
        id=raw["id"],
        title=raw["title"],
        documents=tuple(Document(one["id"], one["title"], one.get("is_form", False)) for one in raw["documents"]),
        result=raw["result"],
        stages=tuple(_stage(one) for one in raw.get("stages") or ()),
        documents_term=raw.get("documents_term", ""),
        payment_term=raw.get("payment_term", ""),
        result_term=raw.get("result_term", ""),
        documents_within=terms.parse(raw.get("documents_within")),
        cost=raw.get("cost", ""),
        acts=tuple(raw.get("acts") or ()),
        is_additional=raw.get("additional", False),
        clauses=_several(raw.get("clauses")),
    )


def _stage(raw: Mapping[str, Any]) -> Stage:
    return Stage(
        raw["id"], raw["title"], terms.parse(raw.get("term")), raw.get("by"), raw.get("needs_documents", False)
    )


def _several(raw: Any) -> tuple[str, ...]:
    return () if raw is None else (raw,) if isinstance(raw, str) else tuple(raw)


def check(raw: Mapping[str, Any], place: Place, known: Known) -> Iterator[Fault]:
    """Own ids of services and of the documents and stages of each, terms that are terms, clauses that there are."""
    at = place.child("services")
    yield from _unique(raw["services"], at)
    for index, one in enumerate(raw["services"]):
        yield from _unique(one["documents"], at.child(index).child("documents"))
        yield from _stages(one, at.child(index))
        for clause in _several(one.get("clauses")):
            if clause not in known.clauses:
                yield at.child(index).child("clauses").fault(f"no clause {clause!r}", near(clause, known.clauses))


def _stages(one: Mapping[str, Any], at: Place) -> Iterator[Fault]:
    """Terms that can be read; a term counts whole days: nobody works by the hour of a passport."""
    yield from _unique(one.get("stages") or [], at.child("stages"))
    yield from _term(one.get("documents_within"), at.child("documents_within"))
    for index, stage in enumerate(one.get("stages") or ()):
        yield from _term(stage.get("term"), at.child("stages").child(index).child("term"))


def _term(raw: Any, at: Place) -> Iterator[Fault]:
    yield from term_fault(raw, at)
    term = terms.parse(raw)
    if term is not None and not term.whole_days:
        yield at.fault("a term in hours", "write days: {n: 5, unit: working_days}")


def _unique(entries: list[Mapping[str, Any]], place: Place) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        if entry["id"] in seen:
            yield place.child(index).child("id").fault(f"{entry['id']!r} is there twice", "give each its own")
        seen.add(entry["id"])
