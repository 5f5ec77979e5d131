"""Sound in the spool that nobody asks for: kept where it says something, gone where not, never there for ever."""

from __future__ import annotations

import datetime as dt
import os
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from kindline.journal import actions as journal
from kindline.journal import sweeping
from kindline.journal.queries import facts_of
from kindline.standard import loader
from kindline.switchboard import leftovers, recording, sounds
from kindline.switchboard.machine.state import CallState, as_json
from kindline.switchboard.models import Call, Recording, Voicemail
from tests.switchboard.people import at
from tests.switchboard.test_recording import ended, folders

__all__ = ["folders"]
pytestmark = pytest.mark.db
KRC = loader.load("krc")
NOW = at(0) + leftovers.LEFT + dt.timedelta(minutes=5)


@pytest.fixture(autouse=True)
def right_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "of_machine", lambda: at(10_000_000))


def lies(name: str, seconds: float = 3.0, *, written_at: dt.datetime | None = None) -> Path:
    """A file as the engine left it, in a folder as old as itself."""
    path = recording.spool() / f"{name}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    sounds.write(path, [1000, -1000] * int(seconds * sounds.RATE_HZ / 2))
    for one in (path, path.parent):
        os.utime(one, ((written_at or at(60)).timestamp(),) * 2)
    return path


def contact() -> str:
    """A contact without a row of any recording."""
    one = ended(KRC)
    one.delete()
    return str(one.contact_id)


def sweep(now: dt.datetime = NOW) -> int:
    return leftovers.sweep(profile=KRC, least_s=1.0, now=now)


def discarded(subject: str) -> list[tuple[str, str]]:
    found = facts_of("contact", subject).filter(kind="recording_discarded")
    return [(fact.data["leg"], fact.data["reason"]) for fact in found]


def files(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.is_file()]


@pytest.mark.clause("krc-5.5.2-11", "krc-5.5.2-12")
def test_a_side_of_a_talk_without_a_row_is_given_one_and_comes_to_its_place(folders: Path) -> None:
    who = contact()
    lies(f"{who}/operator-3", 12.5)
    assert [sweep(), sweep()] == [1, 0]
    row = Recording.objects.get(name=f"{who}/operator-3")
    assert (row.leg, row.ended_at, row.started_at) == ("operator", at(60), at(47.5))
    assert recording.collect(profile=KRC, busy=set(), now=NOW) == 1
    row.refresh_from_db()
    assert (row.duration_s, row.complete, row.retention_until is not None) == (12.5, True, True)


@pytest.mark.clause("krc-5.6.6-15")
def test_a_message_without_a_row_is_work_for_its_box(folders: Path) -> None:
    who = contact()
    state = CallState(who, "c", at(0), box="night")
    Call.objects.create(
        id=who, state="ended", data=as_json(state), owner="sb", started_at=at(0), changed_at=at(60), ended_at=at(60)
    )
    lies(f"{who}/voicemail-2", 4.0)
    assert sweep() == 1
    message = Voicemail.objects.get()
    assert (message.box, message.recording, str(message.contact_id)) == ("night", Recording.objects.get(), who)
    left = facts_of("contact", who).get(kind="voicemail_left")
    said = {"box": "night", "name": f"{who}/voicemail-2", "duration_s": 4.0, "off_hours": False, "adopted": True}
    assert (left.at, left.data) == (at(60), said)


def test_a_file_that_came_later_than_it_was_waited_for_is_kept_all_the_same(folders: Path) -> None:
    one = ended(KRC, lasts_s=3.0)
    recording.collect(profile=KRC, busy=set(), now=at(4 + recording.UNLED_S))
    assert not list(recording.pending())
    lies(one.name)
    assert sweep() == 1
    assert recording.collect(profile=KRC, busy=set(), now=NOW) == 1
    one.refresh_from_db()
    assert (one.removed_at, one.complete) == (None, True)


@pytest.mark.parametrize(
    ("leg", "seconds", "reason"),
    [("voicemail", 0.6, "too_short"), ("voicemail", 0.0, "no_sound"), ("client", 0.0, "no_sound")],
)
def test_what_says_nothing_goes_with_a_fact(folders: Path, leg: str, seconds: float, reason: str) -> None:
    who = contact()
    lies(f"{who}/{leg}-1", seconds)
    assert [sweep(), sweep()] == [1, 0]
    assert discarded(who) == [(leg, reason)]
    assert files(folders) == []


