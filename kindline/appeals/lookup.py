"""Finding an appeal: by number, name, phone, account, and by words in any inflection (lemmas in a tsvector)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from kindline.appeals.models import Appeal
from kindline.clients import folding, search
from kindline.standard import loader, tokens

WORDS_MAX = 12
LETTERS_MAX = 20_000
MATCH = "appeals_appeal.lookup @@ %s::tsquery"
WRITE = "UPDATE appeals_appeal SET lookup = array_to_tsvector(%s) WHERE id = %s"
NUMBER = re.compile(r"[\w-]+/\d+")


def index_all(appeals: Iterable[Appeal]) -> None:
    """The same for many, in one go."""
    rows: list[list[Any]] = [[sorted(words_of(appeal)), appeal.pk] for appeal in appeals]
    with connection.cursor() as cursor:
        cursor.executemany(WRITE, rows)


def words_of(appeal: Appeal) -> set[str]:
    """Everything that the appeal is found by: lemmas of its substance, folded names, digits of numbers."""
    language = loader.load(appeal.profile).language
    found = set(_lemmas(appeal.substance[:LETTERS_MAX], language))
    for text in _names(appeal):
        found |= {*folding.words(text), *_lemmas(text, language)}
    found |= {appeal.number.casefold(), *folding.words(appeal.email), appeal.email.casefold()}
    found |= _digits(appeal.phone)
    if appeal.client is not None:
        accounts = appeal.client.accounts.all()
        found |= {folding.digits(one.number) or one.number.casefold() for one in accounts}
    return {word for word in found if word}


def find(rows: QuerySet[Appeal], text: str, profile_id: str) -> QuerySet[Appeal]:
    """Those of the rows that every word of the text fits, in any inflection; one condition, one index."""
    language = loader.load(profile_id).language
    wanted = _wanted(text, language)[:WORDS_MAX]
    if not wanted:
        return rows.none() if text.strip() else rows
    return rows.extra(where=[MATCH], params=[" & ".join(wanted)])  # noqa: S610 - one parameter, quoted below


def _names(appeal: Appeal) -> Iterable[str]:
    yield from (appeal.surname, appeal.given_name, appeal.patronymic, appeal.residence)
    if appeal.client is not None:
        yield from (appeal.client.firm_name, appeal.client.surname, appeal.client.given_name)


def _digits(number: str) -> set[str]:
    return {folding.digits(number), folding.tail(number)} if folding.digits(number) else set()


def _lemmas(text: str, language: str) -> Iterable[str]:
    for token in tokens.tokens(text):
        yield from tokens.lemmas(token.word, language)
        yield from folding.words(token.word)


def _wanted(text: str, language: str) -> list[str]:
    """One condition a word: a whole number of an appeal, digits of a phone or an account, a word in any form."""
    numbers = NUMBER.findall(text)
    rest = NUMBER.sub(" ", text)
    wanted = [search.quoted(number.casefold()) for number in numbers]
    for phone in re.findall(r"[+(]?\d[\d\s()+-]{4,}\d", rest):
        wanted.append(search.number(folding.digits(phone)))
        rest = rest.replace(phone, " ")
    if "@" in rest:
        return [*wanted, search.quoted(rest.strip().casefold())]
    return [*wanted, *(_word(token.word, language) for token in tokens.tokens(rest))]


def _word(word: str, language: str) -> str:
    forms = dict.fromkeys([*tokens.lemmas(word, language), *folding.words(word)])
    starts = [f"{search.quoted(folded)}:*" for folded in folding.words(word)]
    return f"({' | '.join([*map(search.quoted, forms), *starts])})"
