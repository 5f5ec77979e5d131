"""The first texts of a site in the languages that are not the standard's own (`translations` of `content.yaml`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kindline.standard.documents import Place
from kindline.standard.faults import Fault
from kindline.standard.shapes import LANGUAGES, ListOf, MapOf, Record, Text, near

ROW = ListOf(Text(), least=2)
PAGE = Record({"title": Text()}, {"text": Text(), "rows": ListOf(ROW, least=1)})
NEWS = Record({"title": Text(), "text": Text()})
TRANSLATIONS = Record({}, {one: Record({"slots": MapOf(PAGE)}, {"news": ListOf(NEWS)}) for one in LANGUAGES})


@dataclass(frozen=True, slots=True)
class Piece:
    """A text with which a page begins: paragraphs, then a table of two columns."""

    text: str = ""
    rows: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> str:
        """All of it as one text."""
        return "\n".join([self.text, *(" ".join(row) for row in self.rows)]).strip()


@dataclass(frozen=True, slots=True)
class Translated:
    """A page in another language: its title and its text."""

    title: str
    piece: Piece


@dataclass(frozen=True, slots=True)
class Translations:
    """The pages of slots, and the news in their order, in one language."""

    slots: Mapping[str, Translated]
    news: tuple[Translated, ...] = ()


def piece(raw: Mapping[str, Any]) -> Piece:
    """A checked text."""
    return Piece(raw.get("text", ""), tuple((row[0], " ".join(row[1:])) for row in raw.get("rows") or ()))


def build(raw: Mapping[str, Any]) -> dict[str, Translations]:
    """What is there, by language."""
    return {
        language: Translations(
            {key: Translated(page["title"], piece(page)) for key, page in one["slots"].items()},
            tuple(Translated(item["title"], piece(item)) for item in one.get("news") or ()),
        )
        for language, one in raw.items()
    }


def check(raw: Mapping[str, Any], place: Place, texts: Mapping[str, Any], news: Sequence[Any]) -> Iterator[Fault]:
    """Texts only for slots that there are, with as many rows as the first text has; as much news as it has."""
    for language, one in raw.items():
        at = place.child(language)
        if len(one.get("news") or news) != len(news):
            yield at.child("news").fault(f"not {len(news)} pieces of news", "translate each, in the order of 'news'")
        for key, page in one["slots"].items():
            yield from _page(page, at.child("slots").child(key), key, texts)


def _page(page: Mapping[str, Any], at: Place, key: str, texts: Mapping[str, Any]) -> Iterator[Fault]:
    if key not in texts:
        yield at.fault(f"no slot {key!r}", near(key, texts))
        return
    own, said = len(texts[key].get("rows") or ()), len(page.get("rows") or ())
    if own != said:
        yield at.fault(f"{said} rows where the first text has {own}", "translate each row, in the same order")
