"""What is wrong in a profile folder, said so that its author can put it right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong: where it stands, what it is and what to write instead."""

    file: str
    line: int
    key: str
    message: str
    cure: str = ""
    level: Level = "error"
    clause: str = ""

    def __str__(self) -> str:
        named = f" ({self.clause})" if self.clause else ""
        cure = f"\n    -> {self.cure}" if self.cure else ""
        return f"{self.file}:{self.line}: {self.level}: {self.key}: {self.message}{named}{cure}"


class ProfileFaults(Exception):  # noqa: N818 - said as it reads where it is caught
    """A profile cannot be used; `faults` says everything that is wrong with it at once."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        wrong = [fault for fault in faults if fault.level == "error"]
        super().__init__(f"{len(wrong)} fault(s) in the profile:\n" + "\n".join(str(fault) for fault in wrong[:50]))


def errors(faults: list[Fault]) -> list[Fault]:
    """Only the faults that forbid using the profile."""
    return [fault for fault in faults if fault.level == "error"]
