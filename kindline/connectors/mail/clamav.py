"""ClamAV asked over its socket: the file is streamed to it, a piece at a time."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

from kindline.correspondence.errors import UnreachableError

TIMEOUT_S = 60
PIECE = 64 * 1024
FOUND, CLEAN = "FOUND", "OK"


class ClamAV:
    """A scanner by its socket: a path, or host:port."""

    def __init__(self, address: str) -> None:
        self.address = address

    def found_in(self, path: Path) -> str:
        """The name of what was found; empty where the file is clean. Raises: UnreachableError."""
        try:
            with self._connected() as wire, path.open("rb") as file:
                wire.sendall(b"zINSTREAM\0")
                while piece := file.read(PIECE):
                    wire.sendall(struct.pack(">I", len(piece)) + piece)
                wire.sendall(struct.pack(">I", 0))
                return self._understood(self._said(wire))
        except OSError as error:
            raise UnreachableError(f"ClamAV at {self.address}: {error}") from error

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

    def _understood(self, said: str) -> str:
        words = said.removeprefix("stream: ")
        if words.endswith(FOUND):
            return words.removesuffix(FOUND).strip() or "virus"
        if words == CLEAN:
            return ""
        raise UnreachableError(f"ClamAV at {self.address} answers {said!r}")
