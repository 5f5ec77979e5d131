"""Coverage, differences between versions, and a clause shown whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kindline.standard import coverage, differences, loader, showing
from kindline.standard.profile import Profile


def test_a_clause_is_covered_only_when_carried_and_tested(mini: Profile) -> None:
    bare = replace(mini.clauses["mini-1-10"], id="mini-1-20", later=False)
    component = replace(bare, id="mini-1-21", component="kindline.standard.coverage.report")
    nowhere = replace(bare, id="mini-1-22", component="kindline.standard.coverage.nothing")
    profile = replace(mini, clauses={**mini.clauses, **{one.id: one for one in (bare, component, nowhere)}})
    found = coverage.report([profile], set())["mini"]
    assert found["total"] == 22
    assert found["covered"] == 18
    assert found["missing"] == ["mini-1-10", "mini-1-20", "mini-1-22"]
    assert found["untested"] == ["mini-1-21"]
    assert coverage.report([profile], {"mini-1-21"})["mini"]["untested"] == []
    assert found["by_how"]["reviewed"] == {"total": 1, "covered": 1}


def test_carriers(mini: Profile) -> None:
    cited = coverage.citations(mini)
    assert coverage.carriers(mini.clauses["mini-1-14"], cited) == ["rule", "step"]
    assert coverage.carriers(mini.clauses["mini-1-09"], cited) == ["rule", "form"]
    assert coverage.carriers(mini.clauses["mini-1-10"], cited) == []


def test_components_are_found_without_importing_them(tmp_path: Path) -> None:
    package = tmp_path / "boat"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('never imported')", encoding="utf-8")
    (package / "oars.py").write_text("ROWLOCK: int = 2\n\n\nclass Oar:\n    pass\n", encoding="utf-8")
    assert coverage.exists("boat", tmp_path)
    assert coverage.exists("boat.oars.Oar", tmp_path)
    assert coverage.exists("boat.oars.ROWLOCK", tmp_path)
    assert not coverage.exists("boat.sails", tmp_path)
    assert not coverage.exists("boat.oars.Sail", tmp_path)


def test_tests_are_read_for_the_clauses_they_name(tmp_path: Path) -> None:
    text = "import pytest\n\n@pytest.mark.clause('krc-1-01', 'krc-1-02')\ndef test_x(): ...\n"
    short = "from pytest import mark\n\nof = mark.clause\n\n@of('krc-1-03')\ndef test_y(): ...\n"
    (tmp_path / "test_y.py").write_text(short, encoding="utf-8")
    (tmp_path / "test_x.py").write_text(text, encoding="utf-8")
    assert coverage.tested_in(tmp_path) == {"krc-1-01", "krc-1-02", "krc-1-03"}


def test_the_difference_of_two_versions(folder: Path, mini: Profile) -> None:
    path = folder / "clauses" / "1.yaml"
    text = path.read_text(encoding="utf-8").replace(
        "value: {rings_max: 3, rings_target: 1}", "value: {rings_max: 4, rings_target: 1}"
    )
    before, _, rest = text.partition("- id: mini-1-10\n")
    path.write_text(before + "- id: mini-1-99\n" + rest, encoding="utf-8")
    path.write_text(
        path.read_text(encoding="utf-8").replace(
            "{at: 7, kind: call_answered, rings: 4}", "{at: 7, kind: call_answered, rings: 5}"
        ),
        encoding="utf-8",
    )
    changes = {change.clause: change for change in differences.between(mini, loader.load_path(folder))}
    assert {name: change.kind for name, change in changes.items()} == {
        "mini-1-01": "changed",
        "mini-1-99": "added",
        "mini-1-10": "removed",
    }
    assert changes["mini-1-01"].as_json()["fields"]["value"]["after"] == {"rings_max": 4, "rings_target": 1}
    assert differences.between(mini, mini) == []


def test_a_card_leaves_out_what_there_is_not(mini: Profile) -> None:
    card = showing.card(mini.clauses["mini-1-10"], [])
    assert card["clause"] == "mini-1-10"
    assert "rule" not in card
    assert "reading" not in card
