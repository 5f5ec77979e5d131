"""Recordings: found, checked, named, and kept as long as the standard says."""

from __future__ import annotations

import datetime as dt
import hashlib
import struct
import uuid
from pathlib import Path
from typing import Any

import pytest

from kindline.conversations import actions as conversations
from kindline.journal.queries import facts_of
from kindline.standard import loader
from kindline.standard.profile import Profile
from kindline.switchboard import recording, sounds
from kindline.switchboard.machine.commands import Keep
from kindline.switchboard.models import Call, Recording
from tests.switchboard.people import at

clause = pytest.mark.clause


@pytest.fixture
def folders(settings: Any, tmp_path: Path) -> Path:
    """An engine's spool and a place for recordings."""
    paths = {**settings.KINDLINE["paths"], "asterisk_spool": str(tmp_path / "spool")}
    settings.KINDLINE = {**settings.KINDLINE, "paths": {**paths, "recordings": str(tmp_path / "kept")}}
    (tmp_path / "spool" / "recording").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def krc() -> Profile:
    return loader.load("krc")


def ended(
    profile: Profile, *, leg: str = "client", start: dt.datetime | None = None, lasts_s: float = 60.0
) -> Recording:
    """A recording that the engine has finished."""
    begun = start or at(0)
    contact = conversations.open_contact(profile=profile, channel="phone", contact_id=uuid.uuid4(), now=begun)
    name = f"{contact.pk}/{leg}-1"
    recording.expect([(str(contact.pk), Keep(name, leg, None, begun, begun + dt.timedelta(seconds=lasts_s)))])
    return Recording.objects.get(name=name)


def written(one: Recording, seconds: float = 2.0) -> Path:
    """The engine's file of it."""
    path = recording.spool() / f"{one.name}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    sounds.write(path, [1000, -1000] * int(seconds * sounds.RATE_HZ / 2))
    return path


def cut(path: Path) -> None:
    """Leave the file as it is when its writer dies: the head says nothing of the length."""
    with path.open("r+b") as file:
        file.seek(4)
        file.write(struct.pack("<I", 36))
        file.seek(40)
        file.write(struct.pack("<I", 0))


# --- how long ---
@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        ("2026-03-02", "30 days", "2026-04-01"),
        ("2026-03-02", "2 weeks", "2026-03-16"),
        ("2026-03-02", "6 months", "2026-09-02"),
        ("2026-08-31", "6 months", "2027-02-28"),
        ("2027-12-31", "2 months", "2028-02-29"),
        ("2026-12-15", "1 month", "2027-01-15"),
        ("2028-02-29", "1 year", "2029-02-28"),
    ],
)
def test_a_period_is_added_by_the_calendar(start: str, period: str, end: str) -> None:
    assert recording.added(dt.date.fromisoformat(start), period) == dt.date.fromisoformat(end)


@pytest.mark.parametrize("wrong", ["", "half a year", "6", "-1 days", "6 moons"])
def test_what_is_no_period_is_said(wrong: str) -> None:
    with pytest.raises(recording.RetentionError, match="is not a period"):
        recording.added(dt.date(2026, 3, 2), wrong)


@pytest.mark.db
@clause("krc-5.5.2-14")
@pytest.mark.parametrize("profile", loader.profile_ids())
def test_a_recording_is_kept_as_long_as_its_profile_says(folders: Path, profile: str) -> None:
    standard = loader.load(profile)
    said = standard.variables.get("recording_retention") or standard.variables.get("recording_retention_assumed")
    one = ended(standard)
    written(one)
    assert recording.collect(profile=standard, busy=set(), now=at(70)) == 1
    kept = Recording.objects.get(pk=one.pk)
    day = at(0).astimezone(standard.zone).date()
    assert kept.retention_until == (recording.added(day, str(said)) if said else None)
    fact = list(facts_of("contact", one.contact_id))[-1]
    assert fact.kind == "recording_stored"
    if kept.retention_until:
        assert dt.datetime.fromisoformat(fact.data["retention_until"]).astimezone(standard.zone).date() == (
            kept.retention_until
        )


def test_the_day_is_that_of_the_organisation_s_zone(krc: Profile) -> None:
    assert recording.until(krc, dt.date(2026, 3, 2)) == dt.date(2026, 9, 2)


