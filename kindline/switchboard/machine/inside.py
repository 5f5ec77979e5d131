"""What is known of a call from one employee to another."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Inside:
    """Who called which extension, who was rung already, and why the last one of them did not come."""

    dialler: int
    number: str
    shown: str = ""
    """What the colleague's telephone shows: name and extension of who calls."""
    tried: tuple[int, ...] = ()
    outcome: str = "no_answer"
    """busy, no_answer, absent, unknown."""
