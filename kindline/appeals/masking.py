"""Striking a person's data out of a text that is to be published: what is found, where, of which kind.

Names and addresses of the applicant are sought in every form that the libraries of both languages know, and by their
stem; everybody's by patterns and dictionary. A hit too many costs a look, a hit too few costs a person's privacy.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from kindline.appeals import mask_patterns
from kindline.appeals.mask_patterns import Found, Kind
from kindline.appeals.models import Appeal
from kindline.clients import folding
from kindline.standard import name_forms, names, tokens
from kindline.standard.profile import Profile

INVISIBLE = "\u0301\u00ad\u200b\u2060"
WORD = re.compile(rf"[^\W\d_](?:[^\W\d_]|[’'ʼ`′ʹ{INVISIBLE}-](?=[^\W\d_]))*")
JOINT = re.compile(r"[\s,.]{1,3}")
STEM_MIN, TAIL_MAX = 4, 4
VOWELS = "аеиоуюяь"
LATIN = str.maketrans("aceopxyiABCEHKMOPTXI", "асеорхуіАВСЕНКМОРТХІ")
"""Latin letters that look like ours: a name written with them is the same name."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A stretch of a text that is, or looks like, a person's data."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Person:
    """Whose data must not be seen: words of his names and addresses, digits of his numbers."""

    names: frozenset[str]
    addresses: frozenset[str]
    phones: frozenset[str]
    accounts: frozenset[str]
    houses: frozenset[str]
    emails: frozenset[str] = frozenset()


def person_of(appeal: Appeal) -> Person:
    """The applicant as the appeal and the client's card know him, and the employee whose name stands in the answer."""
    client = appeal.client
    said = [appeal.firm_name, appeal.surname, appeal.given_name, appeal.patronymic]
    places, lines, accounts = [appeal.residence], [appeal.phone], []
    if client is not None:
        said += [client.surname, client.given_name, client.patronymic, client.firm_name]
        places += [client.residence, *(str(one.premise) for one in client.accounts.all())]
        lines += [point.value for point in client.points.all() if point.kind == "phone"]
        accounts = [one.number for one in client.accounts.all()]
    if appeal.executor is not None:
        said += [appeal.executor.surname, appeal.executor.given_name, appeal.executor.patronymic]
        lines.append(appeal.executor.phone)
    return person(said, places, lines, accounts)


def person(
    said: Iterable[str],
    places: Iterable[str] = (),
    lines: Iterable[str] = (),
    accounts: Iterable[str] = (),
    emails: Iterable[str] = (),
) -> Person:
    """Somebody by his names, addresses and numbers as they are written anywhere."""
    words = [word for place in places for word in folding.address_words(place)]
    return Person(
        frozenset(word for text in said for word in _words_of(text) if len(word) > 1),
        frozenset(word for place in places for word in _street_words(place)),
        _digits(lines),
        _digits(accounts),
        frozenset(f"{one}{other}" for one, other in itertools.pairwise(words) if one.isdecimal() and len(other) == 1),
        frozenset(one.casefold() for one in emails if one),
    )


def _digits(written: Iterable[str]) -> frozenset[str]:
    return frozenset(one for one in map(folding.digits, written) if len(one) >= mask_patterns.OWN_DIGITS_MIN)


def find(text: str, who: Person, profile: Profile) -> list[Hit]:
    """Everything in the text that is the person's data or looks like anybody's; hits never overlap."""
    country = profile.calendar.country
    found = [
        *mask_patterns.everybody_s(text),
        *mask_patterns.numbers(text, country, who.phones, who.accounts),
        *_words(text, who, profile.language),
    ]
    hits = _joined(text, found)
    beside = list(_beside(text, hits, profile.language))
    return _joined(text, [*((one.start, one.end, one.kind) for one in hits), *beside]) if beside else hits


def own(text: str, who: Person) -> list[Hit]:
    """Only the person's own data, nobody else's: for records that stay when the person is erased from them."""
    emails = [
        (one.start(), one.end(), "email") for one in mask_patterns.emails(text) if one[0].casefold() in who.emails
    ]
    found = [*emails, *mask_patterns.own_numbers(text, who.phones, who.accounts), *_own_words(text, who)]
    return _joined(text, found)  # type: ignore[arg-type] # the kinds are literals


def struck(text: str, hits: Iterable[Hit], masks: Mapping[str, str]) -> str:
    """The text with a word of the profile instead of every hit."""
    parts, last = [], 0
    for hit in hits:
        parts += [text[last : hit.start], masks[hit.kind]]
        last = hit.end
    return "".join([*parts, text[last:]])