# --- the file ---
@pytest.mark.db
@clause("krc-5.5.2-11", "krc-5.5.2-12")
def test_the_file_comes_to_its_place_with_its_digest_and_its_true_length(folders: Path, krc: Profile) -> None:
    legs = [ended(krc, leg="client", lasts_s=2.0), ended(krc, leg="operator", lasts_s=3.5)]
    contents = {one.pk: written(one, seconds).read_bytes() for one, seconds in zip(legs, (2.0, 3.5), strict=True)}
    assert recording.collect(profile=krc, busy=set(), now=at(70)) == 2
    for one, seconds in zip(legs, (2.0, 3.5), strict=True):
        kept = Recording.objects.get(pk=one.pk)
        path = recording.store() / kept.path
        assert kept.path == f"2026/03/{one.name}.wav"
        assert path.read_bytes() == contents[one.pk]
        assert kept.sha256 == hashlib.sha256(contents[one.pk]).hexdigest()
        assert (kept.duration_s, kept.complete, kept.leg) == (seconds, True, one.leg)
    assert not list(recording.spool().rglob("*.wav"))


@pytest.mark.db
def test_a_file_that_was_cut_off_is_mended_and_marked(folders: Path, krc: Profile) -> None:
    one = ended(krc)
    cut(written(one, 2.0))
    recording.collect(profile=krc, busy=set(), now=at(70))
    kept = Recording.objects.get(pk=one.pk)
    assert (kept.complete, kept.duration_s) == (False, 2.0)
    assert kept.sha256 == hashlib.sha256((recording.store() / kept.path).read_bytes()).hexdigest()
    assert list(facts_of("contact", one.contact_id))[-1].data["complete"] is False


@pytest.mark.db
def test_a_file_that_is_still_written_is_left_alone(folders: Path, krc: Profile) -> None:
    one = ended(krc)
    path = written(one)
    assert recording.collect(profile=krc, busy={one.name}, now=at(70)) == 0
    assert path.exists()
    assert recording.collect(profile=krc, busy=set(), now=at(71)) == 1


@pytest.mark.db
def test_killed_between_the_move_and_the_row_the_file_is_found_at_its_place(folders: Path, krc: Profile) -> None:
    one = ended(krc)
    content = written(one).read_bytes()
    assert recording.fetch(one.name, one.started_at) is not None  # and here the process dies
    assert Recording.objects.get(pk=one.pk).path == ""
    assert recording.collect(profile=krc, busy=set(), now=at(80)) == 1
    assert Recording.objects.get(pk=one.pk).sha256 == hashlib.sha256(content).hexdigest()


class KilledError(BaseException):
    """The process dies here."""


def dies(*_: Any, **__: Any) -> None:
    raise KilledError


def half_moved(source: Path, target: Path) -> None:
    """A move to another file system, killed in the midst of it."""
    Path(target).write_bytes(Path(source).read_bytes()[:100])
    raise KilledError


def moved_and_dead(source: Path, target: Path) -> None:
    Path(source).rename(target)
    raise KilledError


@pytest.mark.db
@pytest.mark.parametrize(
    ("what", "kill"),
    [
        ("shutil.move", dies),
        ("shutil.move", half_moved),
        ("shutil.move", moved_and_dead),
        ("Path.replace", dies),
        ("mend", dies),
        ("_digest", dies),
        ("keep", dies),
    ],
)
def test_killed_at_any_step_a_recording_is_whole_in_its_place_after_the_next(
    folders: Path, krc: Profile, monkeypatch: pytest.MonkeyPatch, what: str, kill: Any
) -> None:
    one = ended(krc, lasts_s=2.0)
    content = written(one).read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(f"kindline.switchboard.recording.{what}", kill)
        with pytest.raises(KilledError):
            recording.collect(profile=krc, busy=set(), now=at(70))
    assert recording.collect(profile=krc, busy=set(), now=at(61 + 2 * recording.GIVE_UP_S)) == 1
    kept = Recording.objects.get(pk=one.pk)
    assert (kept.sha256, kept.complete) == (hashlib.sha256(content).hexdigest(), True)
    files = [path for folder in (recording.spool(), recording.store()) for path in folder.rglob("*") if path.is_file()]
    assert files == [recording.store() / kept.path]


