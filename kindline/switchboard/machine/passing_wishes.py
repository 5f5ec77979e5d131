"""What is asked for while a call is passed on: by the operator who passes it, and by whoever is to take it."""

from __future__ import annotations

from dataclasses import dataclass

from kindline.switchboard.machine.happening import Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferAsked(Asked):
    """Pass the call on; `endpoint` is the phone to ring when somebody could be kept, else `why_not` says why not.

    `kind` and `mode` are those of `passing`; `target_employee` is 0 for a number outside.
    """

    target_employee: int
    target: str = ""
    endpoint: str = ""
    why_not: str = ""
    kind: str = "employee"
    number: str = ""
    mode: str = "attended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduce(Asked):
    """The colleague is told who calls and about what."""

    client_name: str = ""
    matter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept(Asked):
    """The colleague takes the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseTransfer(Asked):
    """The colleague does not take the call."""

    reason: str = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conference(Asked):
    """The client is brought in: he, the operator and the colleague talk together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete(Asked):
    """The client is joined with the colleague, the operator leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTransfer(Asked):
    """Back to the client without the colleague."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackToClient(Asked):
    """The operator talks with the client again, while the colleague waits with music."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackToColleague(Asked):
    """The operator talks with the colleague again, while the client waits with music."""
