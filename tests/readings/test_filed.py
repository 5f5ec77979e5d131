"""Files of readings: known by their content, judged again, gone through by a job."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connection

from kindline.readings import filed, queries, wording
from kindline.readings.errors import ReadingsError
from kindline.readings.lines import Sender
from kindline.readings.models import Reading, Refused, Sending, Upload
from tests.readings.conftest import NOW, Household, meter

pytestmark = pytest.mark.db
FILE = Sender("file", employee_id=7)
LINES = ("account;meter;zone;value;date", "1234567;E-1;day;1100;2026-03-20", "1234567;N-1;;5;2026-03-20", "",
         "1234567;E-1;night;9oo;2026-03-20")  # fmt: skip
CONTENT = "\n".join(LINES).encode()


def take(household: Household, content: bytes = CONTENT) -> Sending:
    """A file, taken at once."""
    return filed.take_file(profile=household.profile, content=content, sender=FILE, name="march.csv", now=NOW)


def refused(sending: Sending) -> list[tuple[int, str]]:
    """Which lines of a file were refused, and why."""
    return list(Refused.objects.filter(sending=sending).order_by("line").values_list("line", "code"))


def test_refused_lines_are_judged_again_once_their_meter_is_there(household: Household) -> None:
    first = take(household)
    assert refused(first) == [(3, "unknown_meter"), (5, "not_a_number")]
    meter(household.account, "N-1", "kWh", 5, [""])
    assert take(household).pk == first.pk, "the same file tells what came of it"
    again: dict[str, Any] = {"profile": household.profile, "sender": FILE, "now": NOW}
    second = filed.judge_again(sending=first, **again)
    assert (second.lines, second.title) == (2, "march.csv")
    assert refused(second) == [(5, "not_a_number")]
    assert Reading.objects.get(sending=second).line == 3
    third = filed.judge_again(sending=second, **again)
    assert (refused(third), third.lines) == ([(5, "not_a_number")], 1)
    assert refused(first) == [(3, "unknown_meter"), (5, "not_a_number")], "what was said then stays"


def test_the_counts_of_a_file_are_not_multiplied_by_each_other(household: Household) -> None:
    content = CONTENT + b"\n1234567;W-1;;1;2026-03-20"
    counts: Any = queries.counted().get(pk=take(household, content).pk)
    assert (counts.kept, counts.asked, counts.faults) == (1, 1, 2)


def test_a_large_file_is_kept_until_a_job_has_gone_through_it(household: Household) -> None:
    upload = filed.lay_by(content=CONTENT, employee_id=7, name="march.csv", now=NOW)
    assert not Sending.objects.filter(channel="file").exists()
    assert filed.sweep(profile=household.profile, now=NOW) == 1
    upload.refresh_from_db()
    made = Sending.objects.get(key=upload.key)
    assert (upload.content, upload.fault, upload.finished_at) == (None, "", NOW)
    assert (made.lines, made.employee_id) == (3, 7)
    assert filed.sweep(profile=household.profile, now=NOW) == 0
    assert filed.lay_by(content=CONTENT, employee_id=8, name="again.csv", now=NOW).pk == upload.pk


def test_a_large_file_with_a_fault_in_its_middle_is_told_and_may_come_again(household: Household) -> None:
    content = CONTENT + b"\n1234567;" + b"7" * 200_000
    upload = filed.lay_by(content=content, employee_id=7, name="march.csv", now=NOW)
    filed.sweep(profile=household.profile, now=NOW)
    upload.refresh_from_db()
    assert (upload.fault, upload.content) == ("unreadable_file", None)
    assert not Reading.objects.filter(taken_on=dt.date(2026, 3, 20)).exists(), "all of it, or nothing"
    again = filed.lay_by(content=content, employee_id=7, name="march.csv", now=NOW)
    assert (again.pk, again.finished_at, again.fault) == (upload.pk, None, "")


def test_what_is_no_file_is_not_laid_by(household: Household) -> None:
    with pytest.raises(ReadingsError):
        filed.lay_by(content=b"a;b;c\n" * 9, employee_id=7, name="", now=NOW)
    assert not Upload.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_progress_is_told_beside_the_transaction_of_the_file(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr("kindline.readings.bulk.CHUNK", 2)
    monkeypatch.setattr("kindline.readings.bulk.CHUNKS", 1)
    content = "\n".join(f"1234567;E-1;day;{1000 + n};2026-03-{n:02}" for n in range(1, 6)).encode()
    upload = filed.lay_by(content=content, employee_id=7, name="march.csv", now=NOW)
    filed.sweep(profile=household.profile, now=NOW)
    upload.refresh_from_db()
    assert (upload.done, upload.lines, upload.finished_at) == (5, 4, NOW)


def test_a_file_on_which_the_job_stumbles_does_not_hold_up_those_behind_it(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    stumbling = filed.lay_by(content=CONTENT, employee_id=7, name="torn.csv", now=NOW)
    behind = filed.lay_by(content=CONTENT + b"\n", employee_id=7, name="march.csv", now=NOW)
    take_file = filed.take_file

    def stumbles(**said: Any) -> Sending:
        if said["name"] == "torn.csv":
            raise MemoryError
        return take_file(**said)

    monkeypatch.setattr(filed, "take_file", stumbles)
    assert filed.sweep(profile=household.profile, now=NOW) == 2
    stumbling.refresh_from_db()
    behind.refresh_from_db()
    assert (stumbling.fault, stumbling.content, stumbling.finished_at) == (filed.FAILED, None, NOW)
    assert (behind.fault, behind.finished_at) == ("", NOW)
    assert wording.said(filed.FAILED)


def test_a_file_that_the_database_gave_up_waits_for_the_next_time(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    upload = filed.lay_by(content=CONTENT, employee_id=7, name="march.csv", now=NOW)

    def given_up(**_said: Any) -> Sending:
        raise OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(filed, "take_file", given_up)
        filed.sweep(profile=household.profile, now=NOW)
    upload.refresh_from_db()
    assert (upload.fault, upload.finished_at) == ("", None)
    filed.sweep(profile=household.profile, now=NOW)
    assert Sending.objects.filter(key=upload.key).exists()


def test_very_many_refused_lines_are_judged_again_by_a_job(household: Household) -> None:
    first = take(household)
    meter(household.account, "N-1", "kWh", 5, [""])
    waits = filed.lay_again_by(sending=first, employee_id=8, now=NOW)
    assert filed.lay_again_by(sending=first, employee_id=9, now=NOW).pk == waits.pk, "asked for twice"
    at_once = filed.judge_again(profile=household.profile, sending=first, sender=FILE, now=NOW)
    assert (waits.key, at_once.key) == (f"{first.key} again 1", f"{first.key} again 2"), "each has its number"
    filed.sweep(profile=household.profile, now=NOW)
    waits.refresh_from_db()
    made = Sending.objects.get(key=waits.key)
    assert (waits.fault, made.employee_id, made.title) == ("", 8, "march.csv")
    assert refused(made) == [(5, "not_a_number")]


@pytest.mark.django_db(transaction=True)
def test_two_who_judge_sibling_files_again_at_the_same_moment_take_two_numbers(household: Household) -> None:
    first = take(household)
    second = filed.judge_again(profile=household.profile, sending=first, sender=FILE, now=NOW)
    together = threading.Barrier(2)

    def again(sending: Sending) -> str:
        try:
            together.wait(timeout=30)
            return filed.judge_again(profile=household.profile, sending=sending, sender=FILE, now=NOW).key
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        keys = sorted(pool.map(again, (first, second)))
    assert keys == [f"{first.key} again 2", f"{first.key} again 3"]
