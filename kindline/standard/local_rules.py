"""Local rules: what another internal document demands beyond the standard (`local.yaml`).

Such a rule may tighten a value of a clause and never loosen it: the standard prevails (krc-1-03). Its value stands
in the clause's place, so that guides, timers, rules and limits go by it. The same holds for `deadlines.yaml`: no
limit there may be longer than the term of a clause on which it rests.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kindline.standard import terms
from kindline.standard.documents import Place
from kindline.standard.faults import Fault
from kindline.standard.shapes import Anything, ListOf, MapOf, Record, Text, near
from kindline.standard.terms import Term

Raw = Mapping[str, Any]
Clauses = Mapping[str, tuple[Raw, Place]]
LOCAL = Record(
    {"rules": ListOf(Record({"document": Text(), "clause": Text(), "value": MapOf(Anything())}, {"note": Text()}))}
)
LOWER, HIGHER = {"max", "lt", "until", "deadline"}, {"min", "gt"}
"""Parts of a key that say on which side the strict is: a lower maximum, a higher minimum, a shorter term."""


@dataclass(frozen=True, slots=True)
class LocalRule:
    """A value that an internal document sets more strictly than the standard."""

    document: str
    clause: str
    key: str
    value: Any
    standard: Any
    """What the standard itself says."""


def check(raw: Raw, place: Place, clauses: Clauses) -> Iterator[Fault]:
    """Each rule names a clause and a key of its value, and does not loosen it. Clause: krc-1-03."""
    seen: set[tuple[str, str]] = set()
    for index, rule in enumerate(raw["rules"]):
        at = place.child("rules").child(index)
        if rule["clause"] not in clauses:
            yield at.child("clause").fault(f"no clause {rule['clause']!r}", near(rule["clause"], clauses))
            continue
        own = value_of(clauses[rule["clause"]][0])
        for key, value in rule["value"].items():
            here = at.child("value").child(key)
            if (rule["clause"], key) in seen:
                yield here.fault("another local rule sets it already", "keep the stricter one", clause=rule["clause"])
            seen.add((rule["clause"], key))
            yield from _one(rule, key, value, own, here)


def _one(rule: Raw, key: str, value: Any, own: Raw, here: Place) -> Iterator[Fault]:
    if key not in own:
        yield here.fault(f"the value of {rule['clause']} has no {key!r}", near(key, own or {"(none)"}))
        return
    verdict = looser(key, own[key], value)
    if verdict is None:
        said = f"whether {value!r} is stricter than {own[key]!r} cannot be seen"
        yield here.fault(said, "only numbers and terms of the same unit can be set locally", clause=rule["clause"])
    elif verdict:
        said = f"{rule['document']} loosens {rule['clause']}: {own[key]} -> {value}"
        yield here.fault(said, f"the standard prevails: keep {own[key]}, or be stricter", clause=rule["clause"])


def looser(key: str, standard: Any, local: Any) -> bool | None:
    """Whether a local value is looser than the standard's; None where that cannot be seen."""
    parts = set(key.split("_"))
    side = -1 if parts & HIGHER else 1 if parts & LOWER else 0
    if isinstance(standard, str) and isinstance(local, str):
        one, other = _term(standard), _term(local)
        if one is None or other is None or one[1] != other[1]:
            return None
        standard, local = one[0], other[0]
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (standard, local))
    return side * local > side * standard if side and numbers else None


def _term(text: str) -> tuple[int, str] | None:
    found = terms.WRITTEN.fullmatch(text)
    return (int(found[1]), found[2]) if found else None


def tightened(raw: Raw, clauses: Clauses) -> dict[str, tuple[Raw, Place]]:
    """The clauses with the values of the local rules in place of their own."""
    found = dict(clauses)
    for rule in raw["rules"]:
        clause, place = found[rule["clause"]]
        found[rule["clause"]] = ({**clause, "value": {**value_of(clause), **rule["value"]}}, place)
    return found


def term_of(clause: Raw) -> Term | None:
    """The term that a clause gives for an answer, where it gives one."""
    value = value_of(clause)
    for unit in ("calendar_days", "working_days"):
        if isinstance(count := value.get(f"deadline_{unit}"), int):
            return Term(count, unit)
    return terms.parse(value.get("deadline"))


def shortened(raw: Raw, clauses: Clauses, rules: Collection[LocalRule]) -> Raw:
    """The deadlines with the terms of those clauses that a local rule has made shorter."""
    named = {rule.clause for rule in rules}
    return {**raw, "rules": [_short(one, clauses, named) for one in raw["rules"]]}


def _short(rule: Raw, clauses: Clauses, named: Collection[str]) -> Raw:
    limit = terms.parse(rule.get("limit"))
    found = [term for name in rule["clauses"] if name in named and (term := term_of(clauses[name][0]))]
    fits = [term.n for term in found if limit is not None and term.unit == limit.unit and term.n < limit.n]
    return {**rule, "limit": {"n": min(fits), "unit": limit.unit}} if limit is not None and fits else rule


def over_term(raw: Raw, place: Place, clauses: Clauses) -> Iterator[Fault]:
    """A limit in `deadlines.yaml` that is longer than the term of a clause on which it rests. Clause: krc-1-03."""
    for index, rule in enumerate(raw["rules"]):
        limit = terms.parse(rule.get("limit"))
        for name in rule["clauses"]:
            term = term_of(clauses[name][0]) if name in clauses else None
            if limit is not None and term is not None and term.unit == limit.unit and limit.n > term.n:
                at = place.child("rules").child(index).child("limit")
                said = f"{rule['id']} loosens {name}: {term.n} -> {limit.n} {term.unit}"
                yield at.fault(said, f"the standard prevails: write n: {term.n}, or less", clause=name)


def build(raw: Raw, clauses: Clauses) -> tuple[LocalRule, ...]:
    """The rules one by one, each with what the standard itself says (`clauses` as they are written)."""
    return tuple(
        LocalRule(rule["document"], rule["clause"], key, value, value_of(clauses[rule["clause"]][0])[key])
        for rule in raw["rules"]
        for key, value in rule["value"].items()
    )


def value_of(clause: Raw) -> Raw:
    """The value of a clause that may have none."""
    value = clause.get("value")
    return value if isinstance(value, dict) else {}