def _words(text: str, who: Person, language: str) -> Iterator[Found]:
    yield from _own_words(text, who)
    for match in WORD.finditer(text):
        if _is_name(match[0], language):
            yield match.start(), match.end(), "name"


def _own_words(text: str, who: Person) -> Iterator[Found]:
    for match in WORD.finditer(text):
        folded = _parts(match[0])
        if any(_is_of(part, who.addresses) for part in folded):
            yield match.start(), mask_patterns.after_street(text, match.end()), "address"
        elif any(_is_of(part, who.names) for part in folded):
            yield match.start(), match.end(), "name"
    for match in re.finditer(r"(?<!\w)\d+\s?-?[^\W\d_](?!\w)", text):
        if "".join(folding.words(folding.split_numbers(match[0]))) in who.houses:
            yield match.start(), match.end(), "address"


def _is_of(part: str, known: frozenset[str]) -> bool:
    """Whether the word is a form of one of the known ones: by the libraries, or by its stem."""
    return part in _all_forms(known) or any(
        part.startswith(stem) and len(part) - len(stem) <= TAIL_MAX for stem in _stems(known)
    )


@lru_cache(maxsize=500)
def _all_forms(known: frozenset[str]) -> frozenset[str]:
    return frozenset(folded for word in known for form in name_forms.forms(word) for folded in folding.words(form))


@lru_cache(maxsize=500)
def _stems(known: frozenset[str]) -> tuple[str, ...]:
    folded = {part for word in known for part in folding.words(word)}
    return tuple(stem for word in folded if len(stem := word.rstrip(VOWELS)) >= STEM_MIN)


def _is_name(word: str, language: str) -> bool:
    """Whether a word with a capital is a name and nothing else by the dictionary, or has a patronymic's ending."""
    if not word[0].isupper() or len(word) < 3:
        return False
    if any(pattern.search(word) for pattern in names.PATRONYMIC.values()):
        return True
    likely = [parse for parse in tokens.parses(word, language) if parse.score >= 0.1]
    return bool(likely) and all(parse.is_known and _tagged(parse) for parse in likely)


def _beside(text: str, hits: Iterable[Hit], language: str) -> Iterator[Found]:
    """Words with a capital that may be a name and stand beside one: «Сергей Кузнецов»."""
    ends = {one.end for one in hits if one.kind == "name"}
    starts = {one.start for one in hits if one.kind == "name"}
    for match in WORD.finditer(text):
        near = match.start() - 1 in ends or match.end() + 1 in starts
        if near and match[0][0].isupper() and any(map(_tagged, tokens.parses(match[0], language))):
            yield match.start(), match.end(), "name"


def _tagged(parse: object) -> bool:
    return bool({"Name", "Surn", "Patr"} & set(parse.tag.grammemes))  # type: ignore[attr-defined] # a library's object


def _parts(text: str) -> list[str]:
    """The folded parts of a word or a name, without invisible signs, Latin letters among ours read as ours."""
    plain = text.translate(dict.fromkeys(map(ord, INVISIBLE)))
    cyrillic = re.search(r"[а-яёіїєґ]", plain, re.IGNORECASE)
    return folding.words(plain.translate(LATIN) if cyrillic else plain)


def _street_words(place: str) -> Iterator[str]:
    """The words of an address as they are written, without numbers and words for a street; each can be declined."""
    ignored = {folded for word in folding.STREET_WORDS for folded in folding.words(word)}
    for word in _words_of(folding.split_numbers(place)):
        if len(word) > 2 and not ignored & set(folding.words(word)):
            yield word


def _words_of(text: str) -> Iterator[str]:
    """The words of a name as they are written, parts of a double one apart, so that each can be declined."""
    for match in WORD.finditer(text):
        yield from (part.capitalize() for part in match[0].split("-") if part)


def _joined(text: str, found: Iterable[Found]) -> list[Hit]:
    """Overlapping hits as one, and names or parts of an address that follow one another as one."""
    made: list[Hit] = []
    for start, end, kind in sorted(found, key=lambda one: (one[0], -one[1])):
        last = made[-1] if made else None
        near = last is not None and (
            start <= last.end or (kind == last.kind in ("name", "address") and JOINT.fullmatch(text, last.end, start))
        )
        if last is not None and near:
            made[-1] = Hit(last.start, max(last.end, end), last.kind)
        else:
            made.append(Hit(start, end, kind))
    return made
