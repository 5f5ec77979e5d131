"""The words by which something is looked for: in any form, also as the beginning of a longer word; no empty ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from kindline.appeals import lookup
from kindline.clients import search
from kindline.standard import tokens

WORDS_MAX = 12
LETTERS_MAX = 1000
"""Of a longer text the beginning counts: the matter is said there."""
TITLE = "^"
"""A word of a title stands in the index once more with this before it."""
EMPTY = tokens.LINKING | {"NPRO", "Apro"}
VERB_END = re.compile(r"(?:[аеиоуюыя]|[ії])(?:ть|ти)(?:ся|сь)?$")
STEM_MIN = 5
QUESTIONS = frozenset(
    """когда где куда откуда почему зачем как какой сколько что кто который можно нужно
    коли де куди звідки чому навіщо як який скільки що хто котрий можна треба
    what when where why how who which the and for you can
    здравствуйте пожалуйста подскажите скажите вітаю підкажіть скажіть hello please""".split()
)
"""Words of every question: they tell none from another."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word that is looked for: its dictionary forms, and the beginnings of longer words that fit it too."""

    forms: tuple[str, ...]
    starts: tuple[str, ...]

    def fits(self, words: Iterable[str]) -> bool:
        """Whether it is among the words of a text."""
        return any(word in self.forms or word.startswith(self.starts) for word in words)

    def condition(self, mark: str = "") -> str:
        """The same for PostgreSQL, as a part of a tsquery; `mark`: as a word of the title."""
        told = [search.quoted(mark + form) for form in self.forms]
        return f"({' | '.join([*told, *(f'{search.quoted(mark + start)}:*' for start in self.starts)])})"


def words_of(text: str, language: str) -> tuple[Word, ...]:
    """What a text asks for, each word once, in its order; empty words only where there are no others."""
    return telling(text, language) or _words(_found(text), language)


def telling(text: str, language: str) -> tuple[Word, ...]:
    """The same without the empty ones, even where nothing is left."""
    return _words([word for word in _found(text) if not is_empty(word, tokens.language_of(word) or language)], language)


def _found(text: str) -> list[str]:
    return list(dict.fromkeys(token.word for token in tokens.tokens(text[:LETTERS_MAX])))


def _words(found: Iterable[str], language: str) -> tuple[Word, ...]:
    return tuple(_word(word, language) for word in islice(found, WORDS_MAX))


def _word(word: str, language: str) -> Word:
    forms = lookup.forms_of(word, language)
    return Word(tuple(forms), tuple(dict.fromkeys([*lookup.starts_of(word), *_stems(forms, language)])))


def _stems(forms: Iterable[str], language: str) -> Iterator[str]:
    """What a verb shares with its pair and its noun: включать, включить, включение."""
    for form in forms:
        stem = VERB_END.sub("", form)
        if stem != form and len(stem) >= STEM_MIN and not tokens.is_linking(stem, language):
            yield stem


def is_empty(word: str, language: str) -> bool:
    """Whether a word, likely, says nothing of the matter: a preposition, a pronoun, a word of every question."""
    return word in QUESTIONS or any(marks & EMPTY for marks in tokens.grammemes(word, language)[:1])


def indexed(title: str, text: str, language: str) -> set[str]:
    """What a text with a title is found by: its words, and those of the title once more, marked."""
    titled = lookup.words_in(title, language)
    return titled | lookup.words_in(text, language) | {TITLE + word for word in titled}
