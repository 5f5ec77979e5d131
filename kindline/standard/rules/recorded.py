"""recorded: each side of the talk is recorded, whole, and kept long enough."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from kindline.standard import patterns, terms
from kindline.standard.rules.judgement import Judgement, every, kept, words
from kindline.standard.rules.sheet import Sheet, joined


def judge(params: Mapping[str, Any], sheet: Sheet) -> Judgement:
    """Every leg has a whole recording; with `retention`, each is kept at least that long."""
    legs = words(params["legs"])
    stored = {leg: patterns.one("recording_stored", leg=leg, complete={"not": False}) for leg in legs}
    there = {leg: sheet.there((pattern,)) for leg, pattern in stored.items()}
    faults = [(~there[leg], f"{leg} –") for leg in legs]
    if "retention" in params:
        days = str(least_days(params["retention"]))
        early = sheet.ask("early", tuple(stored.values()), "retention_until", (days,)) > 0
        faults.append((early, "retention_until –"))
    good = every(~fault for fault, _ in faults)
    observed = good.ifelse(", ".join(legs), joined(*faults))
    limit = ", ".join(legs) + (f"; {params['retention']}" if "retention" in params else "")
    together = tuple(stored.values())
    failed = patterns.parse("recording_failed")
    evidence = together + failed
    return Judgement(True, kept(good), observed, limit, "recordings", evidence, sheet.last(together))


def least_days(retention: Any) -> int:
    """The fewest days that a term of retention can have (six months have at least 181)."""
    term = terms.parse(retention)
    if term is None:
        return 0
    if term.unit != "months":
        return term.n
    starts = (dt.date(2021 + month // 12, month % 12 + 1, 1) for month in range(48))
    return min((terms.add_months(start, term.n) - start).days for start in starts)
