"""Lines of the log name nobody: numbers, addresses and secrets are masked, whatever part or library wrote them (X4).

Names of people cannot be known by their shape: what we log ourselves carries keys instead, and what PostgreSQL tells
of a row's values is left out whole.
"""

from __future__ import annotations

import logging
import re

MASKS = (
    (re.compile(r"(?m)^(DETAIL|CONTEXT|LINE \d+|\s*STATEMENT):.*$"), r"\1: …"),  # PostgreSQL's, with values of rows
    (re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]*(?=@)"), "…"),  # user and password of an address
    (re.compile(r"(?i)(?<=bearer )[\w.~+/-]+=*"), "…"),
    (re.compile(r"\bkl_[\w-]{8,}"), "kl_…"),  # a program's token
    (re.compile(r"[\w.+-]+(?=@[\w-]+\.\w)"), "…"),  # an e-mail or SIP address keeps its host
    (re.compile(r"(?<![\w.-])\+?\d{8,13}(\d\d)(?![\w-]|\.\d)"), r"…\1"),  # a telephone number, an account
)
"""What is masked, in this order, and what stands there instead."""


class Masked(logging.Formatter):
    """A line with its traceback, masked as a whole."""

    def format(self, record: logging.LogRecord) -> str:
        """The line as it is written."""
        return masked(super().format(record))


def masked(line: str) -> str:
    """The line without what would name somebody, or open something."""
    for pattern, instead in MASKS:
        line = pattern.sub(instead, line)
    return line
