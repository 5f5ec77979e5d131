"""What comes in and what is said of it: lines of a sending, their sender, their outcomes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from kindline.journal.checking import storable
from kindline.readings.checking import Offered


@dataclass(frozen=True, slots=True)
class Line:
    """One reading of a sending: which meter of which account, in which zone, what, when."""

    account: str
    meter: str
    zone: str
    value: str
    taken_on: str

    @property
    def offered(self) -> Offered:
        """What the judge is shown."""
        return Offered(self.zone, self.value, self.taken_on)

    def storable(self) -> Line:
        """The same without signs that PostgreSQL cannot keep."""
        return Line(*map(storable, (self.account, self.meter, self.zone, self.value, self.taken_on)))


@dataclass(frozen=True, slots=True)
class Sender:
    """By which way readings come, and from whom as far as that is known."""

    channel: str  # account | web | phone | menu | office | sms | api | file
    contact_id: uuid.UUID | None = None
    login_id: int | None = None
    employee_id: int | None = None
    network: str = ""

    @property
    def is_known(self) -> bool:
        """Whether it is an employee, or somebody in the personal account: others know two numbers, no more."""
        return bool(self.employee_id or self.login_id)

    @property
    def actor(self) -> str:
        """As facts name it."""
        return f"employee:{self.employee_id}" if self.employee_id else "client"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a line; `reading` is None for one that was refused."""

    line: int
    state: str
    code: str = ""
    reading: int | None = None
