"""T12: the target of a recording is full or read-only in mid-call: said within half a minute, never called recorded."""

import datetime as dt
import os
from pathlib import Path
from typing import Any

import pytest

from kindline.journal.queries import facts_of
from kindline.recordings import keeping, troubles, watching
from kindline.recordings.models import Trouble
from kindline.standard.profile import Profile
from kindline.switchboard import recording as recordings
from kindline.switchboard import sounds
from kindline.switchboard.machine.commands import Keep
from kindline.switchboard.machine.state import CallState, Phase, Track, as_json
from kindline.switchboard.models import Call, Recording
from tests.recordings.conftest import NOW, Make

pytestmark = pytest.mark.db
clause = pytest.mark.clause("krc-5.5.2-11", "krc-5.5.2-12")


def after(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


@pytest.fixture
def call(recorded: Make) -> Call:
    """A talk under way, recorded in two files since NOW."""
    contact = recorded(start=NOW - dt.timedelta(days=1)).contact
    legs = tuple(Track(f"{contact.pk}/{leg}-7", leg, leg, f"ear-{leg}", None, NOW) for leg in ("client", "operator"))
    state = CallState(str(contact.pk), "channel", NOW, Phase.TALKING, tracks=legs)
    return Call.objects.create(
        id=contact.pk, state="talking", data=as_json(state), owner="sb-test", started_at=NOW, changed_at=NOW
    )


def written(call: Call, leg: str, seconds: float) -> Path:
    path = recordings.spool() / f"{call.pk}/{leg}-7.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    sounds.write(path, [500] * int(seconds * sounds.RATE_HZ))
    os.utime(path, (after(seconds).timestamp(),) * 2)
    return path


@clause
def test_a_file_that_stands_still_in_mid_call_is_said_within_half_a_minute(call: Call) -> None:
    written(call, "client", 60)
    written(call, "operator", 40.5)  # its disk is full since then
    assert watching.watch(now=after(45)) == 0
    assert watching.watch(now=after(60)) == 1
    (trouble,) = troubles.present()
    assert (trouble.kind, trouble.gap_s, trouble.contact_id) == ("stalled", 19.5, call.pk)
    (fact,) = facts_of("contact", call.pk).filter(kind="recording_stalled")
    assert (fact.data["leg"], fact.data["gap_s"]) == ("operator", 19.5)
    written(call, "client", 70)
    assert watching.watch(now=after(70)) == 1
    assert Trouble.objects.get().gap_s == 29.5
    assert facts_of("contact", call.pk).filter(kind="recording_stalled").count() == 1
    Call.objects.update(ended_at=after(80))
    assert watching.watch(now=after(80)) == 0
    assert troubles.present() == []


@clause
@pytest.mark.fault("T12")
@pytest.mark.parametrize("failed", [True, False])
def test_t12_what_never_begins_is_said_within_half_a_minute(call: Call, failed: bool) -> None:
    """A spool that cannot be opened: the engine says that it failed, or nothing at all."""
    tracks = [
        Track(f"{call.pk}/{leg}-7", leg, leg, "", asked_at=NOW, stopped_at=NOW if failed else None)
        for leg in ("client", "operator")
    ]
    state = CallState(str(call.pk), "channel", NOW, Phase.TALKING, tracks=tuple(tracks))
    Call.objects.update(data=as_json(state))
    assert watching.watch(now=after(9)) == 0
    assert watching.watch(now=after(11)) == 2
    assert {(one.kind, one.gap_s) for one in troubles.present()} == {("stalled", 11.0)}
    assert facts_of("contact", call.pk).filter(kind="recording_stalled").count() == 2


@clause
@pytest.mark.fault("C2")
@pytest.mark.parametrize("wrong_s", [-3600, 3600])
def test_a_machine_whose_clock_is_wrong_neither_cries_wolf_nor_sleeps(call: Call, wrong_s: float) -> None:
    """Files are dated by the clock of their machine, calls by the database's."""
    for leg, seconds in (("client", 60), ("operator", 40.5)):
        os.utime(written(call, leg, seconds), (after(seconds + wrong_s).timestamp(),) * 2)
    assert watching.watch(now=after(45), by_machine=after(45 + wrong_s)) == 0
    assert watching.watch(now=after(60), by_machine=after(60 + wrong_s)) == 1
    assert [one.subject for one in troubles.present()] == [f"{call.pk}/operator-7"]


@clause
def test_a_recording_with_a_gap_is_never_called_complete(call: Call, krc: Profile, place: Path) -> None:
    written(call, "operator", 40.5)
    written(call, "client", 99)
    ended = [(str(call.pk), Keep(f"{call.pk}/{leg}-7", leg, None, NOW, after(100))) for leg in ("client", "operator")]
    recordings.expect(ended)
    assert recordings.collect(profile=krc, busy=set(), now=after(101)) == 2
    kept = {one.leg: one.complete for one in Recording.objects.filter(name__endswith="-7")}
    assert kept == {"client": True, "operator": False}
    stored = {fact.data["leg"]: fact.data for fact in facts_of("contact", call.pk).filter(kind="recording_stored")}
    assert (stored["operator"]["gap_s"], stored["operator"]["complete"]) == (59.5, False)
    assert stored["client"]["gap_s"] == 0


@clause
def test_a_place_that_is_read_only_loses_nothing_and_is_said(call: Call, krc: Profile, monkeypatch: Any) -> None:
    file = written(call, "client", 60)
    recordings.expect([(str(call.pk), Keep(f"{call.pk}/client-7", "client", None, NOW, after(60)))])

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("kindline.switchboard.recording.shutil.move", full)
        assert recordings.collect(profile=krc, busy=set(), now=after(400)) == 0
    row = Recording.objects.get(name__endswith="client-7")
    assert (row.path, row.removed_at, row.complete) == ("", None, False)
    assert file.exists()
    Call.objects.update(ended_at=after(60))
    assert watching.watch(now=after(75)) == 0
    assert watching.watch(now=after(81)) == 1
    assert [one.kind for one in troubles.present()] == ["unmoved"]
    assert not facts_of("contact", call.pk).filter(kind__in=("recording_stored", "recording_failed")).exists()
    assert recordings.collect(profile=krc, busy=set(), now=after(500)) == 1
    assert watching.watch(now=after(501)) == 0
    assert keeping.seal_waiting(now=after(502)) == 2


@clause
@pytest.mark.parametrize(("is_here", "lasts_s", "found"), [(True, 60, 0), (True, 40, 1), (False, 0, 0)])
def test_each_engine_writes_into_its_own_spool(
    call: Call, place: Path, settings: Any, is_here: bool, lasts_s: float, found: int
) -> None:
    """Calls of a second engine here are looked at where it writes, and not at all where that is elsewhere."""
    Call.objects.update(node="2")
    settings.KINDLINE = {**settings.KINDLINE, "other_spools": {"2": str(place / "second")}}
    if is_here:
        there = place / "second" / "recording"
        for leg, seconds in (("client", 60), ("operator", lasts_s)):
            path = written(call, leg, seconds)
            (there / path.parent.name).mkdir(parents=True, exist_ok=True)
            path.rename(there / path.parent.name / path.name)
    assert watching.watch(now=after(60)) == found


@clause
def test_what_did_not_come_to_its_place_is_found_in_any_spool_of_this_machine(
    recorded: Make, place: Path, settings: Any
) -> None:
    settings.KINDLINE = {**settings.KINDLINE, "other_spools": {"2": str(place / "second")}}
    one = recorded()
    Recording.objects.filter(pk=one.pk).update(path="")
    left = place / "second" / "recording" / f"{one.name}.wav"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"sound")
    assert one.ended_at is not None
    assert watching.watch(now=one.ended_at + dt.timedelta(minutes=1)) == 1
