"""Files lie sealed, each under its own key: nothing of them is to be found on the disk, and any change is noticed."""

import hashlib
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from kindline.files import adopting, checking, erasing, keys, sealing
from kindline.files.errors import BrokenObjectError, LostKeyError, StoreError
from kindline.files.models import Attachment, FileState, SealedContent, StoredFile
from kindline.files.stores import Disk, Spooled, carry, put_bytes, store
from kindline.staff.models import Employee
from tests.files.conftest import APPEAL, NOW, PDF

pytestmark = pytest.mark.db
Take = Callable[..., Attachment]
LARGE = random.Random(7).randbytes(2 * sealing.PIECE + 17)


def lying(place: Path) -> dict[str, bytes]:
    """Everything on the disk, by name."""
    return {path.name: path.read_bytes() for path in place.rglob("*") if path.is_file()}


def read(row: Attachment, clerk: Employee) -> bytes:
    """The content, as it is handed over."""
    with checking.open_file(attachment=row, employee=clerk, now=NOW) as content:
        return content.read()


def opened(sha256: str) -> BinaryIO:
    return store().opened(sha256)


def test_nothing_of_a_file_is_to_be_found_on_the_disk(taken: Take, clerk: Employee, place: Path) -> None:
    row = taken()
    (content,) = lying(place).values()
    assert PDF not in content
    assert row.file.sha256 not in lying(place)
    kept = SealedContent.objects.get()
    assert (kept.sha256, kept.size, kept.key_number) == (row.file.sha256, len(PDF), 1)
    assert read(row, clerk) == PDF


def test_any_part_is_read_however_small_the_bites(place: Path) -> None:
    sha256 = put_bytes(store(), LARGE).sha256
    with opened(sha256) as content:
        content.seek(sealing.PIECE - 3)
        assert content.read(7) == LARGE[sealing.PIECE - 3 : sealing.PIECE + 4]
        assert content.seek(0, os.SEEK_END) == len(LARGE)
        assert content.read(1) == b""
        content.seek(0)
        assert b"".join(iter(lambda: content.read(40_000), b"")) == LARGE
    empty = put_bytes(store(), b"").sha256
    with opened(empty) as content:
        assert content.read() == b""


def test_given_twice_it_is_read_once_and_again(place: Path) -> None:
    first, again = put_bytes(store(), LARGE), put_bytes(store(), LARGE)
    assert first == again
    assert SealedContent.objects.count() == 1
    with opened(first.sha256) as content:
        assert content.read() == LARGE
    for path in place.rglob("*"):
        os.utime(path, (0, 0))
    assert erasing.sweep_orphans(now=NOW) == 2
    assert lying(place) == {}


def test_what_was_changed_or_swapped_is_not_given(taken: Take, clerk: Employee, place: Path) -> None:
    row, other = taken(), taken("other.pdf", PDF + b" other")
    mine, its = (SealedContent.objects.get(sha256=one.file.sha256) for one in (row, other))
    SealedContent.objects.filter(pk=mine.pk).update(sealed_sha256=its.sealed_sha256)
    with pytest.raises(BrokenObjectError):
        read(row, clerk)
    Disk(place).path(its.sealed_sha256).write_bytes(b"half")
    with pytest.raises(BrokenObjectError):
        read(other, clerk)
    assert StoredFile.objects.get(pk=other.file_id).state == FileState.UNREADABLE


def test_erased_its_key_is_destroyed_whatever_the_store_still_has(
    taken: Take, clerk: Employee, place: Path, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    taken()

    def away(*_: Any, **__: Any) -> bool:
        raise StoreError("503")

    with monkeypatch.context() as patched:
        patched.setattr(Disk, "remove", away)
        with django_capture_on_commit_callbacks(execute=True):
            erasing.erase_files(owner=APPEAL, reason="term", employee=clerk, now=NOW)
    assert not SealedContent.objects.exists()
    (name,) = lying(place)
    os.utime(Disk(place).path(name), (0, 0))
    assert erasing.sweep_orphans(now=NOW) == 1
    assert lying(place) == {}


def test_a_lost_key_is_said_and_nothing_is_marked(taken: Take, clerk: Employee, place: Path) -> None:
    row = taken()
    key = keys.folder() / "instance-1.key"
    saved = key.read_bytes()
    key.unlink()
    with pytest.raises(LostKeyError, match="safe copy"):
        read(row, clerk)
    assert StoredFile.objects.get().state == FileState.CLEAN
    key.write_bytes(saved)
    assert read(row, clerk) == PDF


def test_a_newer_key_wraps_and_the_older_one_still_opens(taken: Take, clerk: Employee, place: Path) -> None:
    old = taken()
    (keys.folder() / "instance-2.key").write_bytes(sealing.new_key())
    new = taken("new.pdf", PDF + b" new")
    assert list(SealedContent.objects.order_by("pk").values_list("key_number", flat=True)) == [1, 2]
    assert (read(old, clerk), read(new, clerk)) == (PDF, PDF + b" new")


@pytest.fixture
def open_one(taken: Take, place: Path) -> Attachment:
    """A file of the time before contents were sealed."""
    row = taken()
    for name in lying(place):
        Disk(place).remove(name)
    SealedContent.objects.all().delete()
    put_bytes(Disk(place), PDF)
    return row


def test_a_file_of_the_time_before_is_read_and_then_sealed(open_one: Attachment, clerk: Employee, place: Path) -> None:
    assert list(lying(place)) == [open_one.file.sha256]
    assert read(open_one, clerk) == PDF
    assert (adopting.seal_open(now=NOW), adopting.seal_open(now=NOW)) == (1, 0)
    (name,) = lying(place)
    assert name == SealedContent.objects.get(is_plain_gone=True).sealed_sha256
    assert read(open_one, clerk) == PDF


def test_killed_between_seal_and_open_copy_nothing_is_lost(
    open_one: Attachment, clerk: Employee, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any, **__: Any) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Disk, "remove", killed)
        with pytest.raises(KeyboardInterrupt):
            adopting.seal_open(now=NOW)
    assert len(lying(place)) == 2
    assert read(open_one, clerk) == PDF
    adopting.seal_open(now=NOW)
    taken = hashlib.sha256(PDF).hexdigest()
    assert taken not in lying(place)
    assert read(open_one, clerk) == PDF


def test_what_the_store_has_lost_is_said_and_the_others_are_sealed(
    open_one: Attachment, taken: Take, place: Path
) -> None:
    Disk(place).remove(open_one.file.sha256)
    assert adopting.seal_open(now=NOW) == 0
    file = StoredFile.objects.get(pk=open_one.file_id)
    assert (file.state, file.reason) == (FileState.UNREADABLE, "missing")


def test_what_lies_sealed_is_carried_as_it_lies(place: Path, tmp_path: Path, settings: Any) -> None:
    far = Disk(tmp_path / "far")
    settings.FILES = {**settings.FILES, "far": {"class": "kindline.files.stores.Disk", "folder": str(far.folder)}}
    sha256 = put_bytes(store(), PDF).sha256
    assert isinstance(store().inner, Spooled)
    assert carry(store()) == 1
    assert lying(place) == {}
    (content,) = lying(far.folder).values()
    assert PDF not in content
    with opened(sha256) as found:
        assert found.read() == PDF
