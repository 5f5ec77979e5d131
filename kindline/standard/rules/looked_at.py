"""looked_at: an inspector saw it; a number is held against the clause's limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis

from kindline.standard import patterns
from kindline.standard.inspections import SINCE
from kindline.standard.rules.judgement import CLAUSE, MET, NONE, NOT_MEASURABLE, NOT_MET, Judgement, either, words
from kindline.standard.rules.limit import bounds
from kindline.standard.rules.sheet import Expr, Sheet


def judge(params: Mapping[str, Any], sheet: Sheet) -> Judgement:
    """Not met where one of the clause's items is not; an inspection that is overdue is not measurable.

    An item that does not apply to the object says nothing of it; a number is judged by its limit alone.
    """
    seen = patterns.one("item_looked_at", clause=params[CLAUSE])
    missed = (patterns.one("inspection_overdue", checklist=list(words(params["checklist"]))),)
    limit = bounds({"measure": {}, "unit": "review", **params})
    good, bad = ((patterns.one("item_looked_at", clause=params[CLAUSE], verdict=word),) for word in ("met", "not_met"))
    value = sheet.ask("final", (seen,), "value")
    is_number = limit.most is not None or limit.least is not None
    fails = [sheet.there(bad)] if not is_number else [limit.breached(value, value).fill_null(False)]
    verdict = ibis.cases(
        (either(fails), NOT_MET),
        (value.notnull() if is_number else sheet.there(good), MET),
        (sheet.there((seen,)), NONE),
        (sheet.there(missed), NOT_MEASURABLE),
        else_=NONE,
    )
    since = ibis.literal(SINCE).concat(sheet.ask("word", missed, "since").replace('"', ""))
    said = _written(value) if is_number else ibis.ifelse(sheet.there(bad), "not_met", "met")
    observed = ibis.ifelse(sheet.there((seen,)), said, since)
    told = limit.told() if is_number else "met"
    at = ibis.coalesce(sheet.last((seen,)), sheet.last(missed))
    return Judgement(True, verdict, observed, told, limit.unit, (seen, *missed), at)


def _written(value: Expr) -> Expr:
    """A number as text: a whole one without a point."""
    whole = value.floor() == value
    return ibis.ifelse(whole, value.floor().cast("int64").cast("string"), value.round(2).cast("string"))
