"""deadline: what was promised or is due was done in time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis

from kindline.standard import terms
from kindline.standard.rules.features import Due
from kindline.standard.rules.judgement import MET, NONE, NOT_MEASURABLE, NOT_MET, Judgement, asked
from kindline.standard.rules.sheet import Sheet


def judge(params: Mapping[str, Any], sheet: Sheet) -> Judgement:
    """Every promise was kept by its moment; one that is open and not yet due is not judged.

    Where the moment is not given, it is not measurable.
    """
    found = sheet.due(promise(params))
    late, waiting, kept, unknown = (found[name].fill_null(0) > 0 for name in ("late", "open_n", "kept", "unknown"))
    late = late | (found["open_due"] < sheet.as_of).fill_null(False)
    verdict = ibis.cases((late, NOT_MET), (waiting, NONE), (kept, MET), (unknown, NOT_MEASURABLE), else_=NONE)
    done, started = found["done"], asked(params, "from")
    said = ibis.ifelse(done.isnull(), "–", _written(done))
    evidence = started + asked(params, "done")
    at = ibis.coalesce(done, found["open_due"])
    return Judgement(sheet.there(started), verdict, said, _written(found["due"]), "time", evidence, at)


def _written(moment: Any) -> Any:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def promise(params: Mapping[str, Any]) -> Due:
    """What is due, from which fact, by which moment."""
    term = terms.parse(params.get("term"))
    if term is None and "n" in params:
        term = terms.Term(params["n"], params["unit"])
    after_s = params.get("within_s")
    if term is not None and not term.whole_days:
        after_s, term = term.n * (3600 if term.unit == "hours" else 60), None
    named = "due_field" in params
    return Due(
        asked(params, "from"),
        asked(params, "done"),
        params.get("due_field"),
        None if named else after_s,
        None if named else term,
        None if named or term or after_s is not None else params.get("rule"),
        params.get("hours"),
    )
