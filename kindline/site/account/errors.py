"""What the personal account refuses."""

from __future__ import annotations


class NotEnteredError(Exception):
    """The e-mail, the password or the code does not let in; which of them is not told."""


class DisabledError(NotEnteredError):
    """An employee has shut the log-in: nobody enters by it, whatever he knows."""


class ElsewhereError(NotEnteredError):
    """The code is right, and lets in in another browser alone: no guess, and no failure of this one."""


class AddressTakenError(Exception):
    """By the new address somebody else enters meanwhile."""


class HeldBackError(Exception):
    """So many attempts failed that more are not taken for now."""


class NotProvenError(NotEnteredError):
    """Who is in could not show anew that it is he; `way`: what was wrong, password or second."""

    def __init__(self, way: str) -> None:
        self.way = way
        super().__init__(way)
