"""Finding an appeal: by number, name, phone, account, address; by words in any inflection (lemmas in a tsvector)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from kindline.appeals.models import Appeal
from kindline.clients import folding, search
from kindline.clients.models import Client
from kindline.standard import appeal_numbers, loader, tokens

WORDS_MAX = 12
LETTERS_MAX = 20_000
LINE_MAX = 1000
"""Signs of a name, an address or what is looked for that are looked at: beyond them nobody names anything."""
PREFIX_MIN = 3
PHONE_MIN = 7
"""So many digits, however they are grouped, are one number; fewer may be a house and a flat."""
MATCH = "appeals_appeal.lookup @@ %s::tsquery"
WRITE = "UPDATE appeals_appeal SET lookup = array_to_tsvector(%s) WHERE id = %s"
NUMBER = re.compile(r"[\w-]+/\d+")
EMAIL = re.compile(r"\S+@\S+")
DIGITS = re.compile(r"[+(]?\d[\d\s()+-]{2,}\d")
OF_CLIENT = ("client__points", "client__accounts__premise")


def index(appeal: Appeal) -> None:
    """Write what the appeal is found by into its row."""
    index_all([appeal])


def index_all(appeals: Iterable[Appeal]) -> None:
    """The same for many, in one go."""
    rows: list[list[Any]] = [[sorted(words_of(appeal)), appeal.pk] for appeal in appeals]
    with connection.cursor() as cursor:
        cursor.executemany(WRITE, rows)


def index_of_client(client_id: int) -> int:
    """Bring all appeals of a client up to date after his name, account, phone or address changed; how many."""
    found = Appeal.objects.filter(client=client_id).select_related("client").prefetch_related(*OF_CLIENT)
    rows = list(found.order_by("pk").select_for_update(of=("self",)))
    index_all(rows)
    return len(rows)


def words_of(appeal: Appeal) -> set[str]:
    """Everything that the appeal is found by: lemmas of its substance, folded names, digits of numbers."""
    language = loader.load(appeal.profile).language
    found = words_in(appeal.substance[:LETTERS_MAX], language)
    for name in (appeal.firm_name, appeal.surname, appeal.given_name, appeal.patronymic):
        found |= name_words(name[:LINE_MAX], language)
    found |= {appeal.number.casefold(), *re.findall(r"\d+", appeal.number)[-1:]}
    found |= address_words(appeal.residence[:LINE_MAX], language)
    email, phone = appeal.email[:LINE_MAX], appeal.phone[:LINE_MAX]
    found |= {*folding.words(email), email.casefold(), *_digits(phone)}
    if appeal.client is not None:
        found |= client_words(appeal.client, language)
    return {word for word in found if word}


def client_words(client: Client, language: str) -> set[str]:
    """What an appeal is found by because of its client: names, accounts, addresses, phones."""
    found = {*search.index_of(client)}
    for name in (client.firm_name, client.surname, client.given_name):
        found |= name_words(name, language)
    for address in (client.residence, *(str(one.premise) for one in client.accounts.all())):
        found |= address_words(address, language)
    return found


@lru_cache(maxsize=20_000)
def _name_words(text: str, language: str) -> frozenset[str]:
    return frozenset({*folding.words(text), *_lemmas(text, language)})


def name_words(text: str, language: str) -> set[str]:
    """A name folded and in its dictionary form."""
    return set(_name_words(text, language))


def address_words(text: str, language: str) -> set[str]:
    """An address: its words as names are, digits and letters of a house apart."""
    return {*folding.words(folding.split_numbers(text)), *_lemmas(text, language)}


def words_in(text: str, default: str) -> set[str]:
    """The dictionary forms of a text's words, in the language that it shows itself to be, and the words folded."""
    return set(_lemmas(text, tokens.language_of(text) or default))


def find(rows: QuerySet[Appeal], text: str, profile_id: str) -> QuerySet[Appeal]:
    """Those of the rows that every word of the text fits, in any inflection; one condition, one index."""
    language = loader.load(profile_id).language
    shapes = [one.pattern for one in appeal_numbers.all_of(loader.load(profile_id).variables, profile_id)]
    wanted = list(dict.fromkeys(_wanted(text[:LINE_MAX], language, shapes)))[:WORDS_MAX]
    if not wanted:
        return rows.none() if text.strip() else rows
    return rows.extra(where=[MATCH], params=[" & ".join(wanted)])  # noqa: S610 - one parameter, quoted below


def _digits(number: str) -> set[str]:
    return {folding.digits(number), folding.tail(number)} if folding.digits(number) else set()


def _lemmas(text: str, language: str) -> Iterator[str]:
    for token in tokens.tokens(text):
        yield from tokens.lemmas(token.word, language)
        yield from folding.words(token.word)


def _wanted(text: str, language: str, shapes: list[re.Pattern[str]]) -> Iterator[str]:
    """One condition a word: a whole number of an appeal, a phone or an account, a word in any form."""
    rest = text
    for pattern in (*shapes, NUMBER, EMAIL):
        yield from (search.quoted(one[0].casefold()) for one in pattern.finditer(rest))
        rest = pattern.sub(" ", rest)
    for run in DIGITS.findall(rest):
        if run.isdecimal() or len(folding.digits(run)) >= PHONE_MIN:
            yield search.number(folding.digits(run))
            rest = rest.replace(run, " ", 1)
    yield from (_condition(word, language) for word in telling(rest, language))


def telling(text: str, language: str) -> list[str]:
    """The words that tell one appeal from others: no prepositions; of an address no "street" and "house"."""
    found = [token.word for token in tokens.tokens(text)]
    address = any(word.isdecimal() for word in found)
    told = [
        word
        for word in found
        if not tokens.is_linking(word, tokens.language_of(word) or language)
        and not (address and len(found) > 1 and set(folding.words(word)) <= folding.street_words())
    ]
    return told or found


def _condition(word: str, language: str) -> str:
    """A word in any form of the languages that it may be of, or as the beginning of a longer one."""
    if word.isdecimal():
        return search.number(word) if len(word) >= folding.DIGITS_MIN else search.quoted(word)
    starts = [f"{search.quoted(start)}:*" for start in starts_of(word)]
    return f"({' | '.join([*map(search.quoted, forms_of(word, language)), *starts])})"


def forms_of(word: str, language: str) -> list[str]:
    """A word in its dictionary forms, of the language that it shows, else of all that it may be of; and folded."""
    shown = tokens.language_of(word)
    languages = [shown] if shown else dict.fromkeys([language, *tokens.OWN_LETTERS])
    forms = [form for code in languages for form in tokens.lemmas(word, code)]
    return list(dict.fromkeys([*forms, *folding.words(word)]))


def starts_of(word: str) -> list[str]:
    """With what a longer word may begin that is looked for by this one."""
    return [folded for folded in folding.words(word) if len(folded) >= PREFIX_MIN]
