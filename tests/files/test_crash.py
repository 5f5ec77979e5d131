"""F3: kill -9 between the content and its row; a store that fails, lags or writes by half. Seeded."""

import datetime as dt
import hashlib
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from kindline.files import checking, erasing, queries
from kindline.files.errors import BrokenObjectError, MissingObjectError, StoreError
from kindline.files.models import Attachment, Owner, StoredFile
from kindline.files.stores import Disk, Stored, store
from kindline.staff.models import Employee
from tests.files.conftest import NOW
from tests.plugins.rude import Rude

SEED = 20260302
STEPS = "copied renamed put row_uncommitted committed".split()


def contents(folder: Path) -> set[str]:
    """What lies in the store, by name."""
    return {path.name for path in folder.rglob("*") if path.is_file() and not path.parent.name.startswith("work-")}


@pytest.mark.db(transaction=True)
def test_killed_anywhere_no_row_lacks_its_content_and_orphans_are_swept(rude: Rude, tmp_path: Path) -> None:
    folder, ledger = tmp_path / "kept", tmp_path / "ledger"
    ledger.touch()
    ended = []
    for number, step in enumerate(STEPS * 2):
        words = ["-m", "tests.files.taker", str(folder), str(ledger), str(SEED + number), step]
        ended.append(rude.start(*words).wait(60))
    assert set(ended) <= {0, -signal.SIGKILL}, (rude.folder / "processes.log").read_text()[-3000:]
    assert ended.count(-signal.SIGKILL) >= len(STEPS)
    rows = {str(pk): str(sha256) for pk, sha256 in rude.ask("SELECT id, sha256 FROM files_storedfile")}
    for line in ledger.read_text().splitlines():
        pk, sha256 = line.split()
        assert rows[pk] == sha256  # what was said to be taken is there
    sealed = {
        str(sha256): str(kept) for sha256, kept in rude.ask("SELECT sha256, sealed_sha256 FROM files_sealedcontent")
    }
    needed = {sealed[sha256] for sha256 in rows.values()}
    for name in needed:
        assert hashlib.sha256(Disk(folder).path(name).read_bytes()).hexdigest() == name
    assert contents(folder) > needed  # the killed ones have left something
    for path in folder.rglob("*"):
        os.utime(path, (0, 0))
    rude.run(
        "-c",
        f"""
import django; django.setup()
from django.conf import settings; settings.KINDLINE["paths"]["files"] = {str(folder)!r}
from django.utils import timezone
from kindline.files import erasing
assert erasing.sweep_orphans(now=timezone.now()) > 0
assert erasing.sweep_orphans(now=timezone.now()) == 0
""",
    )
    assert contents(folder) == needed
    assert not list(folder.glob("work-*"))


class RudeStore(Disk):
    """Fails, lags so long that a sweep comes between, or writes by half and says that all is well."""

    chance = random.Random(SEED)

    def put(self, source: Path) -> Stored:
        """Keep a content, or not."""
        what = self.chance.choice(["well", "well", "fails", "lags", "half"])
        if what == "fails":
            raise StoreError("503 slow down")
        kept = super().put(source)
        if what == "half":
            path = self.path(kept.sha256)
            path.write_bytes(path.read_bytes()[: kept.size // 2])
        if what == "lags":
            os.utime(self.path(kept.sha256), (0, 0))
            erasing.sweep_orphans(now=dt.datetime.now(dt.UTC))
        return kept

    def opened(self, sha256: str) -> BinaryIO:
        """The content, or nothing for now."""
        if self.chance.random() < 0.1:
            raise StoreError("503 slow down")
        return super().opened(sha256)


@pytest.mark.db
def test_a_rude_store_never_gives_a_wrong_content_and_no_row_lies(
    taken: Callable[..., Attachment], clerk: Employee, place: Path, settings: Any
) -> None:
    RudeStore.chance = random.Random(SEED)
    settings.FILES = {**settings.FILES, "store": {"class": "tests.files.test_crash.RudeStore", "folder": place}}
    count = {"taken": 0, "failed": 0, "right": 0, "lost": 0, "later": 0}
    for number in range(60):
        try:
            row = taken(f"{number}.txt", f"words {number}".encode(), Owner("appeal", str(number)))
        except StoreError:
            count["failed"] += 1
            assert not queries.of(Owner("appeal", str(number))).exists()
            continue
        count["taken"] += 1
        assert store().holds(row.file.sha256)
        try:
            with checking.open_file(attachment=row, employee=clerk, now=NOW) as content:
                assert content.read() == f"words {number}".encode()
            count["right"] += 1
        except (BrokenObjectError, MissingObjectError):
            assert StoredFile.objects.get(pk=row.file_id).state == "unreadable"
            count["lost"] += 1
        except StoreError:
            assert StoredFile.objects.get(pk=row.file_id).state == "clean"
            count["later"] += 1
    assert all(count.values()), count
    assert count["taken"] == count["right"] + count["lost"] + count["later"]
