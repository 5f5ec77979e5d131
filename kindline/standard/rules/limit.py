"""limit: how long, how many rings, how much; each time, in total, or on average over a period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis

from kindline.standard import patterns
from kindline.standard.rules.features import Pair
from kindline.standard.rules.judgement import NONE, NOT_MEASURABLE, Judgement, Tally, asked, either, kept
from kindline.standard.rules.sheet import Expr, Sheet, seconds

SECONDS, RINGS = "s", "rings"


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of a limit; being better than a target's lower end is never a breach."""

    most: float | None
    least: float | None
    unit: str

    def breached(self, largest: Expr, smallest: Expr) -> Expr:
        """Whether a value lies outside."""
        found = []
        if self.most is not None:
            found.append(largest > float(self.most))
        if self.least is not None:
            found.append(smallest < float(self.least))
        return either(found)

    def told(self) -> str:
        """The bounds in words."""
        said = [f"≤ {_plain(self.most)}"] if self.most is not None else []
        return ", ".join(said + ([f"≥ {_plain(self.least)}"] if self.least is not None else []))


def _plain(number: float) -> str:
    return f"{number:g}" if isinstance(number, float) else str(number)


def bounds(params: Mapping[str, Any]) -> Bounds:
    """The bounds and their unit; a target counts only where there is no upper limit."""
    unit = next(
        (one for one in (SECONDS, RINGS) if any(f"{side}_{one}" in params for side in ("max", "min", "target"))), None
    )
    if unit is None:
        field = params.get("measure", {}).get("field", "")
        unit = params.get("unit") or (SECONDS if field.endswith("_s") or "measure" not in params else field)
    names = (f"max_{unit}", "max", f"target_{unit}", "target")
    most = next((params[name] for name in names if name in params), None)
    least = next((params[name] for name in (f"min_{unit}", "min") if name in params), None)
    return Bounds(most, least, unit)


def judge(params: Mapping[str, Any], sheet: Sheet) -> Judgement:
    """Every stretch, their total, or a measured field lies within the bounds.

    A stretch that never ended breaks the limit once the contact is over or the limit has passed.
    """
    if "measure" in params:
        return _measured(params, sheet)
    found, limit = sheet.pair(pair(params, sheet)), bounds(params)
    largest, smallest = _values(params, limit, found)
    done = found["n"].fill_null(0) > 0
    hanging = (found["open_n"].fill_null(0) > 0) & (params.get("open") != "ignore")
    over = sheet.ended_at.notnull()
    waited = seconds(ibis.ifelse(over, ibis.greatest(sheet.ended_at, sheet.last_at), sheet.as_of), found["open_at"])
    never = hanging & (over | _too_long(waited, params, limit, sheet))
    if params.get("report"):
        verdict = ibis.ifelse(done, NOT_MEASURABLE, ibis.ifelse(never, 2, NONE))
    else:
        verdict = ibis.ifelse(never, 2, ibis.ifelse(done, kept(~limit.breached(largest, smallest)), NONE))
    observed = ibis.ifelse(done, ibis.ifelse(never, ibis.greatest(waited, largest), largest), waited)
    return Judgement(
        applies=done | hanging,
        verdict=verdict,
        observed=observed,
        limit=limit.told(),
        unit=limit.unit,
        evidence=asked(params, "from") + asked(params, "to"),
        at=sheet.last(asked(params, "to")),
    )


def pair(params: Mapping[str, Any], sheet: Sheet) -> Pair:
    """The stretch that a limit is about; with the length of a ring where rings count."""
    ring = sheet.profile.variable("ring_period_s") if bounds(params).unit == RINGS else None
    return Pair(asked(params, "from"), asked(params, "to"), params.get("pair") == "first", ring)


def _values(params: Mapping[str, Any], limit: Bounds, found: Mapping[str, Expr]) -> tuple[Expr, Expr]:
    if limit.unit == RINGS:
        return found["rings_most"], found["rings_least"]
    if params.get("statistic") == "total":
        return found["total"], found["total"]
    return found["longest"], found["shortest"]


def _too_long(waited: Expr, params: Mapping[str, Any], limit: Bounds, sheet: Sheet) -> Expr:
    if limit.most is None or params.get("report"):
        return ibis.literal(False)
    ring = float(sheet.profile.variable("ring_period_s") or 1) if limit.unit == RINGS else 1.0
    return (waited > float(limit.most) * ring).fill_null(False)


def _measured(params: Mapping[str, Any], sheet: Sheet) -> Judgement:
    measure, limit = params["measure"], bounds(params)
    facts = patterns.parse(measure["fact"])
    how = {"last": "final"}.get(measure.get("agg", "max"), measure.get("agg", "max"))
    value = sheet.count(facts).cast("float64") if how == "count" else sheet.ask(how, facts, measure["field"])
    known = value.notnull()
    good = NOT_MEASURABLE if params.get("report") else kept(~limit.breached(value, value))
    return Judgement(
        applies=known | sheet.there(facts),
        verdict=ibis.ifelse(known, good, NOT_MEASURABLE),
        observed=value,
        limit=limit.told(),
        unit=limit.unit,
        evidence=facts,
        at=sheet.last(facts),
    )


def tally(params: Mapping[str, Any], sheet: Sheet) -> Tally:
    """A subject's stretches (or measured values) for an average or percentile over a period."""
    limit = bounds(params)
    if "measure" in params:
        facts, field = patterns.parse(params["measure"]["fact"]), params["measure"]["field"]
        total, worst = sheet.ask("sum", facts, field), sheet.ask("max", facts, field)
        count, evidence = sheet.count(facts), facts
    else:
        found = sheet.pair(pair(params, sheet))
        total, worst, count = found["total"], found["longest"], found["n"].fill_null(0)
        if limit.unit == RINGS:
            total, worst = found["rings_most"] * count, found["rings_most"]
        evidence = asked(params, "from") + asked(params, "to")
    applies = (count > 0) & total.notnull()
    return Tally(applies, total, count.cast("float64"), worst, evidence, limit.breached(worst, worst))
