"""A transfer under way, as the state of a call keeps it: to whom, in which way, and what is done of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

EMPLOYEE, DEPARTMENT, DEPUTY, OUTSIDE = "employee", "department", "deputy", "outside"
KINDS = (EMPLOYEE, DEPARTMENT, DEPUTY, OUTSIDE)
ATTENDED, BLIND = "attended", "blind"
MODES = (ATTENDED, BLIND)


@dataclass(frozen=True, slots=True)
class Transfer:
    """Who is asked, and what is done of it; nobody of the house (0) for a number outside."""

    target: str
    target_employee: int
    started_at: dt.datetime
    introduced: bool = False
    accepted: bool = False
    told: bool = False
    """The operator has been with the client again since he was answered: the client knows who takes him."""
    kind: str = EMPLOYEE
    number: str = ""
    """A department's extension, or the number outside."""
    mode: str = ATTENDED
    giver: int = 0
    """The operator who passes the call on."""
    tried: tuple[int, ...] = ()
    """Who of a department was rung in vain."""

    @property
    def blind(self) -> bool:
        """Whether the operator has left already."""
        return self.mode == BLIND

    def said(self) -> dict[str, str | int | None]:
        """What every fact of it says of its destination."""
        return {"target": self.target, "target_kind": self.kind, "number": self.number or None}
