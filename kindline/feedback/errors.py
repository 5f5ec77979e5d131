"""What is refused of a rating."""

from __future__ import annotations


class NotRatedError(Exception):
    """A rating is two figures from 1 to 5: choose both."""
