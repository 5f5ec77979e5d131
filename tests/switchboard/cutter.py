"""A relay between the switchboard and the engine that can fall silent, or swallow the answer to one request."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass, field


@dataclass
class Cutter:
    """Listens on a port of its own and passes everything on to `target`, as long as it is not told otherwise."""

    target: int
    silent: threading.Event = field(default_factory=threading.Event)
    swallow: bytes = b""
    """The answer to the next request that begins so is thrown away, and its connection is closed."""
    swallowed: int = 0

    def __post_init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._ended = False
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._ended = True
        self._server.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while not self._ended:
                near, _ = self._server.accept()
                if self.silent.is_set():
                    self._keep = near  # taken, and never answered
                    continue
                far = socket.create_connection(("127.0.0.1", self.target))
                pair = _Pair(self, near, far)
                threading.Thread(target=pair.up, daemon=True).start()
                threading.Thread(target=pair.down, daemon=True).start()


@dataclass
class _Pair:
    cutter: Cutter
    near: socket.socket
    far: socket.socket
    doomed: bool = False

    def up(self) -> None:
        with contextlib.suppress(OSError):
            while data := self.near.recv(65536):
                self._wait()
                wanted = self.cutter.swallow
                if wanted and data.startswith(wanted):
                    self.cutter.swallow = b""
                    self.doomed = True
                self.far.sendall(data)
        self._end()

    def down(self) -> None:
        with contextlib.suppress(OSError):
            while data := self.far.recv(65536):
                self._wait()
                if self.doomed:
                    self.cutter.swallowed += 1
                    break
                self.near.sendall(data)
        self._end()

    def _wait(self) -> None:
        """While the relay is silent nothing passes and nothing is closed, as behind a firewall that drops."""
        while self.cutter.silent.is_set():
            self.cutter.silent.wait(0.01)
            threading.Event().wait(0.02)

    def _end(self) -> None:
        for one in (self.near, self.far):
            with contextlib.suppress(OSError):
                one.close()
