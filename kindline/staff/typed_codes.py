"""Codes that people type: from a letter, a bill, a page, paper. What looks alike is one sign."""

from __future__ import annotations

LOOK_ALIKES = str.maketrans("018АВЕІКМНОРСТУХ", "OIBABEIKMHOPCTYX")
"""Figures that such codes do not have (A-Z, 2-7), and letters of a Cyrillic keyboard: what is meant by them."""


def figures(code: str) -> str:
    """A code as it is compared: without spaces and strokes, in capitals."""
    return "".join(code.split()).replace("-", "").upper()


def signs(code: str) -> str:
    """A code of letters and figures (base 32) as it is compared: read as it looks, however it was typed."""
    return figures(code).translate(LOOK_ALIKES)
