"""What must hold between the parts of a clause and the rest of the profile."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kindline.standard import patterns, rule_shapes, terms, vocabulary
from kindline.standard.building import FACT_KEYS
from kindline.standard.documents import Place
from kindline.standard.faults import Fault, errors
from kindline.standard.shapes import near

if TYPE_CHECKING:
    from kindline.standard.part_checks import Known

UNIT = re.compile(
    r"(^|_)(s|min|h|hours?|days?|weeks?|months?|years?|m|cm|db|ratio|share|rings?|levels?|branches|words?|count|no|max|target|avg|gt|lt"
    r"|per_[a-z]+|until|from|hhmm|services|sections|date|score|rate|index|forms?|windows?|pens|phones?|version)(_|$)"
)
BOUND_KEYS = (*rule_shapes.BOUNDS, "count_min", "count_max", "n", "within_s", "equals")


def clause(raw: Mapping[str, Any], place: Place, prefix: str) -> Iterator[Fault]:
    """The id's prefix, both languages of a reading, units of numbers, carriers and examples."""
    if not raw["id"].startswith(f"{prefix}-"):
        yield place.child("id").fault(f"the id does not begin with {prefix}-", f"write {prefix}-{raw['section']}-NN")
    for one, other in (("reading", "reading_en"), ("reading_en", "reading")):
        if one in raw and other not in raw:
            yield place.child(one).fault(f"{one} without {other}", f"write {other}: …")
    for key, value in (raw.get("value") or {}).items():
        if isinstance(value, int | float) and not isinstance(value, bool) and not UNIT.search(key):
            yield (
                place.child("value")
                .child(key)
                .fault(f"{key!r} does not say its unit", "end it with _s, _days, _share …", "warning")
            )
    yield from _examples(raw, place)


def _examples(raw: Mapping[str, Any], place: Place) -> Iterator[Fault]:
    given = [example["verdict"] for example in raw.get("examples") or ()]
    if "rule" in raw:
        wanted = ("not_measurable",) if raw["rule"].get("report") else ("met", "not_met")
        for verdict in wanted:
            if verdict not in given:
                yield place.child("rule").fault(
                    f"no example comes to {verdict!r}", f"add an example with verdict: {verdict}"
                )
    elif given:
        yield place.child("examples").fault("examples without a rule prove nothing", "write the rule, or take them out")
    for index, example in enumerate(raw.get("examples") or ()):
        at = place.child("examples").child(index)
        yield from _base(example, at)
        subjects = {"a", "period"} | {str(fact.get("subject", "a")) for fact in example["facts"]}
        if example.get("subject", "a") not in subjects and "period" not in str(example.get("subject")):
            yield at.child("subject").fault("no fact is about that subject", near(str(example["subject"]), subjects))
        for number, fact in enumerate(example["facts"]):
            yield from _fact(fact, at.child("facts").child(number))


def _base(example: Mapping[str, Any], place: Place) -> Iterator[Fault]:
    try:
        dt.datetime.fromisoformat(example.get("base", "2026-03-02T10:00"))
    except ValueError:
        yield place.child("base").fault("not a moment", 'write local time: "2026-03-02T10:00"')


def _fact(fact: Mapping[str, Any], place: Place) -> Iterator[Fault]:
    kind = vocabulary.kinds().get(fact.get("kind", ""))
    if kind is None:
        yield place.child("kind").fault(
            f"unknown kind of fact {fact.get('kind')!r}", near(str(fact.get("kind")), vocabulary.kinds())
        )
        return
    at = fact.get("at", 0)
    if isinstance(at, bool) or not isinstance(at, int | float) or not abs(at) < 10**10:
        yield place.child("at").fault("seconds after the start are expected", "write at: 12")
    inner = fact.get("data", {})
    if not isinstance(inner, dict):
        yield place.child("data").fault("a mapping is expected", "write {field: value}")
        return
    for field in [key for key in fact if key not in FACT_KEYS] + list(inner):
        if field not in kind.fields:
            yield place.child(field).fault(
                f"{kind.name} has no field {field!r}", near(field, kind.fields or {"(none)": ""})
            )
        elif not _typed(value := fact.get(field, inner.get(field)), kind.fields[field]):
            yield place.child(field).fault(f"{value!r} is not of type {kind.fields[field]}", "see facts.yaml")
    if "type" in fact and fact["type"] not in vocabulary.subject_types():
        yield place.child("type").fault(
            f"unknown type of subject {fact['type']!r}", near(str(fact["type"]), vocabulary.subject_types())
        )


def _typed(value: Any, kind: str) -> bool:
    match kind:
        case "text":
            return isinstance(value, str)
        case "bool":
            return isinstance(value, bool)
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "float":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "list":
            return isinstance(value, list)
    return isinstance(value, str | int | float | dt.datetime)


