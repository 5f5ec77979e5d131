"""What site and stands must carry: read from a profile, and every fault of it named at once."""

import shutil
from pathlib import Path

import pytest

from kindline.standard import loader
from kindline.standard.faults import ProfileFaults

CONTENT = """
slots:
  phones: {text: Call us, rows: [["Phone", "123"]]}
as_of: 2026-11-20
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the small standard."""
    made = tmp_path / "mini"
    shutil.copytree(Path(__file__).parent / "fixtures" / "mini", made)
    return made


def good(folder: Path) -> str:
    """A publication with a clause of the small standard."""
    clause = next(iter(loader.load_path(folder).clauses))
    return f"""
sections:
  - {{id: contacts, title: {{uk: К, ru: К, en: C}}}}
slots:
  - key: phones
    clauses: [{clause}]
    section: contacts
    title: Phones
    obligation: mandatory
    where: both
    owner: unit_head
    review_every_days: 30
    must_contain: [phone]
  - {{key: stand_phones, clauses: [{clause}], title: P, obligation: recommended, where: stand, owner: director,
     review_every_days: 90, text_of: phones}}
"""


def write(folder: Path, publication: str, content: str = CONTENT) -> None:
    """Put the two files into the profile."""
    (folder / "publication.yaml").write_text(publication)
    (folder / "content.yaml").write_text(content)


def test_is_read_with_its_texts(folder: Path) -> None:
    write(folder, good(folder))
    found = loader.load_path(folder).publication
    assert found is not None
    assert [slot.key for slot in found.of_section("contacts")] == ["phones"]
    assert [slot.key for slot in found.stands("mandatory")] == ["phones"]
    assert [slot.source for slot in found.stands("recommended")] == ["phones"]
    assert found.slots["phones"].lacking("PHONE 1") == []
    assert found.slots["phones"].lacking("address") == ["phone"]


@pytest.mark.parametrize(("was", "becomes", "said"), [
    ("section: contacts", "section: contact", "did you mean contacts"),
    ("    section: contacts\n", "", "'section' is missing"),
    ("owner: unit_head", "owner: nobody", "'nobody' is not known"),
    ("review_every_days: 30", "review_every_days: 0", "below 1"),
    ("review_every_days: 30", "", "'review_every_days' is missing"),
    ("clauses: [", "clauses: [mini-9-99, ", "no clause 'mini-9-99'"),
    ("text_of: phones", "text_of: phone", "did you mean phones"),
    ("text_of: phones", "text_of: stand_phones", "cannot repeat itself"),
    ("key: stand_phones", "key: phones", "is there twice"),
    ("[phone]", "[phone, street]", "'street' is not in the text"),
])  # fmt: skip
def test_what_is_wrong_is_named(folder: Path, was: str, becomes: str, said: str) -> None:
    text = good(folder)
    assert was in text
    write(folder, text.replace(was, becomes, 1))
    with pytest.raises(ProfileFaults) as caught:
        loader.load_path(folder)
    assert said in str(caught.value)


def test_all_faults_are_said_at_once_with_their_lines(folder: Path) -> None:
    text = good(folder).replace("section: contacts", "section: contact").replace("text_of: phones", "text_of: phone")
    write(folder, text, CONTENT.replace("phones:", "fones:"))
    faults = {(fault.file, fault.line) for fault in loader.check(folder)}
    assert {("mini/publication.yaml", 7), ("mini/publication.yaml", 15), ("mini/content.yaml", 3)} <= faults
