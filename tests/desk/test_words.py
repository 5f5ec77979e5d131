"""The words of the interface: none missing, none unused, all in three languages."""

import re
from collections.abc import Iterable
from pathlib import Path

import polib
import pytest

from kindline.desk import menu_words, words

ROOT = Path(__file__).resolve().parents[2]
EDITOR = ROOT / "frontend" / "src" / "pages" / "menu"
"""The menu's editor has words of its own."""
SOURCES = [path for path in sorted((ROOT / "frontend" / "src").rglob("*.ts")) if EDITOR not in path.parents]
LOCALE = ROOT / "kindline" / "locale"


def _used(sources: Iterable[Path] = SOURCES) -> tuple[set[str], set[str]]:
    """The keys that the frontend names whole, and the beginnings of those that it puts together."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    whole = set(re.findall(r'\bt\(\s*"([a-z_0-9]+)"', text))
    whole |= {key for pair in re.findall(r'\bt\([^()]*\? "([a-z_]+)" : "([a-z_]+)"', text) for key in pair}
    return whole, set(re.findall(r"\bt\(`([a-z_]+)\$", text))


def test_every_word_of_the_frontend_is_there() -> None:
    whole, beginnings = _used()
    assert whole <= set(words.ALL), sorted(whole - set(words.ALL))
    for beginning in beginnings:
        assert any(key.startswith(beginning) for key in words.ALL), beginning


def test_the_menu_s_editor_has_its_words_and_no_others() -> None:
    whole, beginnings = _used(EDITOR.glob("*.ts"))
    assert whole <= set(menu_words.EDITOR), sorted(whole - set(menu_words.EDITOR))
    named = {key for key in menu_words.EDITOR if key in whole or key.startswith(tuple(beginnings) or "-")}
    assert set(menu_words.EDITOR) == named, sorted(set(menu_words.EDITOR) - named)


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
    said = re.compile(r"""{% translate (?:"([^"]+)"|'([^']+)')""")
    named = {one or other for path in templates for one, other in said.findall(path.read_text())}
    marked = {
        text
        for path in (ROOT / "kindline" / "desk").rglob("*.py")
        for text in re.findall(r'\b_\("((?:[^"\\]|\\.)+)"\)', path.read_text())
    }
    assert named | marked <= catalogue, sorted((named | marked) - catalogue)
