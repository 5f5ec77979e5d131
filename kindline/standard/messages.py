"""Texts of letters and notices that a standard carries in `messages/`: subject and text in each language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kindline.standard import placeholders
from kindline.standard.documents import Place
from kindline.standard.faults import Fault


@dataclass(frozen=True, slots=True)
class Wording:
    """A text in one language; the subject of an e-mail that answers is the standard's own and may be left out."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """A template: which way it goes (email, paper, web, sms, any), its version, its wordings by language."""

    id: str
    title: Mapping[str, str]
    way: str
    version: str
    automatic: bool
    wordings: Mapping[str, Wording]
    clauses: tuple[str, ...] = ()


def build(raw: Mapping[str, Any]) -> Message:
    """A message out of checked YAML."""
    wordings = {code: Wording(str(one.get("subject", "")), str(one["text"])) for code, one in raw["wordings"].items()}
    return Message(
        id=raw["id"], title=raw["title"], way=raw["way"], version=str(raw["version"]),
        automatic=bool(raw.get("automatic", False)), wordings=wordings, clauses=tuple(raw.get("clauses") or ()),
    )  # fmt: skip


def check(raw: Mapping[str, Any], place: Place, languages: list[str], clauses: Mapping[str, Any]) -> Iterator[Fault]:
    """Every language of the standard is there, placeholders are known, clauses exist."""
    for language in languages:
        if language not in raw["wordings"]:
            yield place.child("wordings").fault(
                f"no wording in {language!r}", f"write {language}: {{subject: …, text: …}}"
            )
    for code, wording in raw["wordings"].items():
        for part in ("subject", "text"):
            yield from placeholders.check(str(wording.get(part, "")), place.child("wordings").child(code).child(part))
    for clause in raw.get("clauses") or ():
        if clause not in clauses:
            yield place.child("clauses").fault(f"there is no clause {clause!r}", "correct the id, or take it out")
