"""inspected: a person judged it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis

from kindline.standard import patterns
from kindline.standard.rules.judgement import CLAUSE, MET, NONE, NOT_MEASURABLE, NOT_MET, Judgement, words
from kindline.standard.rules.sheet import Sheet


def judge(params: Mapping[str, Any], sheet: Sheet) -> Judgement:
    """The last judgement of this clause's items; none yet is not measurable, "not applicable" does not apply."""
    items = words(params.get("item"))
    judged = (patterns.one("item_judged", clause=params[CLAUSE], **({"item": list(items)} if items else {})),)
    last = sheet.ask("word", judged, "verdict").replace('"', "")
    verdict = ibis.cases(
        (last.isnull(), NOT_MEASURABLE),
        (last.isin(["met", "yes"]), MET),
        (last.isin(["not_met", "no"]), NOT_MET),
        else_=NONE,
    )
    return Judgement(True, verdict, last, "met", "review", judged, sheet.last(judged))
