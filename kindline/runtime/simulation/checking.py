"""The simulator against Erlang C and Erlang A, where these hold, and two skills against one pool."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from kindline.runtime.simulation.day import Day, Progress
from kindline.runtime.simulation.figures import half_width
from kindline.runtime.simulation.formulas import Steady, erlang_a, erlang_c
from kindline.runtime.simulation.plans import Plan

TOLERANCE = 0.02
POOL_MOST = 1.25
"""Two well-placed skills an operator let callers wait at most so many times as long as one pool of operators."""
POOL = Plan(operators=90, queues=6, skills=2, calls=300_000, handling_s=240.0, patience_s=None, flat=True)
POOL_LOAD = 84.0


def steady(operators: int, load: float, calls: int, *, patience_s: float | None, seed: int = 1) -> Plan:
    """A long even day of one queue, at `load` erlangs."""
    length_s = calls * 240.0 / load
    return Plan(
        operators=operators, queues=1, calls=calls, skills=1, handling_s=240.0, patience_s=patience_s, flat=True,
        length_s=length_s, warm_up_s=length_s * 0.02, seed=seed,
    )  # fmt: skip


def compared(plan: Plan, progress: Progress | None = None) -> dict[str, Any]:
    """One day beside its formula: the error of the mean wait, that of abandonment, what chance explains of them.

    It holds where the errors are at most 2 %, and does not where chance cannot explain what lies beyond. A day so short
    that chance alone may be 2 % shows neither.
    """
    day = Day(plan, progress)
    figures = day.run()
    calls_s = plan.offered / plan.length_s
    if plan.patience_s is None:
        formula, expected = "erlang_c", erlang_c(plan.operators, calls_s, plan.handling_s)
    else:
        formula, expected = "erlang_a", erlang_a(plan.operators, calls_s, plan.handling_s, plan.patience_s)
    return _row(formula, plan, figures, expected, half_width(day.counts.waits))


def _row(formula: str, plan: Plan, figures: dict[str, Any], expected: Steady, chance_s: float) -> dict[str, Any]:
    wait_s = figures["mean_wait_s"] or 0.0
    error, chance = wait_s / expected.mean_wait_s - 1, chance_s / expected.mean_wait_s
    lost = figures["abandonment"] / expected.abandons - 1 if expected.abandons and plan.patience_s else 0.0
    return {
        "check": formula,
        "operators": plan.operators,
        "load": round(plan.offered / plan.length_s * plan.handling_s, 2),
        "patience_s": plan.patience_s,
        "mean_wait_s": wait_s,
        "formula_s": round(expected.mean_wait_s, 4),
        "error": round(error, 4),
        "chance": round(chance, 4),
        "abandonment": figures["abandonment"],
        "formula_abandonment": round(expected.abandons, 5),
        "abandonment_error": round(lost, 4),
        "holds": judged(max(abs(error), abs(lost)), chance),
    }


def judged(error: float, chance: float) -> bool | None:
    """Whether an error is within the tolerance; None: too short to tell. Both are shares of what is expected."""
    if error > TOLERANCE + chance:
        return False
    return None if chance > TOLERANCE else error <= TOLERANCE


def pool(plan: Plan = POOL, load: float = POOL_LOAD) -> dict[str, Any]:
    """Operators with some skills each against Erlang C of one pool of all of them."""
    length_s = plan.calls * plan.handling_s / load
    long = replace(plan, length_s=length_s, warm_up_s=length_s * 0.02)
    day = Day(long)
    figures = day.run()
    expected = erlang_c(plan.operators, load / plan.handling_s, plan.handling_s)
    ratio = (figures["mean_wait_s"] or 0.0) / expected.mean_wait_s
    chance = half_width(day.counts.waits) / expected.mean_wait_s
    return {
        "check": "pooled",
        "skills": plan.skills,
        "policy": plan.policy,
        "mean_wait_s": figures["mean_wait_s"],
        "formula_s": round(expected.mean_wait_s, 4),
        "ratio": round(ratio, 4),
        "chance": round(chance, 4),
        "occupancy_sd_pct": figures["occupancy_sd_pct"],
        "asa_spread_of_queues": figures["asa_spread_of_queues"],
        "holds": None if ratio - chance <= POOL_MOST < ratio + chance else ratio <= POOL_MOST,
    }


def checks(calls: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """All comparisons, one after the other."""
    for operators, load in ((2, 0.8), (10, 6.0), (50, 42.0)):
        yield compared(steady(operators, load, calls, patience_s=None, seed=seed))
        yield compared(steady(operators, load * 1.3, calls, patience_s=180.0, seed=seed))
    yield pool(replace(POOL, calls=calls, seed=seed))
