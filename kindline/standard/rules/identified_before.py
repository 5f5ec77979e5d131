"""identified_before: the client was identified before the action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import ibis

from kindline.standard.patterns import Pattern
from kindline.standard.rules.judgement import NOT_MET, Judgement, asked, either, words
from kindline.standard.rules.notified_before import before
from kindline.standard.rules.sheet import Sheet


def judge(params: Mapping[str, Any], sheet: Sheet) -> Judgement:
    """The first identification is not later than the first action; without the action nothing is judged.

    With `fields`, an identification by fewer fields than these breaks the rule too.
    """
    by = asked(params, "by") or (Pattern("identified"),)
    found = before(by, asked(params, "action"), sheet)
    lacking = [sheet.ask("lacking", by, name) > 0 for name in words(params.get("fields"))]
    if not lacking:
        return found
    return replace(found, verdict=ibis.ifelse(either(lacking), NOT_MET, found.verdict))