@pytest.mark.db
def test_what_one_node_is_about_to_put_there_is_no_other_nodes(
    folders: Path, krc: Profile, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nodes that share a store: the half of a copy that one makes is not taken for its whole by the other."""
    one = ended(krc, lasts_s=2.0)
    content = written(one).read_bytes()
    here, elsewhere = settings.KINDLINE, settings.KINDLINE["paths"] | {"asterisk_spool": str(folders / "other")}

    def copied(source: Path, target: Path) -> None:
        Path(target).write_bytes(content[:100])
        settings.KINDLINE = here | {"node": "2", "paths": elsewhere}
        assert recording.collect(profile=krc, busy=set(), now=at(70)) == 0
        settings.KINDLINE = here
        Path(target).write_bytes(content)
        Path(source).unlink()

    monkeypatch.setattr("kindline.switchboard.recording.shutil.move", copied)
    assert recording.collect(profile=krc, busy=set(), now=at(70)) == 1
    assert Recording.objects.get(pk=one.pk).sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.db
def test_what_says_something_but_is_no_sound_that_we_know_is_kept_and_never_called_complete(
    folders: Path, krc: Profile
) -> None:
    one = ended(krc, lasts_s=2.0)
    written(one).write_bytes(b"not a wave file at all, but whatever somebody said into it")
    assert recording.collect(profile=krc, busy=set(), now=at(70)) == 1
    kept = Recording.objects.get(pk=one.pk)
    assert (kept.path != "", kept.complete, kept.duration_s) == (True, False, None)
    assert kept.retention_until is not None


@pytest.mark.db
@pytest.mark.parametrize(("led", "limit_s"), [(True, recording.GIVE_UP_S), (False, recording.UNLED_S)])
def test_a_file_that_never_came_is_said_once_and_not_before_its_time(
    folders: Path, krc: Profile, led: bool, limit_s: float
) -> None:
    """Of what no call of ours has left, the file may be with the engine of another node: it is waited for long."""
    one = ended(krc)
    if led:
        Call.objects.create(id=one.contact_id, state="ended", data={}, owner="sb", started_at=at(0), changed_at=at(60))
    recording.collect(profile=krc, busy=set(), now=at(60 + limit_s))
    assert list(facts_of("contact", one.contact_id))[-1].kind == "contact_opened"
    for later in (1, 2):
        recording.collect(profile=krc, busy=set(), now=at(60 + limit_s + later))
    failed = [fact for fact in facts_of("contact", one.contact_id) if fact.kind == "recording_failed"]
    assert [fact.data["reason"] for fact in failed] == ["no_file"]
    assert not list(recording.pending())


@pytest.mark.db
def test_what_another_node_puts_in_its_place_at_that_moment_stays(
    folders: Path, krc: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = ended(krc)
    target = recording.store() / "2026/03" / f"{one.name}.wav"

    def fetch(*_: Any) -> None:
        target.parent.mkdir(parents=True)
        target.write_bytes(b"of the other node")

    monkeypatch.setattr(recording, "fetch", fetch)
    recording.collect(profile=krc, busy=set(), now=at(70 + recording.UNLED_S))
    assert target.exists()


@pytest.mark.db
def test_one_file_that_is_no_sound_does_not_hold_up_the_others(folders: Path, krc: Profile) -> None:
    bad, good = ended(krc), ended(krc, leg="operator")
    written(good)
    path = recording.spool() / f"{bad.name}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    recording.collect(profile=krc, busy=set(), now=at(70))
    assert Recording.objects.get(pk=good.pk).path
    recording.collect(profile=krc, busy=set(), now=at(61 + recording.GIVE_UP_S))
    assert Recording.objects.get(pk=bad.pk).removed_at is not None
    assert list(facts_of("contact", bad.contact_id))[-1].data["reason"] == "no_sound"
    assert not [path for path in folders.rglob(f"{bad.name}*") if path.is_file()]


@pytest.mark.db
def test_an_ended_recording_is_expected_once(folders: Path, krc: Profile) -> None:
    one = ended(krc)
    recording.expect([(str(one.contact_id), Keep(one.name, "client", None, at(5), at(6)))])
    again = Recording.objects.get(name=one.name)
    assert (again.pk, again.started_at) == (one.pk, one.started_at)


@pytest.mark.db
@pytest.mark.fault("T12")
@pytest.mark.parametrize(
    ("before_the_end_s", "complete", "gap_s"), [(0.4, True, 0), (1.4, False, 1.4), (7.0, False, 7)]
)
def test_t12_what_the_engine_ended_a_second_too_early_is_not_complete(
    before_the_end_s: float, complete: bool, gap_s: float, krc: Profile, folders: Path
) -> None:
    """A disk that is full for the last seconds of a talk costs them; the engine says so only by ending."""
    one = ended(krc, lasts_s=60)
    Recording.objects.filter(pk=one.pk).update(stopped_at=at(60) - dt.timedelta(seconds=before_the_end_s))
    written(one, 60 - before_the_end_s)
    assert recording.collect(profile=krc, busy=set(), now=at(61)) == 1
    one.refresh_from_db()
    assert one.complete is complete
    [fact] = facts_of("contact", one.contact_id).filter(kind="recording_stored")
    assert (fact.data["complete"], fact.data["gap_s"]) == (complete, gap_s)
