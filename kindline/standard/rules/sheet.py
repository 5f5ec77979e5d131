"""The wide row of one subject, as rules see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis

from kindline.standard.patterns import Pattern
from kindline.standard.profile import Profile
from kindline.standard.rules.features import DUE_TYPES, PAIR_TYPES, TYPES, Due, Feature, Pair, Patterns, Questions
from kindline.standard.rules.zones import local_seconds

JUDGED = Pattern("#as_of")
Expr = Any  # an Ibis expression over the wide row


@dataclass(slots=True)
class Sheet:
    """Answers of the wide row; without a table it only collects what is asked, answering nothing."""

    profile: Profile
    questions: Questions
    wide: Any = None

    def _answer(self, name: str, kind: str) -> Expr:
        return ibis.null().cast(kind) if self.wide is None else self.wide[name]

    def ask(self, what: str, patterns: Patterns, name: str = "", extra: tuple[str, ...] = ()) -> Expr:
        """The column of a feature."""
        if not patterns:
            return ibis.null().cast(TYPES[what])
        return self._answer(self.questions.feature(Feature(what, patterns, name, extra)), TYPES[what])

    def count(self, patterns: Patterns) -> Expr:
        """How many facts match."""
        return self.ask("count", patterns)

    def there(self, patterns: Patterns) -> Expr:
        """Whether any fact matches."""
        return self.count(patterns) > 0

    def first(self, patterns: Patterns) -> Expr:
        """When the first of them happened."""
        return self.ask("first", patterns)

    def last(self, patterns: Patterns) -> Expr:
        """When the last of them happened."""
        return self.ask("last", patterns)

    def ids(self, patterns: Patterns) -> Expr:
        """Which facts they are: their ids in one text, null where there are none."""
        return self.ask("ids", patterns) if patterns else no_ids()

    def pair(self, asked: Pair) -> Mapping[str, Expr]:
        """The stretches of a pair: n, total, longest, shortest (seconds), rings, open_n, open_at."""
        number = self.questions.pair(asked)
        return {name: self._answer(f"p{number}_{name}", kind) for name, kind in PAIR_TYPES.items()}

    def due(self, asked: Due) -> Mapping[str, Expr]:
        """The promises of a deadline: kept, late, open_n, open_due, due, done."""
        number = self.questions.due(asked)
        return {name: self._answer(f"d{number}_{name}", kind) for name, kind in DUE_TYPES.items()}

    @property
    def as_of(self) -> Expr:
        """The moment at which is judged: the subject's own (in examples), else that of the whole judging."""
        return ibis.coalesce(self.last((JUDGED,)), self._answer("as_of", "timestamp"))

    @property
    def last_at(self) -> Expr:
        """When anything last happened to the subject."""
        return self._answer("last_at", "timestamp")

    @property
    def ended_at(self) -> Expr:
        """When the contact was closed, or the talk was over; null while it goes on."""
        return ibis.coalesce(self.first((Pattern("call_ended"),)), self.first((Pattern("contact_closed"),)))

    def local_seconds(self, moment: Expr) -> Expr:
        """Seconds since local midnight."""
        return local_seconds(moment, self.profile.zone)


def seconds(later: Expr, earlier: Expr) -> Expr:
    """The time between two moments, in seconds."""
    return later.delta(earlier, unit="microsecond").cast("float64") / 1_000_000


def no_ids() -> Expr:
    """No facts."""
    return ibis.null().cast("string")


def joined(*parts: tuple[Expr, str]) -> Expr:
    """The texts whose condition holds, with commas between; empty when none does."""
    if len(parts) == 1:
        return ibis.ifelse(parts[0][0], parts[0][1], "")
    said = ibis.literal("")
    for condition, text in parts:
        said = said.concat(ibis.ifelse(condition, f", {text}", ""))
    return said.substr(2)
