"""T12 with a live engine: the disk of the recordings is full in mid-call, and nobody who talks hears anything of it."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kindline.runtime.demo_calls import sound
from kindline.runtime.demo_calls.handset import Handset
from tests.switchboard.rig import Rig, Telephones, until

pytestmark = [pytest.mark.asterisk, pytest.mark.fault("T12")]
DISK_KB = 320
"""Two people at 16 kB a second fill it in ten seconds."""
TOLD_S = 30.0
TROUBLES = "SELECT subject, opened_at, gap_s FROM recordings_trouble WHERE kind = 'stalled' AND contact_id = %s"


@pytest.fixture
def disk(rig: Rig) -> Iterator[Path]:
    """A disk of its own where the engine records, as small as that."""
    place = rig.engine.folder / "spool" / "recording"
    words = ["mount", "-t", "tmpfs", "-o", f"size={DISK_KB}k,mode=0700", "tmpfs", str(place)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a small disk of its own cannot be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def phones(rig: Rig, disk: Path) -> Iterator[Telephones]:
    """A switchboard with the jobs beside it, and the telephone of an operator."""
    with at_work(rig) as made:
        yield made


@pytest.fixture
def phones_alone(rig: Rig) -> Iterator[Telephones]:
    """The same without a disk of its own."""
    with at_work(rig) as made:
        yield made


@contextlib.contextmanager
def at_work(rig: Rig) -> Iterator[Telephones]:
    rig.start()
    rig.spawn("kindline.runtime", "manage", "procrastinate", "--skip-checks", "worker", "--concurrency", "2")
    until(lambda: len(rig.passwords()) == 2)
    with rig.telephones(1) as made:
        yield made
    for process in rig.processes:
        rig.kill(process)
    rig.processes.clear()


def free_bytes(disk: Path) -> int:
    found = os.statvfs(disk)
    return found.f_bavail * found.f_frsize


def hear_each_other(phones: Telephones, one: Handset, other: Handset) -> None:
    for speaker, listener in ((one, other), (other, one)):
        with listener.hearing() as heard:
            speaker.say(phones.sound(2))
        assert sound.audible_s(heard.file) > 1, "the talk suffers"


@pytest.mark.clause("krc-5.5.2-11", "krc-5.5.2-12")
def test_t12_a_full_disk_costs_the_recording_and_not_the_talk(rig: Rig, phones: Telephones, disk: Path) -> None:
    rig.ready(1)
    client, operator, contact = phones.talk(1)
    until(lambda: rig.kinds(contact).count("recording_started") == 2)
    hear_each_other(phones, client, operator)
    until(lambda: free_bytes(disk) == 0, 40, "the disk is not full")
    full_at = dt.datetime.now(dt.UTC)
    until(lambda: len(rig.rows(TROUBLES, contact)) == 2, 2 * TOLD_S, "nobody is told")
    for _, opened_at, gap_s in rig.rows(TROUBLES, contact):
        assert (opened_at - full_at).total_seconds() <= TOLD_S
        assert gap_s > 0
    hear_each_other(phones, client, operator)
    assert rig.state(contact) == "talking"
    client.hang_up()
    rig.comes(contact, "call_ended")
    assert rig.fact(contact, "call_ended")["outcome"] == "answered"
    until(lambda: judged(rig, contact) == 2, 60, rig.log())
    for kind, said in rig.facts(contact):
        if kind == "recording_stored":
            assert said["complete"] is False
            assert said["gap_s"] > 5
    assert rig.kinds(contact).count("recording_stalled") == 2


@pytest.mark.clause("krc-5.5.2-11", "krc-5.5.2-12")
def test_t12_the_last_seconds_that_a_full_disk_cost_are_said(rig: Rig, phones: Telephones, disk: Path) -> None:
    """The talk ends some two seconds after the engine gave up its recordings: too soon for anybody to look at them."""
    rig.post("/operators/1/wrap-up/end")
    rig.ready(1)
    client, _operator, contact = phones.talk(1)
    until(lambda: rig.kinds(contact).count("recording_started") == 2)
    until(lambda: ended_s_ago(rig, contact) > 2, 60, "the engine goes on recording")
    client.hang_up()
    rig.comes(contact, "call_ended")
    until(lambda: judged(rig, contact) == 2, 60, rig.log())
    stored = [said for kind, said in rig.facts(contact) if kind == "recording_stored"]
    assert stored
    for said in stored:
        assert said["complete"] is False
        assert 1 < said["gap_s"] < 10, said


@pytest.fixture
def barred(rig: Rig) -> Iterator[Path]:
    """A place of recordings that cannot be opened at all: a file lies where the folder should be."""
    place = rig.engine.folder / "spool" / "recording"
    aside = place.with_name("recording.aside")
    place.rename(aside)
    place.write_text("")
    yield place
    place.unlink()
    aside.rename(place)


@pytest.mark.clause("krc-5.5.2-11", "krc-5.5.2-12")
def test_t12_a_place_that_cannot_be_opened_when_the_talk_begins_is_told_and_costs_the_recording_alone(
    rig: Rig, phones_alone: Telephones, barred: Path
) -> None:
    rig.post("/operators/1/wrap-up/end")
    rig.ready(1)
    client, operator, contact = phones_alone.talk(1)
    began_at = dt.datetime.now(dt.UTC)
    until(lambda: len(rig.rows(TROUBLES, contact)) == 2, 2 * TOLD_S, rig.log())
    for _, opened_at, _ in rig.rows(TROUBLES, contact):
        assert (opened_at - began_at).total_seconds() <= TOLD_S
    hear_each_other(phones_alone, client, operator)
    assert rig.state(contact) == "talking"
    client.hang_up()
    rig.comes(contact, "call_ended")
    failed = {said["leg"] for kind, said in rig.facts(contact) if kind == "recording_failed"}
    assert failed == {"client", "operator"}
    assert "recording_stored" not in rig.kinds(contact)
    watched = "SELECT count(*) FROM recordings_trouble WHERE contact_id = %s AND closed_at IS NULL"
    until(lambda: rig.rows(watched, contact) == [(0,)], 60, "an alarm goes on when the talk is over")


def ended_s_ago(rig: Rig, contact: str) -> float:
    """How long ago the engine ended the last of the recordings by itself; 0 while one runs."""
    [[data]] = rig.rows("SELECT data FROM switchboard_call WHERE id = %s", contact)
    tracks = data["tracks"]
    ends = [dt.datetime.fromisoformat(one["stopped_at"]) for one in tracks if one.get("stopped_at")]
    if not tracks or len(ends) < len(tracks):
        return 0.0
    return (dt.datetime.now(dt.UTC) - max(ends)).total_seconds()


def judged(rig: Rig, contact: str) -> int:
    """Of how many recordings it is said what became of them."""
    kinds = rig.kinds(contact)
    return kinds.count("recording_stored") + kinds.count("recording_failed")
