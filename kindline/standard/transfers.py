"""What a standard says of passing a call on: only after an introduction, or blindly too; who may send it outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kindline.standard.profile import Profile

VARIABLE, MODE, ATTENDED = "transfers", "transfer_mode", "attended"

NOTICES = {"transfer_introduced": "introduced", "transfer_client_joined": "told"}
"""What an enforced clause demands before a transfer is completed, by the fact that shows it."""


@dataclass(frozen=True, slots=True)
class Transfers:
    """`blind` whether an operator may leave before it is answered; `clause` forbids it, where one does."""

    blind: bool = False
    clause: str = ""
    outside: frozenset[str] = frozenset()
    """The roles that may pass a call on to a number outside."""
    needs: frozenset[str] = frozenset()
    """What comes before a colleague has the client alone: `introduced`, `accepted`, `told` (the client himself)."""


def of(profile: Profile) -> Transfers:
    """What holds in a profile; where it says nothing, nobody leaves before it is answered, and nothing goes outside.

    Clause: krc-5.6.4-16, yumek-9.4-20 (`transfer_mode: attended`), yumek-9.4-23 (`transfer_accept_required`),
    krc-5.6.4-17, krc-5.6.4-18 (told where an order makes them enforced).
    """
    said = profile.variable(VARIABLE, {}) or {}
    clauses = (one for one in profile.clauses.values() if not one.later and one.value.get(MODE) == ATTENDED)
    clause = next((one.id for one in clauses), "")
    outside = frozenset(str(role) for role in said.get("outside", ()))
    return Transfers(said.get("blind") is True and not clause, clause, outside, frozenset(_needs(profile)))


def _needs(profile: Profile) -> Iterator[str]:
    for clause in profile.clauses.values():
        if not clause.later and clause.value.get("transfer_accept_required") is True:
            yield "accepted"
        rule = clause.rule
        if rule and not clause.later and rule.kind == "notified_before" and clause.how == "enforced":
            notice, event = str(rule.params.get("notice")), str(rule.params.get("event"))
            yield from (need for kind, need in NOTICES.items() if "transfer_completed" in event and kind in notice)
