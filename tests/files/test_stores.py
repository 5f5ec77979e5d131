"""The store: by content, surely on the disk, and never trusted when it is read."""

import datetime as dt
import hashlib
import os
import stat
from pathlib import Path

import pytest

from kindline.files.errors import BrokenObjectError, MissingObjectError, StoreError
from kindline.files.stores import Disk, put_bytes

CONTENT = b"words" * 1000
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    """An empty store."""
    return Disk(tmp_path / "files")


def test_keeps_once_by_content_and_for_the_owner_only(disk: Disk) -> None:
    for _ in range(2):
        kept = put_bytes(disk, CONTENT)
    assert (kept.sha256, kept.size) == (SHA, len(CONTENT))
    assert [path.name for path in disk.folder.rglob("*") if path.is_file()] == [SHA]
    assert stat.S_IMODE(disk.folder.stat().st_mode) == 0o700
    with disk.opened(SHA) as found:
        assert found.read() == CONTENT


@pytest.mark.parametrize("spoilt", [CONTENT[:-1], CONTENT + b"x", b"", CONTENT.replace(b"w", b"W")])
def test_what_was_changed_or_written_by_half_is_not_given(disk: Disk, spoilt: bytes) -> None:
    put_bytes(disk, CONTENT)
    disk.path(SHA).write_bytes(spoilt)
    with pytest.raises(BrokenObjectError):
        disk.opened(SHA)
    put_bytes(disk, CONTENT)  # putting it again mends it
    disk.opened(SHA).close()


def test_what_is_not_there_is_named(disk: Disk) -> None:
    assert not disk.holds(SHA)
    with pytest.raises(MissingObjectError):
        disk.opened(SHA)
    with pytest.raises(ValueError, match="SHA"):
        disk.path("../../etc/passwd")


def test_a_disk_that_cannot_be_written_says_so(disk: Disk, tmp_path: Path) -> None:
    disk.folder.write_bytes(b"a file stands where the folder should be")
    with pytest.raises(StoreError):
        put_bytes(disk, CONTENT)


def test_only_old_contents_are_removed(disk: Disk) -> None:
    put_bytes(disk, CONTENT)
    hour_ago = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    assert list(disk.untouched(hour_ago)) == []
    assert not disk.remove(SHA, untouched_since=hour_ago)
    os.utime(disk.path(SHA), (0, 0))
    assert list(disk.untouched(hour_ago)) == [SHA]
    put_bytes(disk, CONTENT)  # given anew it is young again
    assert not disk.remove(SHA, untouched_since=hour_ago)
    assert disk.remove(SHA)
    assert disk.remove(SHA, untouched_since=hour_ago)


def test_work_that_a_kill_left_behind_is_thrown_away(disk: Disk) -> None:
    left = disk.folder / "work-left"
    left.mkdir(parents=True)
    (left / "content").write_bytes(b"half")
    os.utime(left, (0, 0))
    assert list(disk.untouched(dt.datetime.now(dt.UTC) - dt.timedelta(hours=1))) == []
    assert not left.exists()


def test_all_contents_are_named_and_work_under_way_is_left_alone(disk: Disk) -> None:
    put_bytes(disk, CONTENT)
    left = disk.folder / "work-now"
    left.mkdir()
    os.utime(left, (0, 0))
    assert list(disk.names()) == [SHA]
    assert left.exists()
