"""Every form in which a word of a name may stand in a text: all cases, both genders, in Russian and Ukrainian."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from kindline.standard import names, tokens

UKRAINIAN_CASES = ("nominative", "genitive", "dative", "accusative", "ablative", "locative", "vocative")
UKRAINIAN_PARTS = ("familyName", "givenName", "patronymicName")
LANGUAGES = ("ru", "uk")
FORMS_MOST = 80


@lru_cache(maxsize=20_000)
def forms(word: str) -> frozenset[str]:
    """The forms of one word, in small letters; whatever part of a name it is, whoever bears it."""
    found = {word, *_russian(word), *_ukrainian(word)}
    for language in LANGUAGES:
        found.update(_dictionary(word, language))
    return frozenset(form.lower() for form in found if form)


def _russian(word: str) -> Iterator[str]:
    from pytrovich.enums import Case, Gender, NamePart  # noqa: PLC0415 - only where names are declined

    for sex in (Gender.MALE, Gender.FEMALE):
        for part in (NamePart.LASTNAME, NamePart.FIRSTNAME, NamePart.MIDDLENAME):
            for case in Case:
                if case != Case.NOMINATIVE:
                    yield names.russian_maker().make(part, sex, case, word)


def _ukrainian(word: str) -> Iterator[str]:
    import shevchenko  # noqa: PLC0415 - only where names are declined

    for sex in (shevchenko.GrammaticalGender.MASCULINE, shevchenko.GrammaticalGender.FEMININE):
        for part in UKRAINIAN_PARTS:
            for case in UKRAINIAN_CASES:
                made = getattr(shevchenko, f"in_{case}")({"gender": sex, part: word})
                yield from (form for form in [made.get(part)] if form)


def _dictionary(word: str, language: str) -> Iterator[str]:
    """What the dictionary makes of it, as a name or any other word."""
    for parse in tokens.parses(word, language):
        if parse.score >= 0.05:
            yield from (form.word for form in parse.lexeme[:FORMS_MOST])
