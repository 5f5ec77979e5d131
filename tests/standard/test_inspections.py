"""Checklists of inspections: read from a profile, and every fault of them named at once, with file, line and cure."""

import shutil
from pathlib import Path

import pytest

from kindline.standard import loader
from kindline.standard.faults import ProfileFaults
from kindline.standard.inspections import Norm

RULE = "  rule: {kind: looked_at, checklist: desk, max: 3, unit: cm}\n"
EXAMPLES = """  examples:
    - {name: a, facts: [{at: 0, kind: item_looked_at, clause: CLAUSE, verdict: met, value: 3}], verdict: met}
    - {name: b, facts: [{at: 0, kind: item_looked_at, clause: CLAUSE, verdict: met, value: 4}], verdict: not_met}
"""
GOOD = """
planned_days_ahead: 5
correct_within_days: 7
seen_by: [director]
objects_by: [administrator]
checklists:
  - id: desk
    object: workplace
    sample: 2
    title: {uk: С, ru: С, en: Desk}
    every_days: 30
    inspectors: [supervisor]
    areas:
      - id: top
        title: {uk: В, ru: В, en: Top}
        items:
          - {id: gap, clauses: CLAUSE, look: "Щель?", look_en: "Gap?", answer: number, unit: cm}
          - {id: tidy, clauses: [OTHER], look: Чисто, look_en: Tidy, photo: true, may_not_apply: true}
"""
CLAUSE, OTHER = "mini-9-01", "mini-9-02"


def text(raw: str) -> str:
    """With the ids of the clauses."""
    return raw.replace("CLAUSE", CLAUSE).replace("OTHER", OTHER)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the small standard with two clauses that are looked at."""
    made = tmp_path / "mini"
    shutil.copytree(Path(__file__).parent / "fixtures" / "mini", made)
    head = '- id: {}\n  section: "9"\n  text: а\n  text_en: a\n  how: reviewed\n  channel: [office]\n'
    (made / "clauses" / "9.yaml").write_text(head.format(CLAUSE) + text(RULE + EXAMPLES) + head.format(OTHER))
    return made


def faults(folder: Path, raw: str) -> list[str]:
    """What the loader says of the file, as a person reads it."""
    (folder / "inspections.yaml").write_text(text(raw))
    return [str(one) for one in loader.check(folder) if "inspections.yaml" in one.file or "9.yaml" in one.file]


def test_is_read_with_the_limit_of_the_clause(folder: Path) -> None:
    assert faults(folder, GOOD) == []
    found = loader.load_path(folder).inspections
    assert found is not None
    desk = found.checklists["desk"]
    assert (desk.is_drawn, desk.sample, desk.within) == (True, 2, "office")
    gap, tidy = desk.items
    assert (gap.norm, gap.unit) == (Norm(most=3), "cm")
    assert (tidy.photo, tidy.may_not_apply, tidy.words("en"), tidy.words("uk")) == (True, True, "Tidy", "Чисто")
    assert [gap.norm.is_kept(value) for value in (2.9, 3, 3.1)] == [True, True, False]
    assert set(found.cited()) == {CLAUSE, OTHER}


@pytest.mark.parametrize(
    ("wrong", "right", "said", "cure"),
    [
        ("clauses: [OTHER]", "clauses: [mini-9-03]", "no clause 'mini-9-03'", "did you mean"),
        ("id: tidy", "id: gap", "'gap' is there twice", "give each its own"),
        ("object: workplace", "object: office", "of office nothing is drawn by lot", "workplace or employee"),
        ("object: workplace", "object: employee", "'roles' is missing", "name the roles"),
        ("    sample: 2", "    roles: [counter]", "only employees have roles", "remove the line"),
        ("answer: number, unit: cm", "answer: number", "a number has a unit", "write answer and unit"),
        ("photo: true,", "photo: true, unit: cm,", "a number has a unit", "write answer and unit"),
        ("every_days: 30", "every_days: 0", "0 is below 1", "write 1 or more"),
        ("inspectors: [supervisor]", "inspectors: [zzz]", "'zzz' is not known here", "write one of"),
        ("- id: desk", "- id: table", "no checklist 'desk'", "write one of: table"),
        ("clauses: CLAUSE", "clauses: OTHER", f"no item of desk stands for {CLAUSE}", "add an item"),
        ("answer: number", "answer: count", "a limit, and no number is asked for", "set answer: number"),
        ("photo: true,", "answer: number, unit: cm,", "the clause has no limit", "write min or max"),
    ],
)
def test_a_fault_names_file_line_and_cure(folder: Path, wrong: str, right: str, said: str, cure: str) -> None:
    assert wrong in GOOD
    found = [one for one in faults(folder, GOOD.replace(wrong, right)) if said in one]
    assert found, faults(folder, GOOD.replace(wrong, right))
    assert cure in found[0]
    assert ".yaml:" in found[0]


def test_a_rule_without_checklists_is_refused(folder: Path) -> None:
    with pytest.raises(ProfileFaults, match="no checklist 'desk'"):
        loader.load_path(folder)
