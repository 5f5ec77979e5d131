"""Long passwords that are guessed all the same are refused, in any alphabet; ordinary good ones are taken (X1)."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    password_validators_help_texts,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.utils import translation

from kindline.staff import passwords
from kindline.staff.models import Employee, Unit

pytestmark = pytest.mark.db
GUESSED = [
    "qwerty123456", "1q2w3e4r5t6y", "passwordpassword", "Password2024!", "P@ssw0rd1234", "zaq12wsxcde3",
    "qazwsxedcrfvtgb", "111111222222", "abcabcabcabcabc", "iloveyou12345",
    "gfhjkmgfhjkm", "Ghbdtn123456", "йцукенйцукен", "пароль123456", "Солнышко2023", "parolparol12", "Peremoga2022!",
    "наташа19850312", "yfnfif19850312", "славаукраїні", "slavaukraini2022", "олександр1990", "oleksandr1990",
    "любовьлюбовь", "lyubov123456",
]  # fmt: skip
GOOD = [
    "correct horse battery", "тихий вітер над річкою", "a long enough word", "дощ гойдалка олівець", "Kx7#pLm2vQ9z",
    "щеня зшиває сімсот хмар",
]  # fmt: skip


@pytest.mark.parametrize("password", GUESSED)
def test_a_long_password_that_is_tried_first_is_refused(password: str) -> None:
    assert len(password) >= 12
    with pytest.raises(ValidationError) as refused:
        validate_password(password)
    assert "password_guessable" in {one.code for one in refused.value.error_list}


@pytest.mark.parametrize("password", GOOD)
def test_a_good_one_is_taken(password: str) -> None:
    validate_password(password)


def test_the_list_of_django_alone_would_let_most_of_them_in() -> None:
    """Else this validator would be needless, and the tests above could not fail without it."""

    def refuses(password: str) -> bool:
        try:
            CommonPasswordValidator().validate(password)
        except ValidationError:
            return True
        return False

    assert sum(refuses(one) for one in GUESSED) < len(GUESSED) / 3


@pytest.mark.parametrize(
    "password", ["Гречаниченко1999", "hrechanychenko99", "teplokomunservis1", "Теплокомунсервіс1", "kindlinekindline"]
)
def test_what_is_known_of_the_owner_and_the_house_does_not_protect(password: str) -> None:
    Unit.objects.create(code="main", name="ТОВ «Теплокомунсервіс»")
    who = Employee(username="h7", surname="Гречаниченко", given_name="Іванна")
    with pytest.raises(ValidationError) as refused:
        validate_password(password, who)
    assert "password_guessable" in {one.code for one in refused.value.error_list}


def test_without_those_words_the_same_would_do() -> None:
    assert passwords.tries("grechanichenko99") >= passwords.TRIES_MIN
    assert passwords.tries("grechanichenko99", ["гречаниченко"]) < passwords.TRIES_MIN


def test_no_more_than_the_beginning_is_looked_at() -> None:
    hard = "4@8({[<369&#!i1|0$5+7%2"
    assert passwords.tries(hard * 200) == passwords.tries((hard * 2)[: passwords.SEEN])


def test_the_list_is_small_and_has_no_word_twice() -> None:
    assert passwords.LIST.stat().st_size < 20_000
    lines = [line for line in passwords.LIST.read_text().splitlines() if not line.startswith("#")]
    words = " ".join(lines).split()
    assert len(words) == len(set(words))


def test_it_is_said_what_to_take() -> None:
    with translation.override("en"):
        assert any("several words" in one for one in password_validators_help_texts())
