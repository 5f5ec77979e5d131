"""Lines of the log name nobody: numbers, addresses and secrets are masked, whatever part or library wrote them (X4).

Names of people cannot be known by their shape: what we log ourselves carries keys instead, and what PostgreSQL tells
of a row's values is left out whole.
"""

from __future__ import annotations

import logging
import re

TOLD = r"DETAIL|CONTEXT|STATEMENT|QUERY|LINE \d+"
NEXT = r"(?:[A-Z]{4,}(?: \d+)?:|Traceback \(|Stack \(|The above exception |During handling |\++-)"
"""What PostgreSQL tells with a row's values in it, and what comes after: values have lines, and empty ones, too."""
SPACED = r"(?:\+\d|\(?0\d\d|8[ -]?\(?\d{3})(?:[ ()-]{0,2}\d){5,11}"
"""How a telephone number begins as people write it, up to its last two digits."""
KEYED = "/(?:ask|meeting|consultation|callback|notices(?:/confirm|/leave)?|account/not-me|file)/"
"""Under which places of the site the next part of an address is a key: who has it sees what is behind, or ends it."""
KEY = "[0-9A-Za-z_:.~-]{16,}"
MASKS = (
    (re.compile(rf"(?ms)^([ \t|]*(?:{TOLD})):.*?(?=\n\n?[ \t|]*{NEXT}|\Z)"), r"\1: …"),
    (re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]*(?=@)"), "…"),  # user and password of an address
    (re.compile(r"(?i)(?<=bearer )[\w.~+/-]+=*"), "…"),
    (re.compile(f"({KEYED}){KEY}"), r"\1…"),
    (re.compile(r"\bkl_[\w-]{8,}"), "kl_…"),  # a program's token
    (re.compile(r"(?<![\w.+-])[\w.+-]+(?=@[\w-]+\.\w)"), "…"),  # an e-mail or SIP address keeps its host
    (re.compile(r"(?<=\bPJSIP/)\+?\d{8,13}(\d\d)(?=-)"), r"…\1"),  # a channel that is named after its number
    (re.compile(r"(?<![\w.-])\+?\d{8,13}(\d\d)(?![\w-]|\.\d)"), r"…\1"),  # a telephone number, an account
    (re.compile(rf"(?<![\w.+-])(?:{SPACED})[ ()-]{{0,2}}(\d\d)(?![\w-]|\.\d)"), r"…\1"),
)
"""What is masked, in this order, and what stands there instead. Each reads a line once, however long: none tries anew
from every place of a run of characters."""


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
