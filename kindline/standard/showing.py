"""A clause shown whole."""

from __future__ import annotations

from typing import Any

from kindline.standard.clauses import Clause


def card(clause: Clause, carriers: list[str]) -> dict[str, Any]:
    """Everything about a clause that a reader may ask for; what it does not have is left out."""
    found: dict[str, Any] = {
        "clause": clause.id,
        "section": clause.section,
        "text": clause.text,
        "text_en": clause.text_en,
        "how": clause.how,
        "obligation": clause.obligation,
        "channel": list(clause.channel),
        "direction": clause.direction,
        "role": clause.role,
        "value": dict(clause.value),
        "phrases": [{"text": phrase.text, "role": phrase.role} for phrase in clause.phrases],
        "reading": clause.reading,
        "reading_en": clause.reading_en,
        "rule": {"kind": clause.rule.kind, **clause.rule.params} if clause.rule else None,
        "evidence": list(clause.evidence),
        "component": clause.component,
        "later": clause.later or None,
        "carriers": carriers,
        "examples": [f"{example.verdict}: {example.name}" for example in clause.examples],
        "where": f"{clause.file}:{clause.line}",
    }
    return {key: value for key, value in found.items() if value not in (None, [], {})}
