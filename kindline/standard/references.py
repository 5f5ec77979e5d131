"""Values named instead of written: `$rings_max` of the clause, `$var.ring_period_s` of the profile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kindline.standard.documents import Place
from kindline.standard.faults import Fault
from kindline.standard.shapes import near


class References:
    """Replaces references by values and remembers what could not be found."""

    def __init__(self, variables: Mapping[str, Any], clauses: Mapping[str, Mapping[str, Any]]) -> None:
        self.variables = variables
        self.clauses = clauses
        self.faults: list[Fault] = []

    def resolve(self, raw: Any, place: Place, own: Mapping[str, Any]) -> Any:
        """`raw` with every reference in it replaced; `own` = the raw clause that is meant by a bare $name."""
        if isinstance(raw, dict):
            return {key: self.resolve(value, place.child(key), own) for key, value in raw.items()}
        if isinstance(raw, list):
            return [self.resolve(value, place.child(index), own) for index, value in enumerate(raw)]
        if isinstance(raw, str) and raw.startswith("$"):
            return self._find(raw[1:], place, own)
        return raw

    def _find(self, name: str, place: Place, own: Mapping[str, Any]) -> Any:
        if name.startswith("var."):
            return self._get(self.variables, name[4:], place, "the profile has no variable")
        if name in ("phrases", "prescribed") and isinstance(own.get("phrases"), list):
            return [phrase["text"] for phrase in own["phrases"] if _is_phrase(phrase)]
        clause, _, key = name.rpartition(".")
        if clause in self.clauses:
            return self._get(_value_of(self.clauses[clause]), key, place, f"the value of {clause} has no")
        return self._get(_value_of(own), name, place, "the value of the clause has no")

    def _get(self, found: Mapping[str, Any], key: str, place: Place, said: str) -> Any:
        if key in found:
            return found[key]
        self.faults.append(place.fault(f"{said} {key!r}", near(key, found) if found else f"add {key} there"))
        return None


def _value_of(clause: Mapping[str, Any]) -> Mapping[str, Any]:
    value = clause.get("value")
    return value if isinstance(value, dict) else {}


def _is_phrase(phrase: Any) -> bool:
    return isinstance(phrase, dict) and isinstance(phrase.get("text"), str) and phrase.get("role") == "prescribed"
