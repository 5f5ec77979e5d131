"""identified_before: the client was identified before the action."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kindline.standard.clauses import Clause
from kindline.standard.patterns import Pattern
from kindline.standard.rules.judgement import Judgement, asked
from kindline.standard.rules.notified_before import before
from kindline.standard.rules.sheet import Sheet


def judge(clause: Clause, params: Mapping[str, Any], sheet: Sheet) -> Judgement:
    """The first identification is not later than the first action; without the action nothing is judged."""
    return before(asked(params, "by") or (Pattern("identified"),), asked(params, "action"), sheet)
