"""forbidden: what must not happen, or only on a ground, or only after something else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kindline.standard.patterns import Condition, Pattern
from kindline.standard.rules.judgement import Judgement, asked, every, kept, occasioned, words
from kindline.standard.rules.sheet import Sheet


def judge(params: Mapping[str, Any], sheet: Sheet) -> Judgement:
    """No such fact; with a ground or a forerunner allowed, none without it. A right not used is not judged, unless
    the rule itself names the occasion (`when`) on which nothing of the kind may happen.
    """
    facts, grounds, first = asked(params, "fact"), words(params.get("unless_ground")), asked(params, "requires_before")
    count = sheet.count(facts)
    conditional = bool(grounds or first)
    checks = [] if conditional else [count == 0]
    if grounds:
        groundless = tuple(_without(pattern, grounds) for pattern in facts)
        checks.append(sheet.count(groundless) == 0)
    if first:
        checks.append((count == 0) | (sheet.first(first) <= sheet.first(facts)))
    applies = count > 0 if conditional and not occasioned(params) else True
    limit = " / ".join([*grounds, *map(str, first)]) if conditional else "0"
    observed = sheet.ask("word", facts, "ground").replace('"', "") if grounds else count
    return Judgement(
        applies,
        kept(every(checks)),
        observed,
        limit,
        "ground" if grounds else "times",
        facts + first,
        sheet.first(facts),
    )


def _without(pattern: Pattern, grounds: tuple[str, ...]) -> Pattern:
    return Pattern(pattern.kind, (*pattern.conditions, Condition("ground", "not_in", grounds)))
