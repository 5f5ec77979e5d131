"""The kinds of rules and the parameters of each, references already replaced by their values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kindline.standard import patterns, terms, vocabulary
from kindline.standard.documents import Place
from kindline.standard.faults import Fault
from kindline.standard.patterns import PatternShape
from kindline.standard.shapes import Choice, Either, Flag, ListOf, Number, Record, Shape, Text, near

P = PatternShape()
WORDS = ListOf(Text(), least=1, single=True)
AMOUNT = Number()
COUNT = Number(whole=True)
VERDICTS = ("met", "not_met", "not_measurable", "none")
STATISTICS = ("each", "total", "average", "p95")
PERIODS = ("day", "month")


@dataclass(frozen=True)
class TermShape:
    """A term such as "30 calendar_days" or {n: 30, unit: calendar_days}."""

    def check(self, value: Any, place: Place) -> Iterator[Fault]:
        if terms.parse(value) is None:
            units = ", ".join(terms.UNITS)
            yield place.fault(
                f"not a term: {value!r}", f'write {{n: 30, unit: …}} or "30 calendar_days"; units: {units}'
            )


COMMON: dict[str, Shape] = {
    "subject": Text(),
    "when": P,
    "when_all": P,
    "unless": P,
    "needs": P,
    "note": Text(),
}
MEASURE = Record(
    {"fact": PatternShape(), "field": Text()},
    {"agg": Choice(("max", "min", "sum", "avg", "count", "last"))},
)
BOUNDS: dict[str, Shape] = dict.fromkeys(
    ("max_s", "min_s", "target_s", "max_rings", "target_rings", "max", "min", "target"), AMOUNT
)

KINDS: dict[str, Record] = {
    "limit": Record(
        {},
        {
            **COMMON,
            **BOUNDS,
            "from": P,
            "to": P,
            "measure": MEASURE,
            "unit": Text(),
            "statistic": Choice(STATISTICS),
            "period": Choice(PERIODS),
            "open": Choice(("ignore", "fault")),
            "pair": Choice(("last", "first")),
            "report": Flag(),
        },
    ),
    "step_done": Record({"steps": WORDS}, {**COMMON, "any": Flag(), "script": WORDS}),
    "step_order": Record(
        {"steps": ListOf(Text(), least=2)}, {**COMMON, "script": WORDS, "missing": Choice(("ignore", "fault"))}
    ),
    "phrase_at_step": Record({"step": WORDS}, {**COMMON, "phrases": WORDS, "script": WORDS}),
    "occurs": Record({"fact": P}, {**COMMON, "count_min": COUNT, "count_max": COUNT}),
    "required_fields": Record({"fact": P, "fields": WORDS}, {**COMMON, "allow_none": WORDS, "any": Flag()}),
    "identified_before": Record({"action": P}, {**COMMON, "by": P, "fields": WORDS}),
    "notified_before": Record({"notice": P, "event": P}, dict(COMMON)),
    "recorded": Record({"legs": WORDS}, {**COMMON, "retention": TermShape()}),
    "menu_shape": Record(
        {"property": Text()},
        {**COMMON, "max": AMOUNT, "min": AMOUNT, "equals": Either({bool: Flag(), int: AMOUNT, str: Text()})},
    ),
    "forbidden": Record({"fact": P}, {**COMMON, "unless_ground": WORDS, "requires_before": P}),
    "deadline": Record(
        {"from": P, "done": P},
        {
            **COMMON,
            "due_field": Text(),
            "rule": Choice(("end_of_working_day", "same_day")),
            "term": TermShape(),
            "n": COUNT,
            "unit": Choice(terms.UNITS),
            "hours": Text(),
            "within_s": AMOUNT,
        },
    ),
    "share": Record({"of": P, "having": P}, {**COMMON, "min": AMOUNT, "max": AMOUNT, "period": Choice(PERIODS)}),
    "lexicon": Record({"list": WORDS}, {**COMMON, "speaker": Text(), "max": COUNT}),
    "speech": Record({"field": Text()}, {**COMMON, "max": Number(least=None), "min": Number(least=None)}),
    "inspected": Record({}, {**COMMON, "item": WORDS}),
    "looked_at": Record({"checklist": WORDS}, {**COMMON, "max": AMOUNT, "min": AMOUNT, "unit": Text()}),
}


def check(rule: dict[str, Any], place: Place) -> Iterator[Fault]:
    """What is wrong with a rule whose references are resolved."""
    kind = rule.get("kind")
    if kind not in KINDS:
        yield place.child("kind").fault(f"unknown kind of rule {kind!r}", near(str(kind), KINDS))
        return
    params = {key: value for key, value in rule.items() if key != "kind"}
    faults = list(KINDS[kind].check(params, place))
    yield from faults
    if not faults:
        yield from _sense(kind, params, place)


def _sense(kind: str, params: dict[str, Any], place: Place) -> Iterator[Fault]:
    """Parameters that are well formed but do not make a rule together."""
    if kind == "limit":
        yield from _limit_sense(params, place)
    if kind == "share" and not {"min", "max"} & set(params):
        yield place.fault("a share without a bound", "write min or max (between 0 and 1)")
    if kind == "speech" and not {"min", "max"} & set(params):
        yield place.fault("no bound for the measured value", "write min or max")
    if kind == "menu_shape" and not {"min", "max", "equals"} & set(params):
        yield place.fault("no bound for the property", "write max, min or equals")
    if kind == "deadline" and not {"due_field", "rule", "term", "n", "within_s"} & set(params):
        yield place.fault("the deadline is left empty", "write due_field, rule, term, n with unit, or within_s")
    if kind == "deadline" and "n" in params and "unit" not in params:
        yield place.child("unit").fault("a number of what?", "write unit: calendar_days, working_days, hours …")
    if kind == "forbidden" and params.get("unless_ground") and not _has_field(params["fact"], "ground"):
        yield place.child("unless_ground").fault(
            "the fact has no field 'ground'", "forbid a fact that carries a ground"
        )


def _limit_sense(params: dict[str, Any], place: Place) -> Iterator[Fault]:
    if ("measure" in params) == ("from" in params or "to" in params):
        yield place.fault("a limit needs either from and to, or measure", "write from: and to:, or measure:")
    elif "measure" not in params and not ("from" in params and "to" in params):
        yield place.fault("a limit between two facts needs both", "write from: and to:")
    if not set(BOUNDS) & set(params) and not params.get("report"):
        said = "a limit without a bound: only whether it happened is judged, how long it took is reported"
        yield place.fault(said, "write max_s, min_s, max_rings, max, min or a target, if there is a norm", "warning")
    if params.get("statistic") in ("average", "p95") and "period" not in params:
        yield place.child("period").fault("an average over what?", "write period: month or day")


def _has_field(raw: Any, field: str) -> bool:
    return all(field in vocabulary.kinds()[pattern.kind].fields for pattern in patterns.parse(raw))
