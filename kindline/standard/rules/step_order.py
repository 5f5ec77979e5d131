"""step_order: the steps were done one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from kindline.standard.rules.judgement import Judgement, every, kept, words
from kindline.standard.rules.sheet import Sheet, joined
from kindline.standard.rules.step_done import step


def judge(params: Mapping[str, Any], sheet: Sheet) -> Judgement:
    """The first doing of each step is not before the first doing of any step that precedes it in the list."""
    names = words(params["steps"])
    steps = [step(name, params) for name in names]
    firsts = [sheet.first((pattern,)) for pattern in steps]
    wrong = [(later < earlier).fill_null(False) for index, later in enumerate(firsts) for earlier in firsts[:index]]
    good = every(~one for one in wrong)
    if params.get("missing") != "ignore":
        good = good & every(first.notnull() for first in firsts)
    early = [
        ((later < earlier).fill_null(False), f"{two} < {one}")
        for (one, earlier), (two, later) in pairwise(zip(names, firsts, strict=True))
    ]
    absent = [(first.isnull(), f"{name} –") for name, first in zip(names, firsts, strict=True)]
    observed = good.ifelse(" → ".join(names), joined(*early, *absent))
    limit = " → ".join(names)
    return Judgement(True, kept(good), observed, limit, "steps", tuple(steps), sheet.last(tuple(steps)))