def test_what_was_said_to_be_gone_and_is_not_goes_without_another_fact(folders: Path) -> None:
    who = contact()
    lies(f"{who}/voicemail-1", 0.6)
    said = {"leg": "voicemail", "name": f"{who}/voicemail-1", "reason": "too_short", "duration_s": 0.4}
    journal.record(kind="recording_discarded", subject_type="contact", subject_id=who, data=said, at=at(60))
    assert sweep() == 1
    assert (discarded(who), files(folders)) == ([("voicemail", "too_short")], [])


def test_a_file_that_cannot_be_removed_is_not_said_to_be_gone(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    who = contact()
    lies(f"{who}/client-1", 0.0)

    def read_only(*_: Any, **__: Any) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "unlink", read_only)
    assert [sweep(), sweep(), discarded(who)] == [0, 0, []]


def test_what_somebody_still_asks_for_is_left_to_him(folders: Path) -> None:
    awaited, young, live = ended(KRC), contact(), contact()
    lies(awaited.name)
    lies(f"{young}/client-1", written_at=NOW - leftovers.LEFT + dt.timedelta(seconds=1))
    lies(f"{live}/client-1")
    Call.objects.create(id=live, state="talking", data={}, owner="sb", started_at=at(0), changed_at=at(60))
    lies("somebody/else")
    assert sweep() == 0
    assert len(files(folders)) == 4


def test_a_copy_of_what_is_in_its_place_goes(folders: Path) -> None:
    one = ended(KRC, lasts_s=3.0)
    content = lies(one.name).read_bytes()
    recording.collect(profile=KRC, busy=set(), now=at(70))
    lies(one.name)
    assert sweep() == 1
    one.refresh_from_db()
    assert [path.read_bytes() for path in files(folders)] == [content]
    assert files(folders) == [recording.store() / one.path]


def test_a_file_of_a_contact_that_is_not_known_waits_for_days(folders: Path) -> None:
    """A database that was restored as of yesterday does not know the calls of today."""
    who = str(uuid.uuid4())
    lies(f"{who}/client-1")
    assert sweep() == 0
    assert sweep(at(61) + leftovers.UNKNOWN) == 1
    assert discarded(who) == [("client", "no_contact")]


@pytest.mark.fault("C2")
def test_a_machine_whose_clock_is_behind_lets_nothing_young_go(folders: Path, monkeypatch: Any) -> None:
    """It has dated a file of this moment as one of hours ago."""
    who = contact()
    lies(f"{who}/client-1", 0.0, written_at=at(0))
    monkeypatch.setattr(sweeping, "of_machine", lambda: at(60))
    assert sweep() == 0


def test_empty_folders_go_when_they_are_old(folders: Path) -> None:
    one = ended(KRC, lasts_s=3.0)
    lies(one.name)
    recording.collect(profile=KRC, busy=set(), now=at(70))
    kept = recording.store() / Recording.objects.get(pk=one.pk).path
    place = recording.spool() / str(one.contact_id)
    assert place.is_dir()
    sweep(dt.datetime.now(dt.UTC))
    assert place.is_dir(), "it was changed just now: the engine may be about to write there"
    for folder in (place, kept.parent):
        os.utime(folder, (at(60).timestamp(),) * 2)
    sweep()
    assert (place.exists(), kept.exists()) == (False, True)
    kept.unlink()
    for folder in (kept.parent, kept.parent.parent, kept.parent.parent.parent):
        os.utime(folder, (at(60).timestamp(),) * 2)
    sweep()
    assert not kept.parent.exists()
    assert recording.store().is_dir()


def test_one_file_that_fails_does_not_hold_up_the_others(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"{contact()}/client-1" for _ in range(3)]
    for one in names:
        lies(one)
    working = leftovers.see_to

    def see_to(one: leftovers.Left, **said: Any) -> bool:
        if one.name == names[1]:
            raise ValueError("this one cannot be seen to")
        return working(one, **said)

    monkeypatch.setattr(leftovers, "see_to", see_to)
    assert sweep() == 2

    def away(*_: Any, **__: Any) -> bool:
        raise OperationalError("the server is away")

    monkeypatch.setattr(leftovers, "see_to", away)
    with pytest.raises(OperationalError):
        sweep()
