"""What site and stands must carry: read from a profile, and every fault of it named at once."""

import datetime as dt
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


DATA = """
telling: {{ahead_days: 7, head_after_days: 3, repeat_days: 7, heads: [director], clauses: [{clause}]}}
open_data:
  least_people: 5
  licence: {{name: CC BY 4.0, address: "https://example.org/by"}}
  datasets: [{{id: tariffs, slots: [phones]}}, {{id: appeals}}]
monitoring:
  sample: 9
  channels: [phone]
  reviewers: [supervisor]
  approvers: [director]
  publish_within_days: 30
  clauses: [{clause}]
reception:
  host: {{uk: Г, ru: Г, en: H}}
  place: here
  days: [wed]
  from: "15:00"
  until: "16:10"
  every_minutes: 20
  ahead_days: 9
  before_hours: 5
  kept_days: 9
  secretaries: [director]
  clauses: [{clause}]
"""
SCHEME = """
schemes:
  phones:
    - title: Us
      address: Here
      streets: [{name: Wide Street, from: [10, 60], to: [300, 60]}]
      office: [20, 90]
      words: Walk.
"""


def data(folder: Path) -> str:
    """The parts beside the slots."""
    return good(folder) + DATA.format(clause=next(iter(loader.load_path(folder).clauses)))


def test_what_goes_beside_the_slots_is_read(folder: Path) -> None:
    write(folder, data(folder).replace("must_contain: [phone]", "scheme: true"), CONTENT + SCHEME)
    found = loader.load_path(folder).publication
    assert found is not None
    assert found.telling is not None
    assert found.monitoring is not None
    assert found.open_data is not None
    assert found.reception is not None
    assert (found.telling.heads, found.monitoring.sample) == (("director",), 9)
    assert found.open_data.datasets["tariffs"].slots == ("phones",)
    wednesday = dt.date(2026, 3, 4)
    assert [f"{at:%H:%M}" for at in found.reception.starts(wednesday)] == ["15:00", "15:20", "15:40"]
    assert list(found.reception.starts(wednesday + dt.timedelta(days=1))) == []
    (scheme,) = found.schemes["phones"]
    assert (scheme.streets[0].middle, scheme.streets[0].is_upright) == ((155, 60), False)


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("slots: [phones]}", "slots: [phone]}", "no slot 'phone'"),
        ("{id: appeals}", "{id: appeals, slots: [phones]}", "do not go together"),
        ("{id: appeals}", "{id: tariffs, slots: [phones]}", "there twice"),
        ('from: "15:00"', 'from: "25:00"', "expected form"),
        ("least_people: 5", "least_people: 1", "below 2"),
        ("heads: [director]", "heads: [king]", "'king'"),
    ],
)
def test_what_is_wrong_beside_the_slots_is_named(folder: Path, wrong: str, right: str, said: str) -> None:
    write(folder, data(folder).replace(wrong, right))
    with pytest.raises(ProfileFaults) as found:
        loader.load_path(folder)
    assert said in str(found.value)


def test_a_scheme_belongs_to_a_slot_of_its_kind_and_lies_within_the_drawing(folder: Path) -> None:
    write(folder, good(folder), CONTENT + SCHEME.replace("[20, 90]", "[20, 201]"))
    with pytest.raises(ProfileFaults) as found:
        loader.load_path(folder)
    assert "no slot with a scheme" in str(found.value)
    assert "outside the drawing" in str(found.value)
