"""The shapes that parts of a profile must have: small, combinable, each saying its own cure."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from kindline.standard.documents import Place
from kindline.standard.faults import Fault

LANGUAGES = ("uk", "ru", "en")


class Shape(Protocol):
    """Says what is wrong with a value at a place."""

    def check(self, value: Any, place: Place, /) -> Iterator[Fault]: ...


def near(word: str, known: Collection[str]) -> str:
    """A cure for a misspelt word: the nearest known ones, or all when they are few."""
    close = difflib.get_close_matches(word, list(known), n=3)
    if close:
        return "did you mean " + " or ".join(close) + "?"
    return "write one of: " + ", ".join(sorted(known)[:30])


@dataclass(frozen=True)
class Text:
    """A text that says something."""

    empty: bool = False
    pattern: str = ""
    cure: str = "write a text (in quotes, where it looks like a number, a date or a time)"

    def check(self, value: Any, place: Place) -> Iterator[Fault]:
        if not isinstance(value, str) or (not self.empty and not value.strip()):
            yield place.fault(f"a text is expected, not {value!r}", self.cure)
        elif self.pattern and not re.fullmatch(self.pattern, value):
            yield place.fault(f"{value!r} does not have the expected form", self.cure)


@dataclass(frozen=True)
class Number:
    """A number, whole if asked, not below `least`."""

    whole: bool = False
    least: float | None = 0
    most: float | None = None

    def check(self, value: Any, place: Place) -> Iterator[Fault]:
        kinds = (int,) if self.whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not abs(value) <= 10**12:
            yield place.fault(f"a {'whole ' if self.whole else ''}number is expected, not {value!r}", "write digits")
        elif self.least is not None and value < self.least:
            yield place.fault(f"{value} is below {self.least}", f"write {self.least} or more")
        elif self.most is not None and value > self.most:
            yield place.fault(f"{value} is above {self.most}", f"write {self.most} or less")


@dataclass(frozen=True)
class Flag:
    """true or false."""

    def check(self, value: Any, place: Place) -> Iterator[Fault]:
        if not isinstance(value, bool):
            yield place.fault(f"true or false is expected, not {value!r}", "write true or false")


@dataclass(frozen=True)
class Day:
    """A calendar date."""

    def check(self, value: Any, place: Place) -> Iterator[Fault]:
        if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
            yield place.fault(f"a date is expected, not {value!r}", "write it as 2026-01-31, without quotes")


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def check(self, value: Any, place: Place) -> Iterator[Fault]:
        if not isinstance(value, str) or value not in self.words:
            yield place.fault(f"{value!r} is not known here", near(str(value), self.words))


@dataclass(frozen=True)
class ListOf:
    """A list of one shape; `single` lets one value stand for a list of one."""

    shape: Shape
    least: int = 0
    single: bool = False

    def check(self, value: Any, place: Place) -> Iterator[Fault]:
        if self.single and not isinstance(value, list):
            yield from self.shape.check(value, place)
            return
        if not isinstance(value, list):
            yield place.fault(f"a list is expected, not {value!r}", "write [a, b] or lines beginning with '- '")
            return
        if len(value) < self.least:
            yield place.fault(f"at least {self.least} needed, {len(value)} given", "add what is missing")
        for index, item in enumerate(value):
            yield from self.shape.check(item, place.child(index))


@dataclass(frozen=True)
class MapOf:
    """A mapping with keys of the author's choice."""

    shape: Shape
    keys: str = r".+"

    def check(self, value: Any, place: Place) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield place.fault(f"a mapping is expected, not {value!r}", "write 'key: value' lines")
            return
        for key, item in value.items():
            if not re.fullmatch(self.keys, key):
                yield place.child(key).fault(f"the key {key!r} does not have the expected form", f"pattern {self.keys}")
            yield from self.shape.check(item, place.child(key))


@dataclass(frozen=True)
class Record:
    """A mapping with known keys: all others are refused."""

    needed: Mapping[str, Shape] = field(default_factory=dict)
    optional: Mapping[str, Shape] = field(default_factory=dict)

    def check(self, value: Any, place: Place) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield place.fault(f"a mapping is expected, not {value!r}", "write 'key: value' lines")
            return
        known = {**self.needed, **self.optional}
        for key, item in value.items():
            if key in known:
                yield from known[key].check(item, place.child(key))
            else:
                yield place.child(key).fault(f"unknown key {key!r}", near(key, known))
        for key in self.needed:
            if key not in value:
                yield place.child(key).fault(f"{key!r} is missing", f"write {key}: …")


@dataclass(frozen=True)
class Title:
    """A title in all three languages of the interface."""

    def check(self, value: Any, place: Place) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield place.fault(f"a title in uk, ru and en is expected, not {value!r}", "write {uk: …, ru: …, en: …}")
            return
        yield from Record({language: Text() for language in LANGUAGES}).check(value, place)


@dataclass(frozen=True)
class Anything:
    """Any plain data."""

    def check(self, _value: Any, _place: Place) -> Iterator[Fault]:
        return iter(())


@dataclass(frozen=True)
class Either:
    """The first shape whose kind of value it is (text, number, list or mapping)."""

    shapes: Mapping[type, Shape]

    def check(self, value: Any, place: Place) -> Iterator[Fault]:
        for kind, shape in self.shapes.items():
            if isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool):
                yield from shape.check(value, place)
                return
        words = {
            str: "a text",
            int: "a number",
            float: "a number",
            bool: "true or false",
            list: "a list",
            dict: "a mapping",
        }
        expected = " or ".join(dict.fromkeys(words.get(kind, kind.__name__) for kind in self.shapes))
        yield place.fault(f"{expected} is expected, not {value!r}", "correct the value")


@dataclass(frozen=True)
class Reference:
    """A number, or `$name` standing for a value of the clause or `$var.name` for a variable of the profile."""

    def check(self, value: Any, place: Place) -> Iterator[Fault]:
        if isinstance(value, str):
            if not value.startswith("$"):
                yield place.fault(f"{value!r} is neither a number nor a reference", "write $name or $var.name")
            return
        yield from Number().check(value, place)
