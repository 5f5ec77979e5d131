"""Scenarios: what happens in a demonstration call, as data; which branch of which guide that is, the profile says."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kindline.runtime.demo_calls import route
from kindline.runtime.demo_calls.errors import DemoError
from kindline.standard.profile import Profile
from kindline.standard.scripts import Branch, Script

FOLDER = Path(__file__).with_name("scenarios")
COMMON = "common"
Words = Mapping[str, str]


@dataclass(frozen=True)
class Expectation:
    """A fact that must be there; `branch` makes it depend on whether the guide has that branch."""

    fact: str
    branch: str = ""
    otherwise: str = ""

    def of(self, script: Script | None) -> str:
        """The fact that this guide makes one expect; empty for none."""
        if not self.branch:
            return self.fact
        return self.fact if script and _branch(script, self.branch) else self.otherwise


@dataclass(frozen=True)
class Scenario:
    """One kind of call."""

    id: str
    title: str
    moment: str = "open"
    """`open` or `closed`: the hour at which the call claims to come."""
    reach: str = "person"
    """`person`, `message` (voice mail), `queue` (the caller gives up waiting), `callback` (he asks there to be called),
    or `keys` (the menu serves him).
    """
    service: str = ""
    """What he asks of the menu itself."""
    client_speaks: bool = True
    client_identifies: bool = True
    turn: tuple[str, ...] = ()
    """The branch to take: the first of these that the guide has."""
    before: tuple[str, ...] = ()
    """The step of the main line before which the talk turns: the first of these that the guide has."""
    also: tuple[str, ...] = ()
    """Steps that are done though the guide does not require them."""
    omit: tuple[str, ...] = ()
    """Steps that the branch takes the place of."""
    returns: bool = True
    """Whether the talk comes back to the main line after the branch."""
    to: str = "colleague"
    """To whom a call is passed on: `colleague`, or `department` (whoever answers its extension)."""
    tries: tuple[str, ...] = ()
    """What the operator tries though the standard may refuse it."""
    ends: str = "client"
    """Who hangs up: `client` or `operator`."""
    outcome: tuple[str, ...] = ()
    skip_reason: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    says: Mapping[str, Words] = field(default_factory=dict)
    expect: tuple[Expectation, ...] = ()

    @property
    def alone(self) -> bool:
        """Whether it is played after all others: who waits for a minute would hold up everybody behind him."""
        return self.reach == "callback"

    def branch(self, script: Script) -> Branch | None:
        """The branch of this guide that the scenario takes."""
        return next((found for name in self.turn if (found := _branch(script, name))), None)

    def turning_step(self, script: Script) -> str:
        """The step of the main line before which the talk turns; empty: at its end."""
        return next((step.id for step in script.steps if step.id in self.before), "")

    def outcome_of(self, script: Script, lacks: Mapping[str, bool]) -> str:
        """The outcome to close with: the first that the guide has and for which nothing is lacking."""
        known = {one.id: one for one in script.outcomes}
        found = [known[name] for name in self.outcome if name in known]
        fitting = [one for one in found if not lacks.get(one.id, False)] or list(script.outcomes)
        if not fitting:
            raise DemoError(f"the guide {script.id} has no outcome")
        return fitting[0].id

    def words(self, key: str, language: str) -> str:
        """What the client says at an occasion; empty when nothing."""
        return self.says.get(key, {}).get(language, "")

    def field(self, name: str, language: str) -> str:
        """A field's value in the language of the talk; empty when the scenario has none."""
        value = self.fields.get(name, "")
        return str(value.get(language, "") if isinstance(value, Mapping) else value)


def names() -> list[str]:
    """The scenarios that are here, in the order in which `all` runs them."""
    return list(_common()["order"])


def fitting(profile: Profile) -> list[str]:
    """Those that a profile has all for: where the menu does not serve, nobody asks it to."""
    return [name for name in names() if _fits(load(name), profile)]


def _fits(wanted: Scenario, profile: Profile) -> bool:
    if wanted.reach == "callback":
        return route.offers_callback(profile)
    return not wanted.service or route.serves(profile, wanted.service)


@cache
def load(name: str) -> Scenario:
    """One scenario. Raises: DemoError with the names that there are."""
    if name not in names():
        raise DemoError(f"there is no scenario {name!r}: choose one of {', '.join(names())}, or all")
    raw = {**_common()["defaults"], **_read(name)}
    for merged in ("fields", "says"):
        raw[merged] = {**_common()[merged], **(_read(name).get(merged) or {})}
    return _scenario(name, raw)


def _scenario(name: str, raw: Mapping[str, Any]) -> Scenario:
    known = {one.name for one in dataclasses.fields(Scenario)}
    unknown = sorted(set(raw) - known)
    if unknown:
        raise DemoError(f"scenarios/{name}.yaml: unknown key {', '.join(unknown)}")
    lists = ("turn", "before", "also", "omit", "tries", "outcome")
    values: dict[str, Any] = {key: tuple(value) if key in lists else value for key, value in raw.items()}
    values["expect"] = tuple(_expectation(one) for one in raw.get("expect", ()))
    return Scenario(**{"id": name, **values})


def _expectation(raw: str | Mapping[str, str]) -> Expectation:
    return Expectation(raw) if isinstance(raw, str) else Expectation(**raw)


@cache
def _common() -> dict[str, Any]:
    return _read(COMMON)


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def _branch(script: Script, name: str) -> Branch | None:
    return next((one for one in script.branches if one.id == name), None)
