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


class NobodyThereError(NotificationError):
    """No browser has agreed to notices for this client or address."""

    code = "nobody"


class BadBrowserError(NotificationError):
    """What the browser gave is no subscription: an HTTPS address of a push service and two keys are needed."""

    code = "browser"


class WireError(Exception):
    """A gateway did not do what was asked."""


class UnreachableError(WireError):
    """The gateway cannot be reached or refuses for now: nothing was taken, try again later.

    `later_s`: after how many seconds it wants to be asked again, where it says so.
    """

    def __init__(self, said: str, later_s: float | None = None) -> None:
        self.later_s = later_s
        super().__init__(said)


class GoneError(WireError):
    """The browser takes notices no more: it is not written to again."""


class RefusedError(WireError):
    """The gateway refuses this message for good; the message says why."""


class UnknownOutcomeError(WireError):
    """The line was cut after the message was handed over: it may have gone. It is not sent again."""
