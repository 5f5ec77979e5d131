"""Legal acts: the register on which a standard rests (`legal_sources`); its clauses cite an act by key (`law`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kindline.standard.documents import Place
from kindline.standard.faults import Fault
from kindline.standard.shapes import Day, ListOf, Record, Text, near

Raw = Mapping[str, Any]
SOURCES = ListOf(
    Record(
        {"id": Text(pattern=r"[a-z][a-z0-9_]*", cure="write small Latin letters, digits and _"), "title": Text()},
        {"act": Text(), "date": Day(), "clause": Text(), "note": Text()},
    )
)


@dataclass(frozen=True, slots=True)
class LegalAct:
    """An act of the register: `id` is the key by which clauses cite it, `act` its number as the standard has it."""

    id: str
    title: str
    act: str = ""
    date: dt.date | None = None
    clause: str = ""
    note: str = ""


def build(raw: Any) -> tuple[LegalAct, ...]:
    """The register of a checked file, in its order."""
    names = ("act", "date", "clause", "note")
    return tuple(
        LegalAct(one["id"], one["title"], **{name: one[name] for name in names if name in one}) for one in raw or ()
    )


def check(raw: Any, place: Place, clauses: Mapping[str, tuple[Raw, Place]]) -> Iterator[Fault]:
    """Each act once; what a clause names (`value: {act: …}`) stands in the register; what is cited is there.

    Clause: krc-1-04, krc-1-05, krc-1-06, krc-1-07, krc-1-08, krc-1-09, krc-1-10.
    """
    listed = [one for one in raw or () if isinstance(one, dict) and isinstance(one.get("id"), str)]
    keys = {one["id"] for one in listed}
    for index, one in enumerate(listed):
        if one["id"] in {other["id"] for other in listed[:index]}:
            yield place.child(index).child("id").fault(f"{one['id']!r} is there twice", "give each act its own key")
        if "clause" in one and one["clause"] not in clauses:
            yield place.child(index).child("clause").fault(f"no clause {one['clause']!r}", near(one["clause"], clauses))
    for name, (clause, at) in clauses.items():
        yield from _named(name, clause, at, listed)
        for key in _several(clause.get("law")):
            if key not in keys:
                yield at.child("law").fault(f"no legal act {key!r} in legal_sources", near(key, keys or {"(none)"}))


def _named(name: str, clause: Raw, at: Place, listed: Sequence[Raw]) -> Iterator[Fault]:
    """A clause that demands an act finds it in the register, of the same day."""
    value = clause.get("value")
    if not isinstance(value, dict) or "act" not in value:
        return
    law = _several(clause.get("law"))
    mine = [one for one in listed if one.get("clause") == name or one["id"] in law]
    found = [one for one in mine if one.get("act") == value["act"]]
    if not found:
        cure = f"add to legal_sources: {{id: …, title: …, act: {value['act']}, clause: {name}}}"
        yield at.child("value").fault(f"the act {value['act']} is not in legal_sources", cure, clause=name)
    elif "date" in value and str(found[0].get("date")) != str(value["date"]):
        said = f"legal_sources has another day of {value['act']}: {found[0].get('date')}"
        yield at.child("value").fault(said, f"write date: {value['date']}", clause=name)


def _several(raw: Any) -> list[Any]:
    return [] if raw is None else raw if isinstance(raw, list) else [raw]
