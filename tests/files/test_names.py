"""Names of files (F2): long, decomposed, turned round, with folders in them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindline.files import names

NFD = unicodedata.normalize("NFD", "Йорж їжак.pdf")


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("акт.pdf", "акт.pdf"),
        (NFD, "Йорж їжак.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("\u202egnp.exe", "gnp.exe"),
        ("счёт\u200b\u2066.pdf", "счёт.pdf"),
        ("a\0b\r\nc.txt", "ab c.txt"),
        ('a<b>:"c"|?*;.txt', "a_b___c_____.txt"),
        ("...", "file"),
        ("", "file"),
        ("🙂.png", "🙂.png"),
    ],
)
def test_are_shown_safely(given_name: str, shown: str) -> None:
    assert names.shown(given_name) == shown


def test_long_ones_keep_their_ending() -> None:
    whole = "ї" * 125 + ".pdf"
    assert len(whole.encode()) == 254
    assert names.shown(whole) == whole
    cut = names.shown("ї" * 500 + ".pdf")
    assert cut.endswith(".pdf")
    assert len(cut.encode()) <= 255


@given(st.text(max_size=400))
def test_nothing_in_a_name_does_harm(name: str) -> None:
    shown = names.shown(name)
    assert shown
    assert not set('/\\\0\r\n\u202e\u2066"<>') & set(shown)
    assert len(shown.encode()) <= 255
    assert names.shown(shown) == shown
