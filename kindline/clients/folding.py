"""Words folded so that one person is found however the name is typed: case, ё/е, apostrophes, ru and uk letters."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

LETTERS = str.maketrans({"ё": "е", "є": "е", "э": "е", "і": "и", "ї": "и", "ы": "и", "й": "и", "ґ": "г", "ъ": "ь"})
INSIDE_A_WORD = re.compile(r"['’ʼ`′ʹ\u0301ь]")  # apostrophes, stress mark; the soft sign is often left out
SEPARATORS = re.compile(r"[^\w]+|_")
DIGITS_MIN = 4
LOOKED_UP_ONCE = 40
"""So many letters are a word or a name, which comes again; a longer text does not."""
STREET_WORDS = frozenset(
    """ул улица вул вулиця пр просп проспект пер переулок пров провулок пл площадь площа б бул бульвар наб шоссе шосе ш
    д дом буд будинок кв квартира корп корпус стр строение г гор город м мисто с село смт пос поселок селище
    обл область р-н район""".split()
)


def words(text: str) -> list[str]:
    """The folded words of a text, in order: «Лук’яненко-Ёлкіна» -> [лукяненко, елкина]."""
    return list(_words(text)) if len(text) <= LOOKED_UP_ONCE else _folded(text)


@lru_cache(maxsize=50_000)
def _words(text: str) -> tuple[str, ...]:
    return tuple(_folded(text))


def _folded(text: str) -> list[str]:
    plain = unicodedata.normalize("NFC", text).casefold()
    folded = INSIDE_A_WORD.sub("", plain).translate(LETTERS)
    return [word for word in SEPARATORS.split(folded) if word]


def address_words(text: str) -> list[str]:
    """The words of an address that tell it from others: «ул. Лесная, д. 12-А, кв. 4» -> [лесная, 12, а, 4]."""
    ignored = street_words()
    return [word for word in words(split_numbers(text)) if word not in ignored]


@cache
def street_words() -> frozenset[str]:
    """The words of every address, folded: street, house, flat and their short forms."""
    return frozenset(folded for word in STREET_WORDS for folded in words(word))


def split_numbers(text: str) -> str:
    """Digits and letters apart: «12а» and «12 а» are one house."""
    return re.sub(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)", " ", text)


def digits(text: str) -> str:
    """Only the digits of a text."""
    return re.sub(r"\D", "", text)


def house_figures(house: str) -> set[str]:
    """A house as it may be typed in figures alone: «12/3» as 123 or as 12."""
    runs = re.findall(r"\d+", house)
    return {"".join(runs), *runs[:1]} - {""}


def tail(number: str) -> str:
    """The digits of a number from the end, marked, so that its last digits find it: 79271 -> #17297."""
    return "#" + digits(number)[::-1]
