"""A verdict as columns, and what all kinds of rules have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal

import ibis

from kindline.standard import patterns, vocabulary
from kindline.standard.clauses import Clause
from kindline.standard.patterns import Pattern
from kindline.standard.rules.features import Patterns
from kindline.standard.rules.sheet import Expr, Sheet

NONE, MET, NOT_MET, NOT_MEASURABLE = 0, 1, 2, 3
CLAUSE = "#clause"  # the clause's own id among the parameters of its rule
WORDS = ("none", "met", "not_met", "not_measurable")
CONTACT_CHANNELS = {
    "phone": "phone",
    "office": "office",
    "web": "web",
    "account": "account",
    "post": "paper",
    "paper": "paper",
    "mail": "email",
    "email": "email",
}
OF_SUBJECT = {"menu_shape": "menu", "looked_at": "inspection"}
"""Rules that name no fact: of which subject they are anyway."""
OPENED = (Pattern("contact_opened"),)
CLOSED = (Pattern("contact_closed"),)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a rule says of a subject: does it apply, is it kept, what was seen against which limit, by which facts."""

    applies: Expr | Literal[True]
    verdict: Expr  # MET, NOT_MET, NOT_MEASURABLE, or NONE where it does not apply after all
    observed: Expr  # text, or a number that is written out later
    limit: Expr | str
    unit: str
    evidence: Patterns
    at: Expr


@dataclass(frozen=True, slots=True)
class Tally:
    """What a subject contributes to a period: `amount` of `base`; `worst` for percentiles."""

    applies: Expr
    amount: Expr
    base: Expr
    worst: Expr
    evidence: Patterns
    offends: Expr


def asked(params: Mapping[str, Any], key: str) -> Patterns:
    """The patterns under a key; none when it is not there."""
    return patterns.parse(params.get(key))


def words(raw: Any) -> tuple[str, ...]:
    """One word or several."""
    return () if raw is None else tuple(raw) if isinstance(raw, list | tuple) else (raw,)


def kept(good: Expr) -> Expr:
    """MET where good, else NOT_MET."""
    return ibis.ifelse(good, MET, NOT_MET)


def either(conditions: Iterable[Expr]) -> Expr:
    """Whether any condition holds."""
    found = list(conditions)
    return reduce(lambda one, other: one | other, found) if found else ibis.literal(False)


def every(conditions: Iterable[Expr]) -> Expr:
    """Whether all conditions hold."""
    found = list(conditions)
    return reduce(lambda one, other: one & other, found) if found else ibis.literal(True)


def occasioned(params: Mapping[str, Any]) -> bool:
    """Whether the rule itself names the occasion on which it applies."""
    return "when" in params or "when_all" in params


def scope(clause: Clause, sheet: Sheet) -> tuple[Expr, ...]:
    """What must all hold for the clause to speak of a subject: its circumstances, its channel, its direction."""
    params = clause.ruled.params
    conditions = [sheet.there((pattern,)) for pattern in asked(params, "when_all")]
    if "when" in params:
        conditions.append(sheet.there(asked(params, "when")))
    if "unless" in params:
        conditions.append(~sheet.there(asked(params, "unless")))
    if subject_type(clause) == "contact":
        conditions += _channel(clause, sheet)
    return tuple(conditions)


def _channel(clause: Clause, sheet: Sheet) -> list[Expr]:
    """A contact whose channel or direction is known to be another one is not meant."""
    found = []
    if clause.direction is not None:
        direction = ibis.coalesce(sheet.ask("opening", OPENED, "direction"), sheet.ask("opening", CLOSED, "direction"))
        found.append((direction == f'"{clause.direction}"').fill_null(True))
    channels = {CONTACT_CHANNELS[channel] for channel in clause.channel if channel in CONTACT_CHANNELS}
    if channels and not {"any", "appeals"} & set(clause.channel):
        channel = sheet.ask("opening", OPENED, "channel")
        found.append(channel.isin([f'"{word}"' for word in sorted(channels)]).fill_null(True))
    return found


def occasion(clause: Clause, sheet: Sheet) -> Expr | None:
    """The facts that made the clause apply: evidence where the rule has no facts of its own."""
    params = clause.ruled.params
    named = asked(params, "when") + asked(params, "when_all")
    return sheet.ids(named) if named else None


def subject_type(clause: Clause) -> str:
    """Of which type of subject the clause speaks."""
    rule = clause.ruled
    if "subject" in rule.params:
        return str(rule.params["subject"])
    if rule.kind in OF_SUBJECT:
        return OF_SUBJECT[rule.kind]
    for key in ("fact", "from", "action", "event", "of"):
        for pattern in asked(rule.params, key):
            return vocabulary.kinds()[pattern.kind].subject
    if "measure" in rule.params:
        return vocabulary.kinds()[patterns.parse(rule.params["measure"]["fact"])[0].kind].subject
    return "contact"
