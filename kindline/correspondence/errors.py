"""Why something about letters and e-mail is refused or did not happen; each says what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class CorrespondenceError(Exception):
    """What is asked of a letter cannot be done."""

    code = "correspondence"


class WrongStateError(CorrespondenceError):
    """The letter is in a state in which this cannot be done."""

    code = "state"


class BadAddressError(CorrespondenceError):
    """The address is no e-mail address, or there is none: correct it."""

    code = "address"


class UnknownTemplateError(CorrespondenceError):
    """The standard has no such text in that language: see the profile's `messages/`."""

    code = "template"


class PrintingUnavailableError(CorrespondenceError):
    """Letters cannot be made into PDF here; the message says what to install."""

    code = "printing"


@dataclass(frozen=True, slots=True)
class Breach:
    """What a letter lacks that the standard demands: subject, salutation or letterhead."""

    part: str
    clauses: tuple[str, ...]
    wanted: str


class UnfitLetterError(CorrespondenceError):
    """The letter misses what the standard demands of it; `breaches` name part, clauses and what is wanted."""

    code = "unfit"

    def __init__(self, breaches: Sequence[Breach]) -> None:
        self.breaches = tuple(breaches)
        said = "; ".join(f"{one.part}: {one.wanted} ({', '.join(one.clauses)})" for one in self.breaches)
        super().__init__(f"the letter cannot be sent: {said}")


class WireError(Exception):
    """A server of mail did not do what was asked."""


class UnreachableError(WireError):
    """The server cannot be reached, or refuses for now: try again later."""


class RefusedError(WireError):
    """The server refuses this letter for good; `status` is its answer."""

    def __init__(self, status: str, said: str) -> None:
        self.status = status
        super().__init__(f"{status} {said}"[:500])


class UnknownOutcomeError(WireError):
    """The line was cut after the letter was handed over: it may have gone. Send it again under the same Message-ID."""
