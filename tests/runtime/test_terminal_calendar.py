"""`kindline deadline` at a terminal: with the edits of an instance's database, or the file alone, said either way."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from kindline.runtime import cli, instance
from kindline.staff import workdays
from kindline.staff.models import DayKind, Employee
from kindline.standard import calendars, loader

WORDS = ("deadline", "--profile", "krc", "--kind", "complaint", "--subject", "utility_quality", "--channel", "web")
FRIDAY = dt.date(2026, 3, 6)


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The edits and the environment of this process as they were."""
    monkeypatch.setenv(instance.ENVIRONMENT, "none-here")
    yield
    calendars.edits_of("krc").take({}, 0)


def _told(capsys: pytest.CaptureFixture[str], *more: str) -> Any:
    assert cli.main((*WORDS, "--received", "2026-03-05T10:00", "--json", *more)) == 0
    return json.loads(capsys.readouterr().out)


def _edited() -> None:
    """Friday is off by order."""
    profile, now = loader.load("krc"), dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    by: dict[str, Any] = {"employee": Employee.objects.create(username="administrator"), "now": now}
    order = workdays.Order("17-к", "санитарный день")
    made = workdays.draft_day(profile=profile, day=FRIDAY, kind=DayKind.OFF, order=order, **by)
    workdays.put_in_force(profile=profile, seen=[made.pk], **by)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An instance of krc that somebody has made; its database is the tests' own."""
    made = instance.Instance(tmp_path, "abcd", "krc", instance.Ports(), instance.Secrets())
    made.save()
    return tmp_path


@pytest.mark.db
def test_the_edits_of_an_instance_count_and_are_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = _told(capsys)
    assert plain["calendar"]["edits"] is None
    _edited()
    found = _told(capsys, "--instance", str(folder))
    assert found["calendar"] == {"edits": 1, "instance": str(folder), "why": ""}
    assert found["limit"] > plain["limit"], "a day off more within the term"
    cli.main((*WORDS, "--received", "2026-03-05T10:00", "--instance", str(folder)))
    assert "calendar: the profile's file and 1 edit of the page Calendar" in capsys.readouterr().out


def test_without_an_instance_it_says_that_the_file_alone_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main((*WORDS, "--received", "2026-03-05T10:00")) == 0
    assert "calendar: the profile's file alone: " in capsys.readouterr().out


@pytest.mark.parametrize("profile", [None, "court"])
def test_a_named_instance_that_cannot_be_used_is_refused(
    profile: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if profile:
        instance.Instance(tmp_path, "abcd", profile, instance.Ports(), instance.Secrets()).save()
    assert cli.main((*WORDS, "--received", "2026-03-05T10:00", "--instance", str(tmp_path))) == 2
    said = capsys.readouterr().err
    assert ("runs court, not krc" if profile else "holds no instance") in said


@pytest.mark.db
def test_limits_are_computed_anew_with_the_edits(capsys: pytest.CaptureFixture[str]) -> None:
    _edited()
    calendars.edits_of("krc").take({}, 0)
    call_command("recompute_limits", profile="krc", why="приказ 17-к")
    assert "1 edits of the page Calendar" in capsys.readouterr().out
    assert not loader.load("krc").calendar.is_working_day(FRIDAY)
