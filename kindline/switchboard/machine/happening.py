"""What every event of a call is: something that happened at a moment, or that an employee asks for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened at a moment; `estimated` when it was found out afterwards."""

    at: dt.datetime
    estimated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Event):
    """An operator asks for something; `employee` is who asks."""

    employee: int
