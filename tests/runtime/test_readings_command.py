"""`kindline readings load`: a file on the server, progress, the report of its faults."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from kindline.readings.models import Reading, Sending
from kindline.runtime import cli
from kindline.runtime.commands import readings
from kindline.staff.models import Employee
from tests.readings.conftest import Household, household

__all__ = ["household"]
pytestmark = pytest.mark.db
DAY = timezone.now().date()
LINES = f"account;meter;zone;value;date\n1234567;E-1;day;1100;{DAY}\n1234567;E-1;night;9oo;{DAY}\n"


def load(file: Path, *more: str) -> int:
    """The command, with this file."""
    top = argparse.ArgumentParser()
    readings.add(top.add_subparsers())
    chosen = top.parse_args(["readings", "load", str(file), "--by", "clerk", *more])
    return int(chosen.run(chosen))


@pytest.fixture
def file(household: Household, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file on this machine, and somebody who sends it."""
    monkeypatch.setattr(cli, "setup_django", lambda _folder: None)
    Employee.objects.create(username="clerk")
    path = tmp_path / "march.csv"
    path.write_text(LINES)
    return path


def test_a_file_is_taken_and_its_faults_are_written_down(file: Path, capsys: Any, tmp_path: Path) -> None:
    report = tmp_path / "faults.csv"
    assert load(file, "--report", str(report)) == 1
    made = Sending.objects.get(channel="file")
    assert (made.title, made.lines) == ("march.csv", 2)
    assert made.employee_id == Employee.objects.get(username="clerk").pk
    said = capsys.readouterr()
    assert "2 lines, 1 kept, 0 asked back, 1 refused, 0 known already" in said.out
    assert "2 lines" in said.err
    rows = report.read_text(encoding="utf-8-sig").splitlines()
    assert rows[0] == "line;account;meter;zone;value;taken_on;code;why"
    assert rows[1].startswith(f"3;1234567;E-1;night;9oo;{DAY};not_a_number;")
    assert load(file) == 1
    assert Reading.objects.filter(sending=made).count() == 1, "the same file again changes nothing"


def test_what_was_typed_is_no_formula_in_the_report(file: Path, tmp_path: Path) -> None:
    file.write_text(f'1234567;"=HYPERLINK(""http://x"")";+1+1;-5;{DAY}\n1234567;-x;@x;1;{DAY}\n')
    report = tmp_path / "faults.csv"
    assert load(file, "--report", str(report)) == 1
    first, second = csv.reader(report.read_text(encoding="utf-8-sig").splitlines()[1:], delimiter=";")
    assert first[1:5] == ["1234567", '\'=HYPERLINK("http://x")', "'+1+1", "-5"]
    assert second[2:4] == ["'-x", "'@x"]


def test_what_was_asked_back_stands_in_the_report_too(file: Path, tmp_path: Path) -> None:
    file.write_text(f"1234567;W-1;;1;{DAY}\n")
    report = tmp_path / "faults.csv"
    assert load(file, "--report", str(report)) == 0
    assert f"1;1234567;W-1;;1;{DAY};lower_than_last;" in report.read_text(encoding="utf-8-sig")


def test_who_sends_it_must_work_here_and_the_file_must_be_one(file: Path) -> None:
    with pytest.raises(cli.UsageError, match="No such file"):
        load(file.with_name("none.csv"))
    Employee.objects.update(is_active=False)
    with pytest.raises(cli.UsageError, match="nobody who works here"):
        load(file)
    Employee.objects.update(is_active=True)
    file.write_text("a;b;c")
    with pytest.raises(cli.UsageError, match="neither CSV"):
        load(file)
