"""What is refused of a rating."""

from __future__ import annotations


class NotRatedError(Exception):
    """A rating is two figures from 1 to 5: choose both."""


class LongWordsError(Exception):
    """The words are longer than is kept; `most` and `has` count characters."""

    def __init__(self, most: int, has: int) -> None:
        self.most, self.has = most, has
        super().__init__(f"shorten the words to {most} characters: they have {has}")
