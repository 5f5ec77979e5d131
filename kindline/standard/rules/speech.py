"""speech: what was measured on the sound: pauses, interruptions, tempo, loudness."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis

from kindline.standard import patterns
from kindline.standard.patterns import Pattern
from kindline.standard.rules.judgement import NOT_MEASURABLE, Judgement, kept
from kindline.standard.rules.limit import Bounds
from kindline.standard.rules.sheet import Sheet

MEASURED = (Pattern("speech_measured"),)
SURELY = (patterns.one("speech_measured", sure={"not": False}),)


def judge(params: Mapping[str, Any], sheet: Sheet) -> Judgement:
    """The measured value lies within the bounds; where nothing was measured, not measurable.

    Nor where it lies outside, and the measurement is not sure: a person has to hear it.
    """
    value = sheet.ask("final", MEASURED, params["field"])
    limit = Bounds(params.get("max"), params.get("min"), params["field"])
    breached = limit.breached(value, value)
    unproven = breached & sheet.ask("final", SURELY, params["field"]).isnull()
    verdict = ibis.ifelse(value.isnull() | unproven, NOT_MEASURABLE, kept(~breached))
    unit = "s" if params["field"].endswith("_s") else params["field"]
    return Judgement(True, verdict, value, limit.told(), unit, MEASURED, sheet.last(MEASURED))
