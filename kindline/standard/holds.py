"""What a standard says of a client on hold: how often the operator is reminded of him, and how long it may last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kindline.standard.documents import Place
from kindline.standard.faults import Fault
from kindline.standard.profile import Profile
from kindline.standard.shapes import near

VARIABLE, MAX, CONSENT = "hold_reminder", "hold_max_s", "hold_consent"
Entries = Mapping[str, tuple[Mapping[str, Any], Place]]
"""What a folder of the profile holds, by id, with where it stands."""


@dataclass(frozen=True, slots=True)
class Holds:
    """`every_s` between two reminders, None: none; `step` of the guide with which one comes back to the client."""

    every_s: float | None = None
    step: str = ""
    max_s: float | None = None
    """The longest hold, by `clause`; None without a norm. It is warned of, and nothing is cut."""
    clause: str = ""


def of(profile: Profile) -> Holds:
    """What holds in a profile: `hold_reminder: {every_s, step}` of its variables, and the clause with `hold_max_s`.

    Clause: court-3-11.
    """
    said = profile.variable(VARIABLE, {}) or {}
    limits = ((float(one.value[MAX]), one.id) for one in profile.clauses.values() if not one.later and MAX in one.value)
    max_s, clause = next(limits, (None, ""))
    return Holds(float(said["every_s"]) if "every_s" in said else None, str(said.get("step", "")), max_s, clause)


def check(scripts: Entries, clauses: Entries) -> Iterator[Fault]:
    """Where no hold begins without the client's consent, every guide of the telephone asks for it (court-3-06)."""
    asks = (key for key, (raw, _) in clauses.items() if (raw.get("value") or {}).get(CONSENT) is True)
    clause = next(asks, "")
    for raw, place in scripts.values() if clause else ():
        if raw["channel"] == "phone" and not any(step.get("hold") == "consent" for step in _steps(raw)):
            message = "no step asks the client whether he will wait: every hold would be refused"
            yield place.child("steps").fault(message, "write hold: consent in the step that asks it", clause=clause)


def check_reminder(variables: Any, scripts: Entries, place: Place) -> Iterator[Fault]:
    """Between reminders there is a time; the step that they name is in every guide of the telephone (court-3-11)."""
    said = variables.get(VARIABLE) if isinstance(variables, Mapping) else None
    if said is not None and not isinstance(said, Mapping):
        yield place.fault("a time and a step are expected", "write {every_s: 60, step: STEP}")
    elif said is not None:
        yield from _every(said.get("every_s"), place.child("every_s"))
        yield from _named(str(said.get("step") or ""), scripts, place.child("step"))


def _every(seconds: Any, place: Place) -> Iterator[Fault]:
    if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0):
        yield place.fault("seconds above 0 are expected", "write every_s: 60")


def _named(step: str, scripts: Entries, place: Place) -> Iterator[Fault]:
    for raw, _ in scripts.values() if step else ():
        ids = [one["id"] for one in _steps(raw)]
        if raw["channel"] == "phone" and step not in ids:
            yield place.fault(f"the guide {raw['id']!r} has no step {step!r}", near(step, ids))


def _steps(raw: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from raw["steps"]
    for branch in raw.get("branches") or ():
        yield from branch["steps"]
