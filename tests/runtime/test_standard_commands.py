"""The commands on written standards: standard, deadline, speech, name, menu."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from kindline.runtime import cli, preparation
from kindline.standard import loader
from tests.standard.conftest import MINI, facts

__all__ = ["facts"]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command line; gives its exit code and what it printed."""

    def call(*words: str) -> tuple[int, str]:
        code = cli.main(words)
        return code, capsys.readouterr().out

    return call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the small profile, to be spoilt."""
    return Path(shutil.copytree(MINI, tmp_path / "mini"))


def spoil(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_good_profile_is_said_to_be_good(run: Any) -> None:
    code, said = run("standard", "check", str(MINI))
    assert code == 0
    assert "0 fault(s), 0 warning(s)" in said


def test_faults_are_told_with_file_line_key_and_cure(run: Any, folder: Path) -> None:
    spoil(folder, "menu.yaml", "root: main", "root: top")
    spoil(folder, "scripts/incoming.yaml", "after: [greet]", "after: [great]")
    code, said = run("standard", "check", str(folder))
    assert code == 1
    assert "mini/menu.yaml:7: error: root: no node 'top'" in said
    assert "-> did you mean greet?" in said
    code, said = run("standard", "check", str(folder), "--json")
    assert {fault["key"] for fault in json.loads(said) if fault["level"] == "error"} == {"root", "steps[1].after"}


def test_a_start_with_faults_in_the_standard_says_them_all_and_makes_nothing(
    folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(folder, "menu.yaml", "root: main", "root: top")
    spoil(folder, "scripts/incoming.yaml", "after: [greet]", "after: [great]")
    monkeypatch.setenv("KINDLINE_PROFILES", str(folder.parent))
    settings.KINDLINE = {**settings.KINDLINE, "profile": "mini"}
    with pytest.raises(SystemExit) as refused:
        preparation.main([])
    said = str(refused.value)
    assert "2 fault(s)" in said
    assert "mini/menu.yaml:7: error: root: no node 'top'" in said
    assert "-> did you mean greet?" in said
    assert capsys.readouterr().out == "", "nothing is made"


def test_coverage_counts_every_clause_of_every_profile(run: Any) -> None:
    code, said = run("standard", "coverage", "--json")
    found = json.loads(said)
    assert code == 0
    assert {name: found[name]["total"] for name in ("court", "krc", "voe", "yumek")} == {
        "court": 66,
        "krc": 633,
        "voe": 107,
        "yumek": 70,
    }
    for numbers in found.values():
        assert set(numbers) == {"total", "covered", "by_how", "missing", "untested"}
        assert numbers["covered"] + len(numbers["missing"]) + len(numbers["untested"]) == numbers["total"]
    later = [one.id for one in loader.load("krc").clauses.values() if one.later]
    assert later
    assert set(later) <= set(found["krc"]["missing"])


def test_a_clause_is_shown(run: Any) -> None:
    code, said = run("standard", "show", "krc-5.6.4-03")
    assert code == 0
    assert "rings_max" in said
    assert "reading:" in said
    assert run("standard", "show", "krc-9.9-99")[0] == 1


def test_two_versions_are_compared(run: Any, folder: Path) -> None:
    assert run("standard", "diff", str(MINI), str(folder)) == (0, "0 clause(s) differ\n")
    spoil(folder, "clauses/1.yaml", "rings_max: 3", "rings_max: 4")
    code, said = run("standard", "diff", str(MINI), str(folder))
    assert code == 1
    assert "mini-1-01: changed" in said


def test_a_period_is_replayed_under_a_draft(run: Any, folder: Path, tmp_path: Path, facts: Any) -> None:
    """Under the draft, one ring more is allowed: a call that broke the standard keeps it."""
    table = facts(
        (0, "call_offered"),
        (1, "call_answered", {"rings": 4}),
        (-90_000, "call_offered", {}, "b"),
        (-89_000, "call_answered", {}, "b"),
    )
    path = tmp_path / "facts.parquet"
    pq.write_table(table, path)
    words = ("standard", "replay", "--facts", str(path), "--from", "2026-03-02", "--to", "2026-03-02", "--json")
    before = json.loads(run(*words, "--profile", str(MINI))[1])
    assert before["clauses"]["mini-1-01"] == {"met": 0, "not_met": 1, "not_measurable": 0}
    spoil(folder, "clauses/1.yaml", "rings_max: 3", "rings_max: 4")
    after = json.loads(run(*words, "--profile", str(folder))[1])
    assert after["clauses"]["mini-1-01"] == {"met": 1, "not_met": 0, "not_measurable": 0}


@pytest.mark.clause("krc-6.1-30")
def test_a_deadline_with_its_derivation(run: Any) -> None:
    words = (
        "deadline",
        "--profile",
        "krc",
        "--kind",
        "complaint",
        "--channel",
        "phone",
        "--registered",
        "2026-03-02T10:00",
    )
    code, said = run(*words, "--json")
    found = json.loads(said)
    assert code == 0
    assert found["limit"] == "2026-04-01"
    assert "krc-6.1-30" in found["clauses"]
    assert any("30 календарных дней" in step for step in found["steps"])
    assert "limit:   2026-04-01" in run(*words)[1]


@pytest.mark.clause("krc-6.1-20")
def test_the_subject_beats_the_channel(run: Any) -> None:
    words = (
        "--kind",
        "complaint",
        "--subject",
        "utility_quality",
        "--channel",
        "web",
        "--received",
        "2026-03-05T10:00",
    )
    found = json.loads(run("deadline", "--profile", "krc", *words, "--json")[1])
    assert found["limit"] == "2026-03-11"


def test_a_moment_that_cannot_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("deadline", "--profile", "krc", "--kind", "complaint", "--channel", "phone", "--received", "soon")
    assert cli.main(words) == 2
    assert "write 2026-03-02" in capsys.readouterr().err


def test_speech_is_checked(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Алло, минуточку"))
    code, said = run("speech", "check", "--profile", "krc", "--speaker", "operator", "--position", "opening", "--json")
    assert code == 1
    assert [(hit["word"], hit["clause"]) for hit in json.loads(said)] == [
        ("Алло", "krc-5.6.3-12"),
        ("минуточку", "krc-5.6.3-02"),
    ]
    monkeypatch.setattr("sys.stdin", io.StringIO("Добрый день"))
    assert run("speech", "check", "--profile", "krc") == (0, "0 hit(s)\n")


def test_names_are_formed(run: Any) -> None:
    assert run("name", "--profile", "court", "--form", "vocative", "Іван Петрович") == (0, "Іване Петровичу\n")
    assert run("name", "--profile", "krc", "--form", "dative", "Иванова", "Ольга", "Петровна") == (
        0,
        "Ивановой Ольге Петровне\n",
    )
    assert run("name", "--profile", "krc", "--form", "salutation", "Иванова Ольга Петровна") == (0, "Ольга Петровна\n")


def test_a_menu_is_checked_by_its_folder_or_file(run: Any, folder: Path, tmp_path: Path) -> None:
    assert run("menu", "check", str(MINI))[0] == 0
    spoil(folder, "menu.yaml", '      "*": {back: true}\n', "")
    code, said = run("menu", "check", str(folder / "menu.yaml"))
    assert code == 1
    assert "no key returns to the menu (mini-1-06)" in said
    lengths = tmp_path / "lengths.json"
    lengths.write_text(json.dumps({"nodes.main": 16}), encoding="utf-8")
    code, said = run("menu", "check", str(MINI), "--durations", str(lengths))
    assert code == 1
    assert "the message lasts 16.0 s, allowed are 15 s" in said


@pytest.mark.clause("krc-5.6.6-07")
def test_a_menu_file_that_lies_elsewhere_is_held_to_the_standard_it_names(run: Any, tmp_path: Path) -> None:
    from kindline.standard import loader

    path = tmp_path / "menu.yaml"
    shutil.copy(loader.profiles_dir() / "krc" / "menu.yaml", path)
    assert run("menu", "check", str(path))[0] == 0
    text = path.read_text(encoding="utf-8")
    main = text.index("options:")
    extra = "".join(
        f'\n      "{digit}": {{voicemail: general}}' for digit in "678" if f'"{digit}":' not in text[main : main + 900]
    )
    path.write_text(text[: main + 8] + extra + text[main + 8 :], encoding="utf-8")
    code, said = run("menu", "check", str(path))
    assert code == 1
    assert "krc-5.6.6-07" in said
