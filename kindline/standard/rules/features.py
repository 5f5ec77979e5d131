"""What rules ask about a subject's facts: each question becomes one column of the wide row, asked once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kindline.standard.patterns import Pattern
from kindline.standard.terms import Term

Patterns = tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Feature:
    """A question about the facts that match any of the patterns.

    what: count | first | last (moments) | ids | max | min | sum | avg | final (number of a field) |
    word (latest text of a field) | opening (earliest text) | lacking (facts whose `fields` lack `name`) |
    early (facts whose moment in the field `name` comes before the least moment of retention).
    """

    what: str
    patterns: Patterns
    name: str = ""
    extra: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """Stretches of time from a fact to the next fact of another kind."""

    starts: Patterns
    ends: Patterns
    from_first: bool = False
    ring_period_s: float | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """Promises: each fact that starts one, when it was due, and the fact that kept it (first come, first kept)."""

    starts: Patterns
    done: Patterns
    field: str | None = None
    after_s: float | None = None
    term: Term | None = None
    rule: str | None = None
    hours: str | None = None

    @property
    def calendar_key(self) -> tuple[Term | None, str | None, str | None] | None:
        """What a calendar table is made for; None when no calendar is needed."""
        return None if self.term is None and self.rule is None else (self.term, self.rule, self.hours)


Question = Feature | Pair | Due


@dataclass(slots=True)
class Questions:
    """All questions of all rules, each once, in the order of asking."""

    features: dict[Feature, str] = field(default_factory=dict)
    pairs: dict[Pair, int] = field(default_factory=dict)
    dues: dict[Due, int] = field(default_factory=dict)

    def feature(self, asked: Feature) -> str:
        return self.features.setdefault(asked, f"c{len(self.features)}")

    def pair(self, asked: Pair) -> int:
        return self.pairs.setdefault(asked, len(self.pairs))

    def due(self, asked: Due) -> int:
        return self.dues.setdefault(asked, len(self.dues))

    def patterns(self) -> set[Pattern]:
        """Every pattern that is asked about."""
        found = {pattern for feature in self.features for pattern in feature.patterns}
        found |= {pattern for pair in self.pairs for pattern in (*pair.starts, *pair.ends)}
        return found | {pattern for due in self.dues for pattern in (*due.starts, *due.done)}


BETWEEN = "\x1f"  # stands between the ids of facts in one text
FIELD_FEATURES = ("max", "min", "sum", "avg", "final", "word", "opening", "early")


def fields_of(questions: Questions) -> dict[str, set[str]]:
    """Which fields of the data are needed, each with the kinds of facts it is needed of."""
    needed: dict[str, set[str]] = {}
    for name, patterns in _needs(questions):
        needed.setdefault(name, set()).update(pattern.kind for pattern in patterns)
    return needed


def _needs(questions: Questions) -> Iterator[tuple[str, Patterns]]:
    for pattern in questions.patterns():
        yield from ((condition.field, (pattern,)) for condition in pattern.conditions)
    for feature in questions.features:
        if feature.what in FIELD_FEATURES:
            yield feature.name, feature.patterns
        if feature.what == "lacking":
            yield from ((name, feature.patterns) for name in ("fields", "none_fields", feature.name))
    yield from (("rings", pair.ends) for pair in questions.pairs if pair.ring_period_s is not None)
    yield from ((due.field, due.starts) for due in questions.dues if due.field is not None)


TYPES: dict[str, str] = {
    "count": "int64",
    "first": "timestamp",
    "last": "timestamp",
    "ids": "string",
    "max": "float64",
    "min": "float64",
    "sum": "float64",
    "avg": "float64",
    "final": "float64",
    "word": "string",
    "opening": "string",
    "lacking": "int64",
    "early": "int64",
}
PAIR_TYPES = {
    "n": "int64",
    "total": "float64",
    "longest": "float64",
    "shortest": "float64",
    "rings_most": "float64",
    "rings_least": "float64",
    "open_n": "int64",
    "open_at": "timestamp",
}
DUE_TYPES = {
    "kept": "int64",
    "late": "int64",
    "open_n": "int64",
    "open_due": "timestamp",
    "due": "timestamp",
    "done": "timestamp",
    "unknown": "int64",
}
Columns = dict[str, Any]