def rule(raw: Mapping[str, Any], resolved: Any, place: Place, known: Known) -> Iterator[Fault]:
    """The shape of a rule, what it refers to, and numbers that the clause's value already has."""
    found = list(rule_shapes.check(resolved, place))
    yield from found
    if errors(found):
        return
    params = {key: value for key, value in resolved.items() if key != "kind"}
    for steps in ("steps", "step"):
        for step in _several(params.get(steps)):
            if step not in known.steps:
                yield place.child(steps).fault(f"no script has a step {step!r}", near(step, known.steps or {"(none)"}))
    for script in _several(params.get("script")):
        if script not in known.scripts:
            yield place.child("script").fault(f"no script {script!r}", near(script, known.scripts or {"(none)"}))
    yield from _by_kind(resolved["kind"], params, place, known)
    yield from _step_patterns(params, place, known)
    yield from _literals(raw, place)


def _by_kind(kind: str, params: Mapping[str, Any], place: Place, known: Known) -> Iterator[Fault]:
    """Lists and hours that are not there, a ring without a length, fields that the facts do not have."""
    for name in _several(params["list"]) if kind == "lexicon" else ():
        if name not in known.lexicons:
            cure = near(name, known.lexicons or {"(none)"})
            yield place.child("list").fault(f"lexicon.yaml has no list {name!r}", cure)
    if kind == "limit" and {"max_rings", "target_rings"} & set(params) and "ring_period_s" not in known.variables:
        cure = "add it (and its reason to assumed)"
        yield place.child("max_rings").fault("the profile has no variables.ring_period_s", cure)
    if "hours" in params and params["hours"] not in known.hours:
        cure = near(params["hours"], known.hours or {"(none)"})
        yield place.child("hours").fault(f"no hours {params['hours']!r}", cure)
    for key, fact, field in _fields_named(kind, params):
        yield from _field(fact, field, place.child(key))


def _fields_named(kind: str, params: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Where a rule names a field: under which key, of which kind of fact, which field."""
    if kind == "speech":
        yield "field", "speech_measured", params["field"]
    if kind == "menu_shape":
        yield "property", "menu_activated", params["property"]
    if "measure" in params:
        yield "measure", patterns.parse(params["measure"]["fact"])[0].kind, params["measure"]["field"]
    if kind == "required_fields":
        yield from (("fact", pattern.kind, "fields") for pattern in patterns.parse(params["fact"]))
    if "due_field" in params:
        yield from (("due_field", pattern.kind, params["due_field"]) for pattern in patterns.parse(params["from"]))


def _field(kind: str, field: str, place: Place) -> Iterator[Fault]:
    fields = vocabulary.kinds()[kind].fields
    if field not in fields:
        yield place.fault(f"{kind} has no field {field!r}", near(field, fields or {"(none)": ""}))


def _step_patterns(params: Mapping[str, Any], place: Place, known: Known) -> Iterator[Fault]:
    """Patterns of step_done facts name steps too."""
    for key, value in params.items():
        if key not in (
            "from",
            "to",
            "when",
            "when_all",
            "unless",
            "needs",
            "fact",
            "of",
            "having",
            "done",
            "notice",
            "event",
            "by",
            "action",
            "requires_before",
        ):
            continue
        for pattern in patterns.parse(value):
            for condition in pattern.conditions:
                words = {"step": known.steps, "branch": known.branches, "list": known.lexicons}.get(condition.field)
                if words is None or pattern.kind not in ("step_done", "step_skipped", "branch_taken", "lexicon_hit"):
                    continue
                for word in condition.values:
                    if word not in words and not (condition.field == "branch" and word == ""):
                        yield place.child(key).fault(
                            f"no {condition.field} {word!r}", near(str(word), words or {"(none)"})
                        )


def _literals(raw: Mapping[str, Any], place: Place) -> Iterator[Fault]:
    values = {value: key for key, value in (raw.get("value") or {}).items() if isinstance(value, int | float | str)}
    for key, written in raw["rule"].items():
        if (
            key in BOUND_KEYS
            and not isinstance(written, bool)
            and isinstance(written, int | float)
            and written in values
        ):
            name = values[written]
            yield place.child(key).fault(
                f"{written} is written out", f"write ${name}: the clause's value has it", "warning"
            )


def _several(raw: Any) -> list[Any]:
    return [] if raw is None else raw if isinstance(raw, list) else [raw]


def term_fault(raw: Any, place: Place) -> Iterator[Fault]:
    """A term that is given but not readable."""
    if raw is not None and terms.parse(raw) is None:
        yield place.fault(f"not a term: {raw!r}", 'write {n: 30, unit: calendar_days} or "30 calendar_days"')
