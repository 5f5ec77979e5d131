"""The interface is complete in Ukrainian, Russian and English."""

import ast
import re
from collections.abc import Iterator
from functools import cache

import polib
import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation.template import templatize

from tests.architecture import code

LANGUAGES = ("uk", "ru")
"""English is the language of the source; its catalogue, where there is one, is checked as well."""
CALLS = {
    "_",
    "gettext",
    "gettext_lazy",
    "gettext_noop",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
    "npgettext",
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def _calls(tree: ast.AST) -> Iterator[str]:
    """The texts that are handed to a function of translation."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in CALLS:
            continue
        place = 1 if "pgettext" in name else 0
        if (
            len(node.args) > place
            and isinstance(text := node.args[place], ast.Constant)
            and isinstance(text.value, str)
        ):
            yield text.value


def _template_texts(text: str, name: str) -> Iterator[str]:
    """The texts of a template, found as Django's own extraction finds them."""
    for found in re.finditer(r"\b(?:n?p?gettext)\(((?:[^()]|\([^()]*\))*)\)", templatize(text, origin=name)):
        try:
            arguments = ast.parse(f"f({found[1]})", mode="eval").body
        except SyntaxError:
            continue
        texts = [
            node.value for node in ast.walk(arguments) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        yield from texts[:1]


@cache
def texts() -> frozenset[str]:
    """Every text of the interface."""
    found = {text for tree in code.modules().values() for text in _calls(tree)}
    for path in code.files(".html", ".txt", within=("kindline",)):
        if "templates" in path.parts:
            found |= set(_template_texts(path.read_text(encoding="utf-8"), str(path)))
    return frozenset(text for text in found if text.strip())


def catalogues(language: str) -> list[polib.POFile]:
    """All catalogues of a language."""
    pattern = f"**/locale/{language}/LC_MESSAGES/*.po"
    return [polib.pofile(str(path)) for path in sorted(code.PACKAGE.glob(pattern))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    known = {entry.msgid for catalogue in catalogues(language) for entry in catalogue if entry.translated()}
    assert sorted(texts() - known) == []


@pytest.mark.parametrize("language", [*LANGUAGES, "en"])
def test_no_translation_is_doubtful_empty_or_left_over(language: str) -> None:
    entries = [entry for catalogue in catalogues(language) for entry in catalogue]
    assert [entry.msgid for entry in entries if entry.fuzzy or (not entry.translated() and not entry.obsolete)] == []
    assert [entry.msgid for entry in entries if entry.obsolete] == []


@pytest.mark.parametrize("language", [*LANGUAGES, "en"])
def test_translations_keep_the_placeholders(language: str) -> None:
    wrong = []
    for catalogue in catalogues(language):
        for entry in catalogue:
            said = [entry.msgstr] if entry.msgstr else list(entry.msgstr_plural.values())
            wanted = set(PLACEHOLDER.findall(entry.msgid)) | set(PLACEHOLDER.findall(entry.msgid_plural))
            wrong += [text for text in said if not set(PLACEHOLDER.findall(text)) <= wanted]
    assert wrong == []


@pytest.mark.parametrize("language", ["ru", "uk"])
def test_each_test_begins_in_the_usual_language(language: str) -> None:
    """What one of them activates, by itself or by a request, is not the language of the next."""
    assert translation.get_language() == settings.LANGUAGE_CODE != language
    translation.activate(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reader_is_addressed_in_one_way(language: str) -> None:
    """The interface writes to many, with a small letter; letters to one person and the texts of a standard do not."""
    capital = re.compile(r"[^\W\d_][,;]? (?:Вы|Ви|Вас|Вам|Вами|Ваш\w*)\b")
    entries = [entry for catalogue in catalogues(language) for entry in catalogue]
    assert [entry.msgstr for entry in entries if capital.search(entry.msgstr)] == []
