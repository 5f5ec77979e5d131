"""What the check of a menu found is told in the employee's language."""

from __future__ import annotations

import pytest
from django.utils import translation

from kindline.desk import faulting


@pytest.mark.parametrize(
    ("language", "words"),
    [("ru", "сообщение длится 10,4 с, цель 5 с"), ("en", "the message lasts 10.4 s, the aim is 5 s")],
)
def test_a_length_has_the_decimal_mark_of_the_language(language: str, words: str) -> None:
    with translation.override(language):
        assert faulting._message("the message lasts 10.4 s, the aim is 5 s") == words
