"""What goes wrong with readings and bills, each with the code by which a surface finds its words."""

from __future__ import annotations


class ReadingsError(Exception):
    """Something about readings or bills that a person has to be told."""

    code = "readings"


class BillingAwayError(ReadingsError):
    """The billing system does not answer: ask again later."""

    code = "billing_away"


class NoBillError(ReadingsError):
    """There is no bill for this account and month."""

    code = "no_bill"


class KeyReusedError(ReadingsError):
    """The key of a sending came again with other readings: take a new key."""

    code = "key_reused"


class RefusedReadingError(ReadingsError):
    """It cannot be a reading of this meter; `code` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class SettledError(ReadingsError):
    """Somebody else has settled the reading meanwhile: look at it again."""

    code = "settled"


class LeftToEmployeeError(ReadingsError):
    """Another reading stands for that day, and the account is not shown to be the sender's: an employee decides."""

    code = "left_to_employee"


class NoReasonError(ReadingsError):
    """A correction needs a reason."""

    code = "no_reason"


class TooManySendingsError(ReadingsError):
    """So many readings were sent from this network that more are not taken for now."""

    code = "too_many_sendings"
