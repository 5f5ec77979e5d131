"""Gaps of a letter: found whole or broken, with their lines; a mark is always found again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindline.standard import gaps
from kindline.standard.gaps import Gap


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Всё написано [имя] и {text}.", []),
        ("Придём [[день и время]].", [Gap("день и время", 1)]),
        ("раз\n[[ два ]] и [[три]]", [Gap("два", 2), Gap("три", 2)]),
        ("половина [[день\nи конец", [Gap("", 1)]),
        ("половина\nдень]] и конец", [Gap("", 2)]),
        ("пусто [[]] [[ ]]", [Gap("", 1), Gap("", 1)]),
    ],
)
def test_are_found_with_their_lines(text: str, found: list[Gap]) -> None:
    assert gaps.find(text) == found


@given(st.text(min_size=1).filter(lambda words: words.strip()), st.integers(0, 5))
def test_a_mark_is_one_gap_whatever_stands_in_it(words: str, lines: int) -> None:
    assert [one.line for one in gaps.find("\n" * lines + gaps.mark(words))] == [lines + 1]
