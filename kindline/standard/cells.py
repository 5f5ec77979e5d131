"""A cell of a table that office programs open."""

from __future__ import annotations

import re

FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[+-]\d[\d .,()]*")
"""What begins with a sign and is a number all the same: a telephone number, a balance."""


def safe(value: object) -> object:
    """A text that a spreadsheet would take for a formula is shown as text; nothing is an empty cell."""
    if isinstance(value, str) and value.startswith(FORMULA) and not NUMBER.fullmatch(value):
        return f"'{value}"
    return "" if value is None else value
