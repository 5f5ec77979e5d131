"""Clauses: what a standard says, a sentence at a time, and how each sentence is carried out and checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

How = Literal["enforced", "measured", "guided", "reviewed", "published", "defined"]
Verdict = Literal["met", "not_met", "not_measurable", "none"]
EXAMPLE_BASE = dt.datetime(2026, 3, 2, 10, 0)  # noqa: DTZ001 - local time, the zone is the profile's


@dataclass(frozen=True, slots=True)
class Phrase:
    """Literal words of the standard: prescribed, forbidden, or a label."""

    text: str
    role: str = "prescribed"


@dataclass(frozen=True, slots=True)
class ExampleFact:
    """A fact in an example, `at_s` seconds after the example's base."""

    at_s: float
    kind: str
    subject: str
    type: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    """Facts in, verdict out: what proves that the rule says what the clause says."""

    name: str
    facts: tuple[ExampleFact, ...]
    verdict: Verdict
    subject: str = "a"
    as_of_s: float | None = None
    base: dt.datetime = EXAMPLE_BASE
    line: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """How a clause is judged: a kind of rule and its parameters, references already resolved."""

    kind: str
    params: Mapping[str, Any]

    @property
    def per_period(self) -> bool:
        """Whether the verdict is on a day or month instead of on one subject."""
        return self.kind == "share" or self.params.get("statistic") in ("average", "p95")


@dataclass(frozen=True, slots=True, eq=False)
class Clause:
    """One norm of a standard; `id` is the same in the register, in scripts, tests and measurements."""

    id: str
    section: str
    text: str
    text_en: str
    how: How
    channel: tuple[str, ...]
    direction: str | None = None
    obligation: str = "mandatory"
    value: Mapping[str, Any] = field(default_factory=dict)
    phrases: tuple[Phrase, ...] = ()
    role: str | None = None
    reading: str | None = None
    reading_en: str | None = None
    evidence: tuple[str, ...] = ()
    rule: Rule | None = None
    component: str | None = None
    later: bool = False
    law: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    file: str = ""
    line: int = 0

    @property
    def ruled(self) -> Rule:
        """The rule of a clause that has one. Raises: ValueError."""
        if self.rule is None:
            raise ValueError(f"the clause {self.id} has no rule")
        return self.rule

    @property
    def prescribed(self) -> tuple[str, ...]:
        """The words that the clause prescribes."""
        return tuple(phrase.text for phrase in self.phrases if phrase.role == "prescribed")
