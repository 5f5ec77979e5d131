"""What `kindline doctor` finds: one line a part."""

from __future__ import annotations

from dataclasses import dataclass

OK, WARN, FAIL = "ok", "warn", "fail"


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, how it is, and what to do where it is not well."""

    subject: str
    level: str
    detail: str
    cure: str = ""

    def line(self) -> str:
        """The line as it is shown."""
        cure = f"\n{'':<19}-> {self.cure}" if self.cure else ""
        return f"{self.level:<5} {self.subject:<12} {self.detail}{cure}"
