"""Proof that there was sound: what each telephone heard, and what the instance kept of each person."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.utils import timezone

from kindline.recordings import listening
from kindline.runtime.demo_calls.scenario import Scenario
from kindline.runtime.demo_calls.sound import audible_s
from kindline.switchboard.models import Recording

ENOUGH_S = 0.5
"""So much must be audible to call it speech."""
CLIENT_LEGS = ("client", "voicemail")


@dataclass(frozen=True)
class Proof:
    """How much was audible where, and whether it should have been."""

    what: str
    audible_s: float
    wanted: bool

    @property
    def holds(self) -> bool:
        """Whether there was sound where there should be, and none where there should be none."""
        return (self.audible_s >= ENOUGH_S) == self.wanted

    def __str__(self) -> str:
        expected = "" if self.holds else f" (expected {'speech' if self.wanted else 'silence'})"
        return f"{self.what}: {self.audible_s:.1f} s of sound{expected}"


def heard(what: str, file: Path, *, wanted: bool) -> Proof:
    """What a telephone heard."""
    return Proof(what, audible_s(file), wanted)


def kept(contact: UUID, scenario: Scenario) -> list[Proof]:
    """What the instance recorded of each person, all recordings of a leg together."""
    found: dict[str, float] = {}
    for row in Recording.objects.filter(contact_id=contact).exclude(path="").order_by("started_at"):
        found[row.leg] = found.get(row.leg, 0.0) + _audible_s(row)
    return [
        Proof(f"the recording of the {leg}", seconds, scenario.client_speaks or leg not in CLIENT_LEGS)
        for leg, seconds in found.items()
    ]


def _audible_s(row: Recording) -> float:
    """How much of a recording is audible, whether it lies plain or sealed."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        file.write(listening.content(row, timezone.now()))
        file.flush()
        return audible_s(Path(file.name))
