"""Why something about a short message is refused or did not happen; each says what to do."""

from __future__ import annotations


class NotificationError(Exception):
    """What is asked of a short message cannot be done."""

    code = "notification"


class BadNumberError(NotificationError):
    """The number cannot get short messages: write a mobile number with its code."""

    code = "number"


class EmptyError(NotificationError):
    """There is no text: write one."""

    code = "empty"


class TooLongError(NotificationError):
    """The text needs more short messages than one may: make it shorter."""

    code = "long"


class WireError(Exception):
    """A gateway did not do what was asked."""


class UnreachableError(WireError):
    """The gateway cannot be reached or refuses for now: nothing was taken, try again later."""


class RefusedError(WireError):
    """The gateway refuses this message for good; the message says why."""


class UnknownOutcomeError(WireError):
    """The line was cut after the message was handed over: it may have gone. It is not sent again."""
