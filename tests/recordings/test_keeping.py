"""Recordings are sealed, stored, read back, and only then the plain file goes; a kill at any step loses nothing."""

import datetime as dt
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from kindline.files import keys, stores
from kindline.files.errors import StoreError
from kindline.journal.queries import facts_of
from kindline.recordings import keeping, listening, places, troubles
from kindline.recordings.models import Seal, Trouble
from kindline.switchboard.models import Recording
from tests.recordings.conftest import NOW, Make

pytestmark = pytest.mark.db


def plain_files(place: Path) -> list[Path]:
    return [path for path in (place / "recordings").rglob("*") if path.is_file()]


def contents(place: Path) -> list[Path]:
    return [path for path in (place / "vault").rglob("*") if path.is_file()]


@pytest.mark.clause("krc-5.5.2-11", "krc-5.5.2-12")
def test_a_recording_is_sealed_and_is_heard_as_it_was(recorded: Make, place: Path) -> None:
    one, other = recorded(12.0), recorded(1.0, leg="operator")
    was = {row.pk: places.plain(row).read_bytes() for row in (one, other)}
    assert keeping.seal_waiting(now=NOW) == 2
    assert not plain_files(place)
    for row in (one, other):
        seal = Seal.objects.get(recording=row)
        kept = stores.Disk(place / "vault").path(seal.sha256).read_bytes()
        assert was[row.pk][44:400] not in kept
        assert (seal.size, seal.key_number, seal.is_plain_gone) == (len(was[row.pk]), 1, True)
        assert listening.content(row, NOW) == was[row.pk]
        assert facts_of("contact", row.contact_id).filter(kind="recording_sealed").count() == 1
    first, second = (bytes(seal.key or b"") for seal in Seal.objects.all())
    assert first != second, "one key for two recordings"
    assert keeping.seal_waiting(now=NOW) == 0


def test_parts_of_a_sealed_recording_are_read_by_themselves(recorded: Make) -> None:
    one = recorded(20.0)
    was = places.plain(one).read_bytes()
    keeping.seal_waiting(now=NOW)
    for first, length in ((0, 44), (70_000, 3), (131_000, 150_000), (len(was) - 4, 4)):
        assert b"".join(listening.opened(one, NOW).read(first, length)) == was[first : first + length]


@pytest.mark.parametrize("step", ["wrap", "put", "read_back", "row", "unlink"])
def test_killed_at_a_step_nothing_is_lost(step: str, recorded: Make, place: Path, monkeypatch: Any) -> None:
    one = recorded()
    was = places.plain(one).read_bytes()

    def dies(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        at = {
            "wrap": (keys, "wrap"), "put": (stores.Disk, "put"), "read_back": (keeping, "_read_back"),
            "row": (keeping, "_write_row"), "unlink": (keeping, "_let_plain_go"),
        }[step]  # fmt: skip
        patched.setattr(*at, dies)
        with pytest.raises(KeyboardInterrupt):
            keeping.seal_waiting(now=NOW)
    assert listening.content(one, NOW) == was
    keeping.seal_waiting(now=NOW)
    assert listening.content(one, NOW) == was
    assert not plain_files(place)
    for path in (place / "vault").rglob("*"):
        os.utime(path, (0, 0))
    keeping.sweep_orphans(now=NOW)
    seal = Seal.objects.get(recording=one)
    assert [path.name for path in contents(place)] == [seal.sha256]
    assert listening.content(one, NOW) == was


def test_what_is_not_what_was_recorded_is_never_sealed_and_is_said(recorded: Make, place: Path) -> None:
    spoilt, short, gone, good = recorded(), recorded(), recorded(), recorded()
    places.plain(spoilt).write_bytes(places.plain(good).read_bytes()[:-2] + b"xx")
    Recording.objects.filter(pk=short.pk).update(duration_s=9.0)
    places.plain(gone).unlink()
    assert keeping.seal_waiting(now=NOW) == 1
    assert keeping.seal_waiting(now=NOW) == 0, "what is broken is not tried again and again"
    said = dict(Trouble.objects.filter(kind="broken").values_list("subject", "detail"))
    assert set(said) == {spoilt.name, short.name, gone.name}
    assert "hash" in said[spoilt.name]
    assert "9.0 s" in said[short.name]
    (fact,) = facts_of("contact", gone.contact_id).filter(kind="recording_broken")
    assert fact.data["reason"] == "its file is not there"
    assert places.plain(spoilt).exists()


def test_a_store_that_is_away_is_said_until_it_is_back(recorded: Make, monkeypatch: Any) -> None:
    one = recorded()

    def away(*_: Any) -> Any:
        raise StoreError("503 slow down")

    with monkeypatch.context() as patched:
        patched.setattr(stores.Disk, "put", away)
        assert keeping.seal_waiting(now=NOW) == 0
    (trouble,) = troubles.present()
    assert (trouble.kind, trouble.detail) == ("store", "503 slow down")
    assert keeping.seal_waiting(now=NOW) == 1
    assert troubles.present() == []
    assert listening.content(one, NOW)


def test_hash_and_length_are_verified_when_it_is_read(recorded: Make, place: Path) -> None:
    one, other, plain = recorded(), recorded(), None
    keeping.seal_waiting(now=NOW)
    plain = recorded()
    path = stores.Disk(place / "vault").path(Seal.objects.get(recording=one).sha256)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    Seal.objects.filter(recording=other).update(size=9)
    places.plain(plain).write_bytes(b"RIFF")
    for broken in (one, other, plain):
        with pytest.raises(listening.RecordingError):
            listening.opened(broken, NOW)
        assert facts_of("contact", broken.contact_id).filter(kind="recording_broken").count() == 1
    assert len(troubles.present()) == 3


@pytest.mark.parametrize("path", ["../keys/instance-1.key", "/etc/passwd", "."])
def test_a_row_that_points_elsewhere_is_not_followed(path: str, recorded: Make) -> None:
    one = recorded(path=path)
    with pytest.raises(listening.RecordingError):
        listening.opened(one, NOW)
    assert keeping.seal_waiting(now=NOW) == 0


def test_carried_to_a_real_s3_server_it_is_heard_from_there(
    recorded: Make, place: Path, settings: Any, bucket: dict[str, Any]
) -> None:
    settings.RECORDINGS = {**settings.RECORDINGS, "far": bucket}
    one, before = recorded(15.0), recorded(1.0)
    was = places.plain(one).read_bytes()
    assert keeping.seal_waiting(now=NOW) == 2
    assert len(contents(place)) == 2
    now = dt.datetime.now(dt.UTC)
    assert stores.carry(places.vault()) == 2
    assert stores.carry(places.vault()) == 0
    assert not contents(place)
    assert listening.content(one, NOW) == was
    assert b"".join(listening.opened(one, NOW).read(70_000, 10)) == was[70_000:70_010]
    far: Any = places.vault()
    seal = Seal.objects.get(recording=one)
    with far.opened(seal.sha256) as there:
        assert hashlib.sha256(there.read()).hexdigest() == seal.sha256
    assert keeping.sweep_orphans(now=now + dt.timedelta(days=2)) == 0
    Seal.objects.filter(recording=before).update(key=None)
    assert keeping.sweep_orphans(now=now + dt.timedelta(days=2)) == 1
