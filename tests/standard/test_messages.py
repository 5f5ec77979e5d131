"""Texts of letters in a profile: read, and what is wrong in them named with file, line and cure."""

import shutil
from pathlib import Path

import pytest

from kindline.standard import loader
from kindline.standard.faults import ProfileFaults

GOOD = """
- id: hello
  title: {ru: Привет, uk: Привіт, en: Hello}
  way: email
  version: "3"
  automatic: true
  wordings:
    ru: {subject: "{company}", text: "{salutation}!"}
    uk: {text: "{salutation}!"}
    en: {text: "Hello"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the small standard."""
    made = tmp_path / "mini"
    shutil.copytree(Path(__file__).parent / "fixtures" / "mini", made)
    (made / "messages").mkdir(exist_ok=True)
    return made


def test_are_read_with_their_version(folder: Path) -> None:
    (folder / "messages" / "letters.yaml").write_text(GOOD)
    found = loader.load_path(folder).messages["hello"]
    assert (found.version, found.automatic, found.way) == ("3", True, "email")
    assert found.wordings["ru"].subject == "{company}"
    assert found.wordings["en"].text == "Hello"


@pytest.mark.parametrize(("was", "becomes", "said"), [
    ("{salutation}", "{salutatoin}", "unknown placeholder"),
    ("way: email", "way: pigeon", "pigeon"),
    ('version: "3"', "clauses: [mini-9-99]", "version"),
    ("automatic: true", "clauses: [mini-9-99]", "no clause"),
    ("{salutation}!\"}\n    uk", "{salutation\"}\n    uk", "brace"),
])  # fmt: skip
def test_what_is_wrong_is_named(was: str, becomes: str, said: str, folder: Path) -> None:
    assert was in GOOD
    (folder / "messages" / "letters.yaml").write_text(GOOD.replace(was, becomes))
    with pytest.raises(ProfileFaults) as caught:
        loader.load_path(folder)
    assert "messages/letters.yaml" in str(caught.value)
    assert said in str(caught.value)


def test_a_language_of_the_standard_that_is_missing_is_named(folder: Path) -> None:
    language = loader.load_path(folder).language
    lines = [line for line in GOOD.splitlines() if not line.strip().startswith(f"{language}:")]
    (folder / "messages" / "letters.yaml").write_text("\n".join(lines))
    with pytest.raises(ProfileFaults, match="no wording in"):
        loader.load_path(folder)
