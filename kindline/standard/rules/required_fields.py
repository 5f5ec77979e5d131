"""required_fields: what must be written down was written down, or said to be none where that is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis

from kindline.standard.rules.judgement import Judgement, asked, every, kept, occasioned, words
from kindline.standard.rules.sheet import Sheet, joined


def judge(params: Mapping[str, Any], sheet: Sheet) -> Judgement:
    """Every such fact has every field (with `any`: at least one of them).

    On an occasion that the rule names (`when`), there must be such a fact at all.
    """
    facts, names = asked(params, "fact"), words(params["fields"])
    none_allowed = set(words(params.get("allow_none")))
    lacking = [sheet.ask("lacking", facts, name, ("none",) if name in none_allowed else ()) for name in names]
    missing = [count > 0 for count in lacking]
    there = sheet.there(facts)
    good = there & (~every(missing) if params.get("any") else every(~one for one in missing))
    absent = joined(*((one, f"{name} –") for one, name in zip(missing, names, strict=True)))
    limit = (" / " if params.get("any") else ", ").join(names)
    observed = ibis.ifelse(good, limit, absent)
    applies = True if occasioned(params) else there
    return Judgement(applies, kept(good), observed, limit, "fields", facts, sheet.last(facts))
