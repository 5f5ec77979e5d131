"""A place for files, people who give them, and a real virus scanner."""

import datetime as dt
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kindline.connectors.scanning.clamav import ClamAV
from kindline.files.errors import ScannerError
from kindline.files.models import Attachment, Owner
from kindline.files.taking import Upload, take_file
from kindline.staff.models import Employee
from tests.plugins.rude import until

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
APPEAL = Owner("appeal", "12")
CLAMD = shutil.which("clamd") or "/usr/sbin/clamd"
PDF = b"%PDF-1.7 words"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, settings: Any) -> Path:
    """Files below a folder of this test; no scanner is set."""
    settings.KINDLINE = {
        **settings.KINDLINE,
        "paths": {**settings.KINDLINE["paths"], "files": str(tmp_path / "files"), "keys": str(tmp_path / "keys")},
    }
    settings.KEYS = ""
    settings.FILES = {**settings.FILES, "scanner": {}}
    return tmp_path / "files"


@pytest.fixture
def clerk(db: None) -> Employee:
    """Somebody who attaches files."""
    return Employee.objects.create(username="clerk", surname="Орлова", roles=["specialist"])


@pytest.fixture
def upload(tmp_path: Path) -> Callable[..., Upload]:
    """A file as a browser gives it."""

    def give(name: str = "акт.pdf", content: bytes = PDF) -> Upload:
        path = tmp_path / f"given-{len(list(tmp_path.iterdir()))}"
        path.write_bytes(content)
        return Upload(name, path)

    return give


@pytest.fixture
def taken(clerk: Employee, upload: Callable[..., Upload]) -> Callable[..., Attachment]:
    """A file attached to an appeal."""

    def take(name: str = "акт.pdf", content: bytes = PDF, owner: Owner = APPEAL) -> Attachment:
        return take_file(upload=upload(name, content), owner=owner, employee=clerk, now=NOW)

    return take


@dataclass
class Clamd:
    """A real clamd with one signature of our own, which knows the harmless test file of the makers of scanners."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None
    scanner: ClamAV = field(init=False)

    def __post_init__(self) -> None:
        self.scanner = ClamAV(str(self.folder / "clamd.sock"), age_days_max=0)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self.folder / "clamd.log").open("ab") as log:
            words = [CLAMD, "-c", str(self.folder / "clamd.conf")]
            self.process = subprocess.Popen(words, stdout=log, stderr=log)
        until(self._answers, 60, f"clamd does not start: {(self.folder / 'clamd.log').read_text()[-2000:]}")

    def _answers(self) -> bool:
        try:
            return bool(self.scanner.ready(NOW))
        except ScannerError:
            return False

    def stop(self) -> None:
        """End it rudely; the socket stays, as it does after a crash."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)


@pytest.fixture
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clamd]:
    """The scanner, running."""
    folder = tmp_path_factory.mktemp("clamd")
    (folder / "db").mkdir()
    words = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE".hex()
    (folder / "db" / "own.ndb").write_text(f"Eicar-Own-Test:0:*:{words}\n", encoding="ascii")
    lines = ["Foreground yes", f"LocalSocket {folder}/clamd.sock", f"DatabaseDirectory {folder}/db"]
    lines += [f"TemporaryDirectory {folder}", f"User {_user()}", "StreamMaxLength 1M"]
    (folder / "clamd.conf").write_text("\n".join([*lines, ""]), encoding="ascii")
    made = Clamd(folder)
    made.start()
    yield made
    made.stop()


def _user() -> str:
    import pwd

    return pwd.getpwuid(os.getuid()).pw_name
