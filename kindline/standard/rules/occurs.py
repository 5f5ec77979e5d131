"""occurs: something happened, often enough and not too often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kindline.standard.rules.judgement import Judgement, asked, kept
from kindline.standard.rules.sheet import Sheet


def judge(params: Mapping[str, Any], sheet: Sheet) -> Judgement:
    """The fact is there at least `count_min` (1) times and at most `count_max` times."""
    facts = asked(params, "fact")
    count, least, most = (
        sheet.count(facts),
        params.get("count_min", 0 if "count_max" in params else 1),
        params.get("count_max"),
    )
    good = (count >= least) if most is None else (count >= least) & (count <= most)
    limit = f"≥ {least}" if most is None else f"{least}–{most}"
    return Judgement(True, kept(good), count, limit, "times", facts, sheet.last(facts))
