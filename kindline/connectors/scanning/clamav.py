"""ClamAV asked over its socket: how old its signatures are, and what it finds in a content streamed to it."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import socket
import struct
from collections.abc import Callable
from typing import BinaryIO

from kindline.files.errors import OldDatabaseError, ScannerError

TIMEOUT_S = 60
PIECE = 64 * 1024
FOUND, CLEAN = "FOUND", "OK"
AGE_DAYS_MAX = 7
MADE = re.compile(r"/\w{3} (\w{3}) +(\d+) (\d\d:\d\d:\d\d) (\d{4})$")
"""How clamd says of when its daily signatures are: /Thu Nov 27 09:30:00 2025."""


class ClamAV:
    """A scanner by its socket: a path, or host:port. `age_days_max` 0: the age of its signatures is not asked."""

    def __init__(self, address: str, age_days_max: int = AGE_DAYS_MAX) -> None:
        self.address, self.age_days_max = address, age_days_max

    def ready(self, now: dt.datetime) -> str:
        """Version and date of the signatures. Raises: ScannerError; OldDatabaseError, also where no date is told."""
        said = self._told(b"zVERSION\0", lambda _wire: None)
        if not self.age_days_max:
            return said
        made = _made(said)
        if made is None:
            raise OldDatabaseError(f"ClamAV at {self.address} does not tell how old its signatures are: {said!r}")
        if now - made > dt.timedelta(days=self.age_days_max):
            raise OldDatabaseError(f"the signatures of ClamAV at {self.address} are of {made:%Y-%m-%d}: run freshclam")
        return said

    def found_in(self, file: BinaryIO) -> str:
        """The name of what was found; empty where the content is clean. Raises: ScannerError."""

        def stream(wire: socket.socket) -> None:
            with contextlib.suppress(ConnectionError):  # it has had enough, and says why
                while piece := file.read(PIECE):
                    wire.sendall(struct.pack(">I", len(piece)) + piece)
                wire.sendall(struct.pack(">I", 0))

        words = self._told(b"zINSTREAM\0", stream).removeprefix("stream: ")
        if words.endswith(FOUND):
            return words.removesuffix(FOUND).strip() or "virus"
        if words == CLEAN:
            return ""
        raise ScannerError(f"ClamAV at {self.address} answers {words!r}")

    def _told(self, command: bytes, more: Callable[[socket.socket], None]) -> str:
        try:
            with self._connected() as wire:
                wire.sendall(command)
                more(wire)
                return self._said(wire)
        except OSError as error:
            raise ScannerError(f"ClamAV at {self.address}: {error}") from error

    def _connected(self) -> socket.socket:
        host, colon, port = self.address.rpartition(":")
        if colon and port.isdecimal():
            return socket.create_connection((host, int(port)), timeout=TIMEOUT_S)
        wire = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        wire.settimeout(TIMEOUT_S)
        try:
            wire.connect(self.address)
        except OSError:
            wire.close()
            raise
        return wire

    def _said(self, wire: socket.socket) -> str:
        said = b""
        while b"\0" not in said and len(said) < 4096 and (piece := wire.recv(4096)):
            said += piece
        return said.rstrip(b"\0").decode("utf-8", "replace").strip()


def _made(said: str) -> dt.datetime | None:
    found = MADE.search(said)
    if not found:
        return None
    try:
        # it is said in the machine's own zone
        return dt.datetime.strptime(" ".join(found.groups()), "%b %d %H:%M:%S %Y").astimezone()
    except ValueError:
        return None
