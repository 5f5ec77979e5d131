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
