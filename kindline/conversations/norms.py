"""What the clauses of a profile require of an action: read from the clauses' rules, never written here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kindline.journal.models import Fact
from kindline.standard import deadlines, patterns
from kindline.standard.clauses import Clause
from kindline.standard.profile import Profile

EVERY_CHANNEL = {"any", "appeals", "system"}  # a clause of these speaks of contacts on whatever channel
NAMED_OTHERWISE = {"email": "mail", "paper": "post"}


@dataclass(frozen=True, slots=True)
class RequiredField:
    """A field that a fact must carry, whether "has none" is an answer, and the clauses that say so.

    With `others` any one of the field and the others is enough.
    """

    name: str
    allow_none: bool
    clauses: tuple[str, ...]
    others: tuple[str, ...] = ()

    def satisfied(self, filled: Collection[str], nothing: Collection[str]) -> bool:
        """Whether it is filled, or rightly answered with "none"."""
        return any(name in filled for name in (self.name, *self.others)) or (self.allow_none and self.name in nothing)


def required_fields(
    profile: Profile, fact: str, *, channel: str = "phone", direction: str = "in"
) -> list[RequiredField]:
    """The fields that clauses require of a fact of this kind, in the order of the clauses."""
    return list(_required_fields(profile, fact, channel, direction))


@lru_cache(maxsize=256)
def _required_fields(profile: Profile, fact: str, channel: str, direction: str) -> tuple[RequiredField, ...]:
    found: dict[tuple[str, ...], RequiredField] = {}
    for clause in _clauses(profile, ("required_fields", "identified_before"), channel, direction):
        params = clause.rule.params if clause.rule else {}
        if _names(params.get("fact") or params.get("by") or "identified", fact):
            for names in _alternatives(params):
                found[names] = _joined(
                    found.get(names), names, names[0] in _several(params.get("allow_none")), clause.id
                )
    return tuple(found.values())


def to_be_written(
    profile: Profile, facts: Iterable[Fact], *, channel: str = "phone", direction: str = "in"
) -> Iterator[RequiredField]:
    """The fields that clauses want written down because of what has happened, as krc-5.6.4-13 does."""
    known = list(facts)
    for clause in _clauses(profile, ("occurs",), channel, direction):
        params = clause.rule.params if clause.rule else {}
        names = _written(params.get("fact"))
        asked = patterns.parse(params.get("when"))
        if names and any(one.matches(fact.kind, fact.data) for one in asked for fact in known):
            yield RequiredField(names[0], False, (clause.id,), names[1:])


def _written(raw: object) -> tuple[str, ...]:
    """The fields of which a pattern says that one is written down."""
    parts = (one for pattern in patterns.parse(raw) if pattern.kind == "field_recorded" for one in pattern.conditions)
    return tuple(str(name) for one in parts if one.field == "field" for name in one.values)


def missing(
    required: Iterable[RequiredField], filled: Collection[str], nothing: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """What is required and neither filled nor answered with "none": field -> clauses."""
    return {one.name: one.clauses for one in required if not one.satisfied(filled, nothing)}


def _alternatives(params: Mapping[str, Any]) -> list[tuple[str, ...]]:
    names = _several(params.get("fields"))
    return [names] if params.get("any") and names else [(name,) for name in names]


def _joined(known: RequiredField | None, names: tuple[str, ...], allow_none: bool, clause: str) -> RequiredField:
    """Of two clauses on one field the stricter holds."""
    if known is None:
        return RequiredField(names[0], allow_none, (clause,), names[1:])
    return RequiredField(names[0], allow_none and known.allow_none, (*known.clauses, clause), names[1:])


def latest_promise(
    profile: Profile, now: dt.datetime, direction: str = "in"
) -> tuple[dt.datetime, tuple[str, ...]] | None:
    """By when a callback may be promised at the latest, and the enforced clauses that say so; None: no norm.

    A clause of incoming calls does not bind a promise in a call of ours: there the client himself names the time.
    """
    named = [
        clause.id
        for clause in _clauses(profile, ("deadline",), "phone", direction)
        if clause.how == "enforced"
        and clause.rule
        and _names(clause.rule.params.get("from"), "callback_promised")
        and clause.rule.params.get("rule") == "end_of_working_day"
    ]
    return (deadlines.end_of_working_day(profile, now), tuple(named)) if named else None


def proposed_promise(profile: Profile, now: dt.datetime) -> dt.datetime | None:
    """The time proposed for a callback: the norm's, else the profile's own habit, else none."""
    if profile.variable("callback_rule") == "end_of_working_day":
        return deadlines.end_of_working_day(profile, now)
    bound = latest_promise(profile, now)
    return bound[0] if bound else None


def _clauses(profile: Profile, kinds: tuple[str, ...], channel: str, direction: str) -> Iterator[Clause]:
    for clause in profile.clauses.values():
        if clause.rule is None or clause.rule.kind not in kinds or clause.later:
            continue
        named = {channel, NAMED_OTHERWISE.get(channel, channel)} | EVERY_CHANNEL
        if named & set(clause.channel) and clause.direction in (None, direction):
            yield clause


def _names(raw: object, fact: str) -> bool:
    return any(pattern.kind == fact for pattern in patterns.parse(raw))


def _several(raw: object) -> tuple[str, ...]:
    return () if raw is None else (raw,) if isinstance(raw, str) else tuple(raw)  # type: ignore[arg-type]
