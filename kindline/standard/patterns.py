"""Patterns of facts: a kind, and what its fields must hold."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kindline.standard import vocabulary
from kindline.standard.documents import Place
from kindline.standard.faults import Fault
from kindline.standard.shapes import near

Test = Literal["in", "not_in", "present", "says"]


@dataclass(frozen=True, slots=True)
class Condition:
    """What one field must hold: one of `values`, none of them, anything at all, or words that contain all values."""

    field: str
    test: Test
    values: tuple[Any, ...] = ()

    def holds(self, data: Mapping[str, Any]) -> bool:
        """Whether a fact's data satisfies the condition; an absent field is "none of them", and says anything."""
        value = data.get(self.field)
        if self.test == "not_in":
            return value not in self.values
        if self.test == "says":
            return value is None or all(str(part).lower() in str(value).lower() for part in self.values)
        return value is not None and (self.test == "present" or value in self.values)


@dataclass(frozen=True, slots=True)
class Pattern:
    """Facts of one kind whose fields satisfy all conditions."""

    kind: str
    conditions: tuple[Condition, ...] = ()

    def matches(self, kind: str, data: Mapping[str, Any]) -> bool:
        """Whether a fact of `kind` with `data` is meant."""
        return kind == self.kind and all(condition.holds(data) for condition in self.conditions)

    def __str__(self) -> str:
        signs = {"in": "=", "not_in": "≠", "present": "≠", "says": "∋"}
        said = ", ".join(f"{c.field}{signs[c.test]}{'/'.join(map(str, c.values)) or '–'}" for c in self.conditions)
        return f"{self.kind}({said})" if said else self.kind

    def key(self) -> str:
        """A stable text, equal for equal patterns."""
        return json.dumps([self.kind, [[c.field, c.test, list(c.values)] for c in self.conditions]], default=str)


def parse(raw: Any) -> tuple[Pattern, ...]:
    """The alternatives that `raw` stands for: a kind, a mapping, or a list of either (any of them)."""
    if raw is None:
        return ()
    if isinstance(raw, list):
        return tuple(pattern for item in raw for pattern in parse(item))
    if isinstance(raw, str):
        return (Pattern(raw),)
    conditions = tuple(_condition(key, value) for key, value in raw.items() if key != "fact")
    return (Pattern(raw["fact"], tuple(sorted(conditions, key=lambda c: c.field))),)


def _condition(field: str, value: Any) -> Condition:
    if value == "present":
        return Condition(field, "present")
    if isinstance(value, dict):
        return Condition(field, "not_in", _several(value.get("not")))
    return Condition(field, "in", _several(value))


def one(kind: str, **conditions: Any) -> Pattern:
    """A pattern written in Python: `one("step_done", step="greet")`."""
    return parse({"fact": kind, **conditions})[0]


def _several(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


@dataclass(frozen=True)
class PatternShape:
    """A pattern, or a list of patterns any of which will do."""

    single: bool = False

    def check(self, value: Any, place: Place) -> Iterator[Fault]:
        if isinstance(value, list) and not self.single:
            if not value:
                yield place.fault("an empty list of facts", "name at least one kind of fact")
            for index, item in enumerate(value):
                yield from PatternShape(single=True).check(item, place.child(index))
        elif isinstance(value, str):
            yield from _check_kind(value, place)
        elif isinstance(value, dict):
            yield from _check_mapping(value, place)
        else:
            yield place.fault(f"a kind of fact is expected, not {value!r}", "write kind or {fact: kind, field: value}")


def _check_kind(kind: Any, place: Place) -> Iterator[Fault]:
    if not isinstance(kind, str) or kind not in vocabulary.kinds():
        yield place.fault(f"unknown kind of fact {kind!r}", near(str(kind), vocabulary.kinds()))


def _check_mapping(value: dict[str, Any], place: Place) -> Iterator[Fault]:
    if "fact" not in value:
        yield place.fault("the mapping does not name a kind of fact", "write {fact: kind, field: value}")
        return
    wrong = list(_check_kind(value["fact"], place.child("fact")))
    yield from wrong
    if wrong:
        return
    known = vocabulary.kinds()[value["fact"]].fields
    for key, item in value.items():
        if key == "fact":
            continue
        if key not in known:
            yield place.child(key).fault(f"{value['fact']} has no field {key!r}", near(key, known or {"(none)": ""}))
        yield from _check_condition(item, place.child(key))


def _check_condition(item: Any, place: Place) -> Iterator[Fault]:
    if isinstance(item, dict):
        if set(item) != {"not"}:
            yield place.fault(
                f"unknown condition {sorted(item)}", "write {not: value}, a value, a list of values or present"
            )
            return
        item = item["not"]
    for one in item if isinstance(item, list) else [item]:
        if not isinstance(one, str | int | float | bool):
            yield place.fault(f"a plain value is expected, not {one!r}", "write a text, a number, true or false")
