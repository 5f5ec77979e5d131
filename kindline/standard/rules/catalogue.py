"""The kinds of rules and the modules that carry them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kindline.standard.rules import (
    deadline,
    forbidden,
    identified_before,
    inspected,
    lexicon,
    limit,
    looked_at,
    menu_shape,
    notified_before,
    occurs,
    phrase_at_step,
    recorded,
    required_fields,
    share,
    speech,
    step_done,
    step_order,
)
from kindline.standard.rules.judgement import Judgement, Tally
from kindline.standard.rules.sheet import Sheet

Judge = Callable[[Mapping[str, Any], Sheet], Judgement]
Count = Callable[[Mapping[str, Any], Sheet], Tally]

SUBJECT_RULES: dict[str, Judge] = {
    "limit": limit.judge,
    "step_done": step_done.judge,
    "step_order": step_order.judge,
    "phrase_at_step": phrase_at_step.judge,
    "occurs": occurs.judge,
    "required_fields": required_fields.judge,
    "identified_before": identified_before.judge,
    "notified_before": notified_before.judge,
    "recorded": recorded.judge,
    "menu_shape": menu_shape.judge,
    "forbidden": forbidden.judge,
    "deadline": deadline.judge,
    "lexicon": lexicon.judge,
    "speech": speech.judge,
    "inspected": inspected.judge,
    "looked_at": looked_at.judge,
}
PERIOD_RULES: dict[str, Count] = {"limit": limit.tally, "share": share.tally}
