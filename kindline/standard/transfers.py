"""What a standard says of passing a call on: only after an introduction, or blindly too; who may send it outside."""

from __future__ import annotations

from dataclasses import dataclass

from kindline.standard.profile import Profile

VARIABLE, MODE, ATTENDED = "transfers", "transfer_mode", "attended"


@dataclass(frozen=True, slots=True)
class Transfers:
    """`blind` whether an operator may leave before it is answered; `clause` forbids it, where one does."""

    blind: bool = False
    clause: str = ""
    outside: frozenset[str] = frozenset()
    """The roles that may pass a call on to a number outside."""


def of(profile: Profile) -> Transfers:
    """What holds in a profile; where it says nothing, nobody leaves before it is answered, and nothing goes outside.

    Clause: krc-5.6.4-16, yumek-9.4-20 (`transfer_mode: attended`).
    """
    said = profile.variable(VARIABLE, {}) or {}
    clauses = (one for one in profile.clauses.values() if not one.later and one.value.get(MODE) == ATTENDED)
    clause = next((one.id for one in clauses), "")
    outside = frozenset(str(role) for role in said.get("outside", ()))
    return Transfers(said.get("blind") is True and not clause, clause, outside)
