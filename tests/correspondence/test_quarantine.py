"""Attachments: nobody is given one that was not found clean; ClamAV is asked over its socket."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kindline.connectors.mail.clamav import ClamAV
from kindline.correspondence import quarantine
from kindline.correspondence.errors import NotCheckedError, UnreachableError
from kindline.correspondence.models import Attachment, AttachmentState, Incoming
from kindline.journal.models import Fact
from kindline.staff.models import Employee
from tests.correspondence.conftest import NOW
from tests.correspondence.letters import TEXT, file, parts

pytestmark = pytest.mark.db
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
Take = Callable[[bytes], Incoming]


@dataclass
class Clamd:
    """Speaks ClamAV's INSTREAM and finds the test signature."""

    address: str


@pytest.fixture
def clamd(tmp_path: Path) -> Iterator[Clamd]:
    """A scanner at a socket."""
    path = str(tmp_path / "clamd")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()

    def exactly(wire: socket.socket, size: int) -> bytes:
        found = b""
        while len(found) < size and (piece := wire.recv(size - len(found))):
            found += piece
        return found

    def serve() -> None:
        while True:
            try:
                wire, _ = listener.accept()
            except OSError:
                return
            with wire:
                assert exactly(wire, 10) == b"zINSTREAM\0"
                content = b""
                while size := struct.unpack(">I", exactly(wire, 4))[0]:
                    content += exactly(wire, size)
                wire.sendall(b"stream: Eicar-Test FOUND\0" if EICAR in content else b"stream: OK\0")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield Clamd(path)
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


@pytest.fixture
def row(taken: Take) -> Incoming:
    """A letter with a clean file and one with the test signature."""
    return taken(parts(TEXT, file("filename=a.txt", b"words"), file("filename=b.txt", EICAR)))


def test_waits_until_it_is_looked_at(row: Incoming) -> None:
    me = Employee.objects.create(username="me")
    first = row.attachments.get(position=1)
    assert first.state == AttachmentState.QUARANTINED
    with pytest.raises(NotCheckedError):
        quarantine.open_attachment(attachment=first, employee=me, now=NOW)
    assert quarantine.check_waiting(scanner=None, now=NOW) == 2
    path = quarantine.open_attachment(attachment=Attachment.objects.get(pk=first.pk), employee=me, now=NOW)
    assert path.read_bytes() == b"words"
    assert path.name == first.sha256
    assert Fact.objects.filter(kind="attachment_opened").count() == 1


def test_a_virus_is_refused_for_good(row: Incoming, clamd: Clamd) -> None:
    assert quarantine.check_waiting(scanner=ClamAV(clamd.address), now=NOW) == 2
    states = dict(row.attachments.values_list("position", "state"))
    assert states == {1: AttachmentState.CLEAN, 2: AttachmentState.REFUSED}
    bad = row.attachments.get(position=2)
    assert bad.reason == "virus: Eicar-Test"
    quarantine.decide(attachment=bad, virus="", now=NOW)
    assert row.attachments.get(position=2).state == AttachmentState.REFUSED


def test_without_the_scanner_they_stay_where_they_are(row: Incoming, tmp_path: Path) -> None:
    gone = ClamAV(str(tmp_path / "nothing"))
    with pytest.raises(UnreachableError):
        gone.found_in(tmp_path)
    assert quarantine.check_waiting(scanner=gone, now=NOW) == 0
    assert row.attachments.filter(state=AttachmentState.QUARANTINED).count() == 2
