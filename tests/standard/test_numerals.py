"""Numbers and amounts as they are read aloud."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindline.standard import numerals


@pytest.mark.parametrize(
    ("number", "ru", "uk"),
    [
        (0, "ноль", "нуль"),
        (11, "одиннадцать", "одинадцять"),
        (21, "двадцать один", "двадцять один"),
        (105, "сто пять", "сто п’ять"),
        (1_000, "одна тысяча", "одна тисяча"),
        (2_012, "две тысячи двенадцать", "дві тисячі дванадцять"),
        (5_678, "пять тысяч шестьсот семьдесят восемь", "п’ять тисяч шістсот сімдесят вісім"),
        (340_000, "триста сорок тысяч", "триста сорок тисяч"),
        (22_000_001, "двадцать два миллиона один", "двадцять два мільйони один"),
    ],
)
def test_a_number_is_read_in_both_languages(number: int, ru: str, uk: str) -> None:
    assert numerals.words(number, "ru") == ru
    assert numerals.words(number, "uk") == uk


@pytest.mark.parametrize(
    ("value", "sign", "language", "said"),
    [
        ("-1521.42", "₽", "ru", "одна тысяча пятьсот двадцать один рубль сорок две копейки"),
        ("2.00", "₽", "ru", "два рубля"),
        ("-0.01", "₽", "ru", "ноль рублей одна копейка"),
        ("11.11", "₽", "ru", "одиннадцать рублей одиннадцать копеек"),
        ("341.02", "₴", "uk", "триста сорок одна гривня дві копійки"),
        ("-2", "₴", "uk", "дві гривні"),
        ("1005.5", "₴", "uk", "одна тисяча п’ять гривень п’ятдесят копійок"),
    ],
)
def test_an_amount_agrees_with_its_currency(value: str, sign: str, language: str, said: str) -> None:
    assert numerals.amount(Decimal(value), sign, language) == said


@given(st.integers(0, numerals.SPOKEN_MAX), st.sampled_from(["ru", "uk"]), st.booleans())
def test_every_number_has_words_and_no_two_numbers_the_same(number: int, language: str, female: bool) -> None:
    said = numerals.words(number, language, female=female)
    assert said
    assert not any(one.isdigit() for one in said)
    if number < numerals.SPOKEN_MAX:
        assert said != numerals.words(number + 1, language, female=female)


def test_what_is_too_large_is_not_read() -> None:
    with pytest.raises(ValueError, match="not read"):
        numerals.words(10**12, "ru")


def test_figures_are_read_one_by_one_and_numbers_in_a_text_as_numbers() -> None:
    assert numerals.figures("Х-407", "ru") == "четыре ноль семь"
    assert numerals.spelled("Нет воды, Лесная 12 и 14", "ru") == "Нет воды, Лесная двенадцать и четырнадцать"
    assert numerals.spelled("нет", "uk") == "нет"
