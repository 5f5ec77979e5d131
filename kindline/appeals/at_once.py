"""Of which appeals those in charge learn at once, and who they are: a clause of the standard says so (court-1-29).

Its value names a delay (`notify_management_delay_s`), the forms of appeals (`appeal_forms`), and roles (`told_roles`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kindline.standard.profile import Profile

DELAY, FORMS, ROLES = "notify_management_delay_s", "appeal_forms", "told_roles"


@dataclass(frozen=True, slots=True)
class Rule:
    """Appeals of these forms are brought to the notice of these roles as soon as the talk is over."""

    forms: tuple[str, ...]
    roles: tuple[str, ...]


@lru_cache(maxsize=16)
def rule_of(profile: Profile) -> Rule | None:
    """What the standard says; None: nothing, and nobody is told of an appeal because it was registered."""
    for clause in profile.clauses.values():
        if DELAY in clause.value:
            return Rule(_words(clause.value.get(FORMS)), _words(clause.value.get(ROLES)))
    return None


def _words(raw: Any) -> tuple[str, ...]:
    return (raw,) if isinstance(raw, str) else tuple(raw or ())
