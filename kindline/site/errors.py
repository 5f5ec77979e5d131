"""What the internet reception refuses, and why."""

from __future__ import annotations

from collections.abc import Mapping


class NotAcceptedError(Exception):
    """The form cannot be accepted as it is: field -> code of what is wrong with it."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        super().__init__(", ".join(f"{field}: {code}" for field, code in self.faults.items()))


class TooManyError(Exception):
    """So many forms came from there that more are not taken for now."""

    code = "too_many"


class OftenTodayError(TooManyError):
    """So often it was booked, or asked to be called, from there within a day that it is not done again."""

    code = "too_many_a_day"


class AnotherError(Exception):
    """The form was sent already, and now it holds another question; `number` of the first."""

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__(number)


class FloodError(TooManyError):
    """So much comes from this address that it is refused unread."""
