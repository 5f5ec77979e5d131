"""What a clause sets is said in words on its page, in each language, whatever the profile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import translation

from kindline.desk import measuring
from kindline.desk.clause_codes import CODES
from kindline.desk.clause_names import NAMES
from kindline.standard import loader

PROFILES = ("krc", "court", "yumek", "voe")
PLAIN = re.compile(r"[\d.:\-]+|Win\+L|генеральный директор")
"""Figures, days, hours and numbers, keys and titles need no words."""


def values() -> Iterator[tuple[str, object]]:
    """Name and value of everything that a clause sets."""
    for profile in PROFILES:
        for clause in loader.load(profile).clauses.values():
            for name, value in clause.value.items():
                for one in value if isinstance(value, list | tuple) else (value,):
                    yield name, one


def test_every_name_and_code_has_its_words() -> None:
    nameless = {name for name, _ in values() if measuring._split(name)[0] not in NAMES}
    wordless = {
        (name, one)
        for name, one in values()
        if isinstance(one, str) and name != "act" and one not in CODES
        if not PLAIN.fullmatch(one) and not measuring.TERM.fullmatch(one)
    }
    assert (nameless, wordless) == (set(), set())


def test_nothing_is_worded_that_no_clause_sets() -> None:
    assert not NAMES.keys() - {measuring._split(name)[0] for name, _ in values()}
    assert not CODES.keys() - {one for _, one in values()}


@pytest.mark.parametrize(
    ("language", "name", "value", "said"),
    [
        ("ru", "hold_max_s", 180, ("удержание", "не больше 180 с")),
        ("uk", "termination_ground", "obscene_language", ("підстава припинення", "нецензурна лайка")),
        ("ru", "deadline", "30 calendar_days", ("срок", "30 календ. дн.")),
        ("en", "call_days", ["mon", "sat"], ("days on which calls are taken", "Monday, Saturday")),
        ("ru", "hold_consent", True, ("согласие на удержание", "да")),
    ],
)
def test_a_value_is_said_with_its_bound_and_unit(language: str, name: str, value: Any, said: tuple[str, str]) -> None:
    with translation.override(language):
        assert (measuring.parameter_name(name), measuring.parameter_value(name, value)) == said


def test_the_page_of_a_clause_says_them(as_operator: Browser, house: Any) -> None:
    house()
    page = as_operator.get("/desk/standard/krc-5.6.6-07/", headers={"accept-language": "ru"}).content.decode()
    assert "ветвей меню" in page
    assert "ivr branches" not in page
