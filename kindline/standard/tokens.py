"""Words of a text with their places, and their dictionary forms, each looked up once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

WORD = re.compile(r"[^\W\d_]+(?:[’'ʼ`-][^\W\d_]+)*|\d+", re.UNICODE)
APOSTROPHES = str.maketrans({"ʼ": "’", "'": "’", "`": "’", "ё": "е"})
OWN_LETTERS = {"uk": "іїєґ", "ru": "ыэёъ"}
LINKING = frozenset({"PREP", "CONJ", "PRCL"})


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it is compared, and where it stands in the text."""

    word: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """The words of a text: small letters, ё as е, one kind of apostrophe."""
    return [Token(plain(match[0]), match.start(), match.end()) for match in WORD.finditer(text)]


def plain(word: str) -> str:
    """A word as it is compared."""
    return word.lower().translate(APOSTROPHES)


def language_of(text: str) -> str:
    """Whether a text is Ukrainian or Russian, by the letters that only one of them has; "" where it does not show."""
    small = text.lower()
    shown = {code: sum(map(small.count, letters)) for code, letters in OWN_LETTERS.items()}
    return "" if shown["uk"] == shown["ru"] else max(shown, key=lambda code: shown[code])


@lru_cache(maxsize=4)
def morphology(language: str) -> Any:
    """The dictionary of a language (Russian where there is none)."""
    import pymorphy3  # noqa: PLC0415 - heavy, and only where words are looked up

    return pymorphy3.MorphAnalyzer(lang=language if language in ("ru", "uk") else "ru")


def parses(word: str, language: str) -> list[Any]:
    """The dictionary's readings of a word, the likeliest first; none where it has signs that have no name."""
    try:
        found: list[Any] = morphology(language).parse(word)
    except ValueError:  # a letter that this Python's tables of Unicode do not name yet
        return []
    return found


@lru_cache(maxsize=200_000)
def lemmas(word: str, language: str) -> tuple[str, ...]:
    """The likely dictionary forms of a word, the likeliest first."""
    found = parses(word, language)
    likely = [parse for parse in found if parse.score >= 0.05] or found[:1]
    return tuple(dict.fromkeys(plain(parse.normal_form) for parse in likely)) or (plain(word),)


@lru_cache(maxsize=200_000)
def grammemes(word: str, language: str) -> tuple[frozenset[str], ...]:
    """The readings of a word, each as the set of its grammatical marks."""
    return tuple(frozenset(parse.tag.grammemes) for parse in parses(word, language))


@lru_cache(maxsize=50_000)
def is_noun(word: str, language: str) -> bool:
    """Whether the dictionary itself has the word as a noun."""
    analyzer = morphology(language)
    return bool(analyzer.word_is_known(word)) and any("NOUN" in marks for marks in grammemes(word, language))


def is_linking(word: str, language: str) -> bool:
    """Whether a word is a preposition, conjunction or particle in every reading: it says nothing of the matter."""
    found = grammemes(word, language)
    return bool(found) and all(marks & LINKING for marks in found)
