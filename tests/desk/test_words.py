"""The words of the interface: none missing, none unused, all in three languages."""

import re
from pathlib import Path

import polib
import pytest

from kindline.desk import words

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "frontend" / "src").rglob("*.ts"))
LOCALE = ROOT / "kindline" / "locale"


def _used() -> tuple[set[str], set[str]]:
    """The keys that the frontend names whole, and the beginnings of those that it puts together."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    whole = set(re.findall(r'\bt\(\s*"([a-z_0-9]+)"', text))
    whole |= {key for pair in re.findall(r'\bt\([^()]*\? "([a-z_]+)" : "([a-z_]+)"', text) for key in pair}
    return whole, set(re.findall(r"\bt\(`([a-z_]+)\$", text))


def test_every_word_of_the_frontend_is_there() -> None:
    whole, beginnings = _used()
    assert whole <= set(words.ALL), sorted(whole - set(words.ALL))
    for beginning in beginnings:
        assert any(key.startswith(beginning) for key in words.ALL), beginning


def test_no_word_is_left_over() -> None:
    whole, beginnings = _used()
    left = {key for key in words.ALL if key not in whole and not key.startswith(tuple(beginnings))}
    assert left == set()


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_every_text_is_translated_and_keeps_its_places(language: str) -> None:
    catalogue = polib.pofile(str(LOCALE / language / "LC_MESSAGES" / "django.po"))
    assert len(catalogue) > 500
    assert not catalogue.untranslated_entries()
    assert not catalogue.fuzzy_entries()
    place = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
    for entry in catalogue:
        for said in [entry.msgstr] if entry.msgstr else entry.msgstr_plural.values():
            assert sorted(place.findall(said)) == sorted(place.findall(entry.msgid)), entry.msgid


@pytest.mark.parametrize("language", ["uk", "ru"])
def test_nothing_of_the_desk_is_said_in_english_only(language: str) -> None:
    catalogue = {entry.msgid for entry in polib.pofile(str(LOCALE / language / "LC_MESSAGES" / "django.po"))}
    templates = (ROOT / "kindline" / "desk" / "templates").rglob("*.html")
    named = {text for path in templates for text in re.findall(r"{% translate [\"']([^\"']+)[\"']", path.read_text())}
    marked = {
        text
        for path in (ROOT / "kindline" / "desk").rglob("*.py")
        for text in re.findall(r'\b_\("((?:[^"\\]|\\.)+)"\)', path.read_text())
    }
    assert named | marked <= catalogue, sorted((named | marked) - catalogue)
