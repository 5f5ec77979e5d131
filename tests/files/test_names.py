"""Names of files (F2): long, decomposed, turned round, with folders in them."""

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindline.files import names

pytestmark = pytest.mark.fault("F2")

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


def test_whatever_is_put_together_of_hostile_parts_does_no_harm(chance: random.Random) -> None:
    """Folders, turned letters, decomposed ones and 255 bytes, in the order that the seed gives."""
    parts = ("../", "..\\", "\u202e", "\u2066", "й", "\0", "\r\n", "C:", "ї" * 130, ".html", ".pdf", '"', "<", " ", ".")
    for _ in range(300):
        shown = names.shown("".join(chance.choices(parts, k=chance.randrange(1, 12))))
        assert shown
        assert not set('/\\\0\r\n\u202e\u2066"<>') & set(shown)
        assert len(shown.encode()) <= 255
