"""A secret that is said in a talk, as the state of a call keeps it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Secrecy:
    """A secret is being said: nothing is recorded since then."""

    since: dt.datetime
    employee: int
    reason: str
