"""Quarantine (F1): a real clamd; stopped, or with old signatures, it lets nothing through."""

import datetime as dt
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kindline.connectors.scanning.clamav import ClamAV
from kindline.files import checking, tasks
from kindline.files.errors import BrokenObjectError, MissingObjectError, NotCheckedError, OldDatabaseError, ScannerError
from kindline.files.models import Attachment, FileState, SealedContent, StoredFile
from kindline.files.stores import Disk
from kindline.journal import sweeping
from kindline.journal.models import Fact
from kindline.staff.models import Employee
from tests.files.conftest import EICAR, NOW, Clamd

pytestmark = pytest.mark.db
Take = Callable[..., Attachment]


@pytest.fixture
def scanned(settings: Any, clamd: Clamd) -> Clamd:
    """The scanner is set."""
    clamav = {"class": "kindline.connectors.scanning.clamav.ClamAV", "address": clamd.scanner.address}
    settings.FILES = {**settings.FILES, "scanner": clamav | {"age_days_max": 0}}
    return clamd


@pytest.fixture
def dated(clamd: Clamd, tmp_path: Path) -> Iterator[Callable[[str], ClamAV]]:
    """The real scanner behind a relay that says of when its signatures are (they must be signed to say so itself)."""
    path, said = str(tmp_path / "dated"), [""]
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()

    def relay() -> None:
        while True:
            try:
                wire, _ = listener.accept()
            except OSError:
                return
            with wire, socket.socket(socket.AF_UNIX) as real:
                asked = wire.recv(65536)
                if asked == b"zVERSION\0":
                    wire.sendall(f"ClamAV 1.4.6/27500/{said[0]}\0".encode())
                    continue
                real.connect(clamd.scanner.address)
                while True:
                    real.sendall(asked)
                    if asked.endswith(b"\0\0\0\0"):
                        break
                    asked = wire.recv(65536)
                wire.sendall(real.recv(4096))

    thread = threading.Thread(target=relay, daemon=True)
    thread.start()

    def tell(when: str) -> ClamAV:
        said[0] = when
        return ClamAV(path)

    yield tell
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def state(row: Attachment) -> tuple[str, str]:
    """How the file of an attachment is now."""
    file = StoredFile.objects.get(pk=row.file_id)
    return file.state, file.reason


class TestScanned:
    def test_a_clean_file_opens_and_each_opening_is_a_fact(self, scanned: Clamd, taken: Take, clerk: Employee) -> None:
        row = taken()
        assert state(row) == ("waiting", "")
        with pytest.raises(NotCheckedError):
            checking.open_file(attachment=row, employee=clerk, now=NOW)
        assert checking.check_waiting(scanner=scanned.scanner, now=NOW) == 1
        for _ in range(2):
            checking.open_file(attachment=row, employee=clerk, now=NOW).close()
        opened = list(Fact.objects.filter(kind="file_opened").values_list("actor", "data__owner"))
        assert opened == [(f"employee:{clerk.pk}", "appeal/12")] * 2

    def test_a_virus_is_refused_for_good(self, scanned: Clamd, taken: Take, clerk: Employee) -> None:
        row = taken("ліки.txt", b"words " + EICAR)
        checking.check_waiting(scanner=scanned.scanner, now=NOW)
        assert state(row) == ("refused", "virus: Eicar-Own-Test.UNOFFICIAL")
        with pytest.raises(NotCheckedError):
            checking.open_file(attachment=row, employee=clerk, now=NOW)
        assert not checking.decide(file=row.file, state=FileState.CLEAN, reason="", now=NOW)
        assert state(row)[0] == "refused"

    def test_stopped_it_lets_nothing_through_and_started_it_goes_on(self, scanned: Clamd, taken: Take) -> None:
        scanned.stop()
        good, bad = taken(), taken("b.txt", EICAR)
        assert checking.check_waiting(scanner=scanned.scanner, now=NOW) == 0
        assert state(good) == state(bad) == ("waiting", "scanner_stopped")
        scanned.start()
        assert checking.check_waiting(scanner=scanned.scanner, now=NOW) == 2
        assert (state(good), state(bad)[0]) == (("clean", ""), "refused")

    def test_one_that_the_scanner_refuses_holds_up_no_other(self, scanned: Clamd, taken: Take) -> None:
        large, small = taken("large.txt", b"words" * 400_000), taken("small.txt", b"words")
        for _ in range(2):
            checking.check_waiting(scanner=scanned.scanner, now=NOW, limit=1)
        assert (state(large), state(small)) == (("waiting", "scanner_refused"), ("clean", ""))

    def test_the_job_does_it(self, scanned: Clamd, taken: Take, monkeypatch: pytest.MonkeyPatch) -> None:
        row = taken()
        monkeypatch.setattr(sweeping, "close_old_connections", lambda: None)
        tasks.check_files(0)
        assert state(row) == ("clean", "")


class TestOld:
    @pytest.mark.parametrize(
        ("when", "trusted"),
        [
            ("Mon Mar  2 08:00:00 2026", True),
            ("Tue Feb 24 08:00:00 2026", True),
            ("Sun Feb 22 08:00:00 2026", False),
            ("Sat Jan  1 00:00:00 2000", False),
            ("", False),
            ("nonsense", False),
        ],
    )
    def test_old_signatures_are_not_trusted(
        self, dated: Callable[[str], ClamAV], scanned: Clamd, taken: Take, when: str, trusted: bool
    ) -> None:
        row = taken()
        assert checking.check_waiting(scanner=dated(when), now=NOW) == int(trusted)
        assert state(row) == (("clean", "") if trusted else ("waiting", "scanner_old"))

    def test_a_scanner_that_tells_no_date_is_not_trusted_unless_told_so(self, clamd: Clamd) -> None:
        with pytest.raises(OldDatabaseError):
            ClamAV(clamd.scanner.address).ready(NOW)
        assert clamd.scanner.ready(NOW).startswith("ClamAV")


def test_a_scanner_that_is_not_there_is_named(tmp_path: Path) -> None:
    for address in (str(tmp_path / "nothing"), "127.0.0.1:1"):
        with pytest.raises(ScannerError, match=r"ClamAV at"):
            ClamAV(address).ready(dt.datetime.now(dt.UTC))


@pytest.mark.parametrize(("spoil", "reason"), [(b"other words", "broken"), (None, "missing")])
def test_what_the_store_has_lost_is_said_and_not_given(
    taken: Take, clerk: Employee, place: Path, spoil: bytes | None, reason: str
) -> None:
    row = taken()
    path = Disk(place).path(SealedContent.objects.get().sealed_sha256)
    path.unlink() if spoil is None else path.write_bytes(spoil)
    with pytest.raises(MissingObjectError if spoil is None else BrokenObjectError):
        checking.open_file(attachment=row, employee=clerk, now=NOW)
    assert state(row) == ("unreadable", reason)
    StoredFile.objects.update(state="waiting")
    checking.check_waiting(scanner=None, now=NOW)
    assert state(row) == ("unreadable", reason)
