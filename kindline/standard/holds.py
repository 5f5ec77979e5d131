"""What a standard says of a client on hold: how often the operator is reminded of him, and how long it may last."""

from __future__ import annotations

from dataclasses import dataclass

from kindline.standard.profile import Profile

VARIABLE, MAX = "hold_reminder", "hold_max_s"


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
