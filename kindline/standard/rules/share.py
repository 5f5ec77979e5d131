"""share: how many of the subjects of a period have something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis

from kindline.standard.rules.judgement import Tally, asked
from kindline.standard.rules.sheet import Sheet


def tally(params: Mapping[str, Any], sheet: Sheet) -> Tally:
    """A subject counts once in the base when `of` happened, and once in the amount when `having` happened too."""
    base, having = sheet.there(asked(params, "of")), sheet.there(asked(params, "having"))
    counted = having & base
    offends = counted if "max" in params else base & ~having
    evidence = asked(params, "of") + asked(params, "having")
    one, none = ibis.literal(1.0), ibis.literal(0.0)
    return Tally(base, ibis.ifelse(counted, one, none), ibis.ifelse(base, one, none), none, evidence, offends)
