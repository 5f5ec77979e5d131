"""notified_before: notice was given before the event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kindline.standard.rules.features import Patterns
from kindline.standard.rules.judgement import Judgement, asked, kept
from kindline.standard.rules.sheet import Sheet, seconds


def judge(params: Mapping[str, Any], sheet: Sheet) -> Judgement:
    """The first notice is not later than the first event; without the event nothing is judged."""
    return before(asked(params, "notice"), asked(params, "event"), sheet)


def before(notice: Patterns, event: Patterns, sheet: Sheet) -> Judgement:
    """Whether the one came before the other; observed = by how many seconds."""
    given, happened = sheet.first(notice), sheet.first(event)
    good = given <= happened
    observed = seconds(happened, given)
    return Judgement(sheet.there(event), kept(good), observed, "≥ 0", "s before", notice + event, happened)
