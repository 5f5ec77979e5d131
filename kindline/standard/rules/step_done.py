"""step_done: the operator did the steps of the guide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kindline.standard import patterns
from kindline.standard.patterns import Pattern
from kindline.standard.rules.judgement import Judgement, either, every, kept, words
from kindline.standard.rules.sheet import Sheet, joined


def step(name: str, params: Mapping[str, Any]) -> Pattern:
    """The pattern of a step being done, in the scripts named where any are."""
    scripts = words(params.get("script"))
    return patterns.one("step_done", step=name, **({"script": list(scripts)} if scripts else {}))


def judge(params: Mapping[str, Any], sheet: Sheet) -> Judgement:
    """All steps (with `any`: one of them) were done."""
    steps = [(name, step(name, params)) for name in words(params["steps"])]
    done = [sheet.there((pattern,)) for _, pattern in steps]
    observed = joined(*((there, name) for (name, _), there in zip(steps, done, strict=True)))
    good = either(done) if params.get("any") else every(done)
    together = tuple(pattern for _, pattern in steps)
    return Judgement(True, kept(good), observed, _limit(params), "steps", together, sheet.last(together))


def _limit(params: Mapping[str, Any]) -> str:
    return (" / " if params.get("any") else ", ").join(words(params["steps"]))
