"""The vocabulary of facts: what may happen, to which kind of subject, with which fields."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("facts.yaml")
FIELD_TYPES = ("text", "int", "float", "bool", "time", "list")


@dataclass(frozen=True, slots=True)
class FactKind:
    """A kind of fact: its subject type and the types of its fields."""

    name: str
    subject: str
    fields: dict[str, str]


@cache
def kinds() -> dict[str, FactKind]:
    """Every kind of fact by name."""
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {name: FactKind(name, entry["subject"], dict(entry["fields"])) for name, entry in raw.items()}


def subject_types() -> set[str]:
    """Every type of subject that a fact may have."""
    return {kind.subject for kind in kinds().values()}
