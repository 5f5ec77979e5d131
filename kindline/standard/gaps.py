"""Gaps of a letter: what its writer has yet to fill in, marked `[[so]]` in a template and in the draft made of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

FOUND = re.compile(r"\[\[([^\[\]\n]*)\]\]|\[\[|\]\]")


@dataclass(frozen=True, slots=True)
class Gap:
    """A mark in a text: what belongs there, and on which line (from 1); empty where a half of the mark is lost."""

    words: str
    line: int


def find(text: str) -> list[Gap]:
    """Every mark of a text, in order; a half of one is as unfinished as a whole one."""
    return [Gap((one[1] or "").strip(), text.count("\n", 0, one.start()) + 1) for one in FOUND.finditer(text)]


def mark(words: str) -> str:
    """The mark that stands for something still to be written."""
    return f"[[{' '.join(words.replace('[', '(').replace(']', ')').split())}]]"
