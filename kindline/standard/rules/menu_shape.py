"""menu_shape: the voice menu that is in use has the shape that the standard asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis

from kindline.standard.patterns import Pattern
from kindline.standard.rules.judgement import NOT_MEASURABLE, Judgement, kept
from kindline.standard.rules.limit import Bounds
from kindline.standard.rules.sheet import Sheet

ACTIVATED = (Pattern("menu_activated"),)


def judge(params: Mapping[str, Any], sheet: Sheet) -> Judgement:
    """The property of the menu activated last lies within the bounds, or equals what it must."""
    value = sheet.ask("final", ACTIVATED, params["property"])
    if "equals" in params:
        wanted = params["equals"]
        good, limit = value == float(wanted), f"= {str(wanted).lower()}"
    else:
        bounds = Bounds(params.get("max"), params.get("min"), "")
        good, limit = ~bounds.breached(value, value), bounds.told()
    unit = "s" if params["property"].endswith("_s") else params["property"]
    observed = value
    if isinstance(params.get("equals"), bool):
        observed = ibis.ifelse(value == 1.0, "true", "false")
    verdict = ibis.ifelse(value.isnull(), NOT_MEASURABLE, kept(good))
    return Judgement(sheet.there(ACTIVATED), verdict, observed, limit, unit, ACTIVATED, sheet.last(ACTIVATED))
