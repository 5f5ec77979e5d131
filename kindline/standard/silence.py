"""What may be decided when a client does not send what he was asked for: a list of the workflow (krc-5.7.2-26)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kindline.standard.scripts import Title


@dataclass(frozen=True, slots=True)
class WayOn:
    """A decision that the standard allows."""

    id: str
    title: Title
    clauses: tuple[str, ...] = ()


def ways_on(raw: Iterable[Mapping[str, Any]]) -> tuple[WayOn, ...]:
    """The list out of plain data whose shape has been checked."""
    return tuple(WayOn(one["id"], one["title"], tuple(one.get("clauses") or ())) for one in raw)
