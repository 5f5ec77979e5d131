"""One person, however the name, the number or the address is typed."""

import pytest

from kindline.clients import folding, phones


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ёлкин", "ЕЛКИН"),
        ("Лук’яненко", "лукяненко"),
        ("Лук'яненко", "Лукʼяненко"),
        ("Григорович-Барський", "григорович барський"),
        ("Мар\u0301ия", "мария"),
        ("Сергій", "сергий"),
        ("Ґалаґан", "галаган"),
        ("Игорь", "игор"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert folding.words(one) == folding.words(other)


def test_different_names_stay_different() -> None:
    assert folding.words("Иванова") != folding.words("Иванов")


@pytest.mark.parametrize(
    "typed", ["ул. Лесная, д. 12-А, кв. 4", "лесная 12а 4", "Улица ЛЕСНАЯ дом 12 А квартира 4", "лесная,12 а,4"]
)
def test_spellings_of_one_address(typed: str) -> None:
    assert folding.address_words(typed) == ["лесная", "12", "а", "4"]


@pytest.mark.parametrize(
    ("typed", "country", "number"),
    [
        ("8 (927) 111-22-33", "RU", "+79271112233"),
        ("+7 927 111 22 33", "RU", "+79271112233"),
        ("9271112233", "RU", "+79271112233"),
        ("+380 44 111 22 33", "RU", "+380441112233"),
        ("067 111 22 33", "UA", "+380671112233"),
        ("380671112233", "UA", "+380671112233"),
        ("101", "UA", "101"),
        ("anonymous", "UA", ""),
        ("", "UA", ""),
        ("'; DROP TABLE", "RU", ""),
        ("+", "RU", ""),
        ("9" * 40, "RU", ""),
    ],
)
def test_a_number_has_one_form(typed: str, country: str, number: str) -> None:
    assert phones.normalised(typed, country) == number


def test_a_number_is_shown_in_groups() -> None:
    assert phones.spoken("+79271112233", "RU") == "8 (927) 111-22-33"
    assert phones.spoken("+380671112233", "RU") == "+380 67 111 2233"
    assert phones.spoken("101", "RU") == "101"
