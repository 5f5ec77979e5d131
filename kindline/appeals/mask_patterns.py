"""What looks like a person's data in any text: addresses of e-mail, long numbers, streets with houses, initials."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from kindline.clients import folding, phones

Kind = Literal["name", "phone", "email", "address", "account", "number"]
Found = tuple[int, int, Kind]
EMAIL = re.compile(r"[\w.+-]++(?P<host>@[\w-]++(?:\.[\w-]++)++)?+", re.UNICODE)
"""A run of an address's letters, with `host` where it is one: what is none is passed over whole, not tried again."""
DATE = re.compile(r"(?<!\d)(?:[0-3]?\d[./-][01]?\d[./-](?:19|20)?\d\d|(?:19|20)\d\d-[01]\d-[0-3]\d)(?!\d)")
BIRTH = re.compile(
    r"(?:(?<!\w)(?:рожд\w*|родил\w*|народж\w*|народил\w*)\W{1,12}(?P<after>" + DATE.pattern + r")"
    r"|(?P<before>" + DATE.pattern + r")\s*(?:г\.\s?р\.|р\.\s?н\.|года?\s+рожд\w*|року\s+народж\w*))",
    re.IGNORECASE,
)
"""A day of birth, as the words around it tell."""
NUMBER = re.compile(r"(?<![\d№])[+(]?\d(?:[\s().–/-]{0,3}\d){4,}(?!\d)")
MONEY = re.compile(r"\s*(?:,\d\d\b|(?:руб|коп|грн|гривен|гривн|₽|₴))", re.IGNORECASE)
ACCOUNT_WORD = re.compile(
    r"(?:л\s*/\s*с|о\s*/\s*р|(?:лицев\w+|особов\w+)\s+(?:сч[её]т\w*|рахун\w+)|рахун\w+|абонент\w*)\W{0,4}(?:№|N)?\s*$",
    re.IGNORECASE,
)
NAMED = r"[А-ЯЁІЇЄҐ0-9][\w’'ʼ-]*(?:\s+[А-ЯЁІЇЄҐ][\w’'ʼ-]*)?"
STREET = re.compile(
    r"(?<!\w)(?:ул|улиц\w*|вул|вулиц\w*|пр|пр-т|пр-кт|просп|проспект\w*|пер|переул\w*|пров|провул\w*|пл|площад\w*|площ|"
    r"бул|б-р|бульвар\w*|шоссе|шосе|наб|набережн\w*|мкр|микрорайон\w*|мікрорайон\w*)(?:\.\s*|\s+)" + NAMED,
)
HOUSE = re.compile(
    r"(?<!\w)(?:д|дом\w{0,2}|буд|будин\w+|кв|квартир\w*|корп|корпус\w*)\.?\s*(?:№\s*)?\d+(?:\s?[а-яіїєґё](?!\w))?(?:\s?[-/]\s?\d+)?",
    re.IGNORECASE,
)
AFTER_STREET = re.compile(r"[\s,]{1,3}\d+(?:\s?-?[а-яіїєґё](?!\w))?(?:\s?[-/,]\s?\d+)*(?!\w)", re.IGNORECASE)
INITIALS = re.compile(r"(?<!\w)[А-ЯЁІЇЄҐ]\.\s?[А-ЯЁІЇЄҐ]\.")
DIGITS_MIN, OWN_DIGITS_MIN = 7, 5
BEFORE_MAX = 200
"""Signs before a number in which words for an account are sought."""


def everybody_s(text: str) -> Iterator[Found]:
    """What is a person's data whoever he is."""
    yield from ((match.start(), match.end(), "email") for match in emails(text))
    yield from ((match.start(), match.end(), "name") for match in INITIALS.finditer(text))
    for match in BIRTH.finditer(text):
        yield *match.span("after" if match["after"] else "before"), "number"
    for pattern in (STREET, HOUSE):
        for match in pattern.finditer(text):
            yield match.start(), after_street(text, match.end()), "address"


def emails(text: str) -> Iterator[re.Match[str]]:
    """Addresses of e-mail, the text being read once however long it is."""
    return (match for match in EMAIL.finditer(text) if match["host"])


def numbers(text: str, country: str, own: Iterable[str] = (), accounts: Iterable[str] = ()) -> Iterator[Found]:
    """Long numbers, not being days or money; of the person's own and his accounts even a short or joined run."""
    hidden = DATE.sub(lambda match: "x" * len(match[0]), text)
    for match in NUMBER.finditer(hidden):
        digits = folding.digits(match[0])
        if any(_same(digits, one) for one in accounts):
            yield match.start(), match.end(), "account"
        elif any(_same(digits, one) for one in own) or _is_long(digits, text, match.end()):
            yield match.start(), match.end(), _kind(text, match, country)


def after_street(text: str, end: int) -> int:
    """Where the house and the flat that follow a street end."""
    match = AFTER_STREET.match(text, end)
    return match.end() if match else end


def own_numbers(text: str, phones_: Iterable[str], accounts: Iterable[str]) -> Iterator[Found]:
    """Only the person's own numbers, within any run of digits."""
    for match in NUMBER.finditer(text):
        digits = folding.digits(match[0])
        if any(one in digits or (len(digits) >= DIGITS_MIN and one.endswith(digits)) for one in accounts):
            yield match.start(), match.end(), "account"
        elif any(one in digits or (len(digits) >= DIGITS_MIN and one.endswith(digits)) for one in phones_):
            yield match.start(), match.end(), "phone"


def _is_long(digits: str, text: str, end: int) -> bool:
    """Whether a run of digits is too long for anything but a number of somebody's, and is no sum of money."""
    return len(digits) >= DIGITS_MIN and not MONEY.match(text, end)


def _same(digits: str, own: str) -> bool:
    """Whether the digits hold a number of the person's, or are its last ones (a call from within the town)."""
    return own in digits or (len(digits) >= OWN_DIGITS_MIN and own.endswith(digits))


def _kind(text: str, match: re.Match[str], country: str) -> Kind:
    if ACCOUNT_WORD.search(text, max(match.start() - BEFORE_MAX, 0), match.start()):
        return "account"
    return "phone" if phones.normalised(match[0], country).startswith("+") else "number"
