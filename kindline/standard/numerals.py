"""Numbers and amounts in words, as they are read aloud in Russian and Ukrainian: no digits, the noun in its form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

Forms = tuple[str, str, str]
"""A noun after one, after two to four, after five and more: рубль, рубля, рублей."""
ONES = {
    "ru": "ноль один два три четыре пять шесть семь восемь девять".split(),
    "uk": "нуль один два три чотири п’ять шість сім вісім дев’ять".split(),
}
FEMALE = {"ru": {1: "одна", 2: "две"}, "uk": {1: "одна", 2: "дві"}}
TEENS = {
    "ru": (
        "десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать "
        "девятнадцать"
    ).split(),
    "uk": (
        "десять одинадцять дванадцять тринадцять чотирнадцять п’ятнадцять шістнадцять сімнадцять вісімнадцять "
        "дев’ятнадцять"
    ).split(),
}
TENS = {
    "ru": "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто".split(),
    "uk": "двадцять тридцять сорок п’ятдесят шістдесят сімдесят вісімдесят дев’яносто".split(),
}
HUNDREDS = {
    "ru": "сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот".split(),
    "uk": "сто двісті триста чотириста п’ятсот шістсот сімсот вісімсот дев’ятсот".split(),
}
GROUPS: dict[str, tuple[tuple[Forms, bool], ...]] = {
    "ru": (
        (("тысяча", "тысячи", "тысяч"), True),
        (("миллион", "миллиона", "миллионов"), False),
        (("миллиард", "миллиарда", "миллиардов"), False),
    ),
    "uk": (
        (("тисяча", "тисячі", "тисяч"), True),
        (("мільйон", "мільйони", "мільйонів"), False),
        (("мільярд", "мільярди", "мільярдів"), False),
    ),
}
"""Thousands, millions, milliards, and whether the word is female."""
SPOKEN_MAX = 10**12 - 1


@dataclass(frozen=True, slots=True)
class Currency:
    """How a currency is read: its whole and its hundredth, and whether the whole is female."""

    whole: Forms
    hundredth: Forms
    female: bool = False


CURRENCIES = {
    ("₽", "ru"): Currency(("рубль", "рубля", "рублей"), ("копейка", "копейки", "копеек")),
    ("₽", "uk"): Currency(("рубль", "рублі", "рублів"), ("копійка", "копійки", "копійок")),
    ("₴", "ru"): Currency(("гривна", "гривны", "гривен"), ("копейка", "копейки", "копеек"), female=True),
    ("₴", "uk"): Currency(("гривня", "гривні", "гривень"), ("копійка", "копійки", "копійок"), female=True),
}


def words(number: int, language: str, *, female: bool = False) -> str:
    """A number below a billion of the long scale: двадцать одна, сто пять. Raises: ValueError."""
    if not 0 <= number <= SPOKEN_MAX:
        raise ValueError(f"{number} is not read in words")
    if number == 0:
        return ONES[language][0]
    said: list[str] = []
    for place in (3, 2, 1):
        group = number // 1000**place % 1000
        if group:
            forms, is_female = GROUPS[language][place - 1]
            said += [*_group(group, language, is_female), form(group, forms)]
    return " ".join([*said, *_group(number % 1000, language, female)])


def form(number: int, forms: Forms) -> str:
    """The noun after a number."""
    if number % 100 // 10 == 1:
        return forms[2]
    return forms[0] if number % 10 == 1 else forms[1] if 2 <= number % 10 <= 4 else forms[2]


def counted(number: int, forms: Forms, language: str, *, female: bool = False) -> str:
    """A number with its noun: двадцать одна копейка."""
    return f"{words(number, language, female=female)} {form(number, forms)}"


def amount(value: Decimal, sign: str, language: str) -> str:
    """An amount without its sign plus or minus, in the currency of a sign that is known: сто рублей пять копеек."""
    cents = int((abs(value) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    whole, rest = divmod(cents, 100)
    known = CURRENCIES.get((sign, language)) or CURRENCIES["₽" if language == "ru" else "₴", language]
    said = counted(whole, known.whole, language, female=known.female)
    return f"{said} {counted(rest, known.hundredth, language, female=True)}" if rest else said


def figures(text: str, language: str) -> str:
    """Figures read one by one: четыре ноль семь; other signs are left out."""
    return " ".join(ONES[language][int(one)] for one in text if one.isascii() and one.isdecimal())


def spelled(text: str, language: str) -> str:
    """A text with its whole numbers in words, for a voice that reads letters only."""
    return re.sub(r"[0-9]{1,12}", lambda found: f" {words(int(found[0]), language)} ", text).replace("  ", " ").strip()


def _group(number: int, language: str, female: bool) -> list[str]:
    hundreds, rest = divmod(number, 100)
    said = [HUNDREDS[language][hundreds - 1]] if hundreds else []
    if 10 <= rest < 20:
        return [*said, TEENS[language][rest - 10]]
    tens, units = divmod(rest, 10)
    said += [TENS[language][tens - 2]] if tens else []
    named = FEMALE[language].get(units) if female else None
    return [*said, named or ONES[language][units]] if units else said
