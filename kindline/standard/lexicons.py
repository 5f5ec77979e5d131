"""Lexicons: words that an operator must not say, found in what was said."""

from __future__ import annotations

from dataclasses import dataclass

MATCHES = ("phrase", "lemma", "rate", "diminutive", "imperative", "ty_form")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A list of words: whose speech, where in the talk and how it is matched."""

    id: str
    role: str
    speaker: str
    channel: tuple[str, ...]
    position: str
    match: str
    words: tuple[str, ...]
    clause: str | None
    open: bool = False
    per_100_words: float | None = None
    except_words: tuple[str, ...] = ()
    direction: str | None = None
