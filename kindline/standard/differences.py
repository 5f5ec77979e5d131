"""What is different between two versions of a standard, clause by clause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kindline.standard.clauses import Clause
from kindline.standard.profile import Profile

COMPARED = (
    "section",
    "text",
    "text_en",
    "how",
    "channel",
    "direction",
    "obligation",
    "value",
    "phrases",
    "role",
    "reading",
    "rule",
    "component",
    "later",
)


@dataclass(frozen=True, slots=True)
class Change:
    """A clause that is new, gone or changed; `fields` = field -> (before, after)."""

    clause: str
    kind: str  # added | removed | changed
    fields: Mapping[str, tuple[Any, Any]]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        fields = {
            name: {"before": _plain(before), "after": _plain(after)} for name, (before, after) in self.fields.items()
        }
        return {"clause": self.clause, "kind": self.kind, "fields": fields}


def between(before: Profile, after: Profile) -> list[Change]:
    """Every clause that is not the same, in the order of the later version; what is gone comes last."""
    found = []
    for name, clause in after.clauses.items():
        if name not in before.clauses:
            found.append(Change(name, "added", {"text": (None, clause.text)}))
        elif fields := _changed(before.clauses[name], clause):
            found.append(Change(name, "changed", fields))
    gone = [name for name in before.clauses if name not in after.clauses]
    return found + [Change(name, "removed", {"text": (before.clauses[name].text, None)}) for name in gone]


def _changed(before: Clause, after: Clause) -> dict[str, tuple[Any, Any]]:
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in COMPARED}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return dict(value)
    if value is None or isinstance(value, str | int | float | bool | list):
        return value
    if hasattr(value, "params"):
        return {"kind": value.kind, **value.params}
    return {"text": value.text, "role": value.role} if hasattr(value, "role") else str(value)
