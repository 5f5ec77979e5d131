"""Kept-alive connections to the engine's HTTP, one request at a time on each.

A call asks the engine some fifteen times. A client for the whole of HTTP spends more on each of these questions than
all the rest of the switchboard (ADR 17); the engine's answers need a status, a length and a body.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
CLOSES = re.compile(rb"\r\nconnection:[ \t]*close", re.IGNORECASE)
HEAD_MAX = 64 * 1024
IDLE_S = 50.0
"""So long an unused connection is kept: a little less than the engine keeps it."""


class BrokenError(OSError):
    """The connection ended, or what came over it is no answer."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    body: bytes
    closes: bool = False
    """The engine takes no more requests over this connection."""


def read(received: bytearray) -> Reply | None:
    """The reply in what has been received; None while it is not whole. Raises: BrokenError."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        if len(received) > HEAD_MAX:
            raise BrokenError("the engine's answer has no end of its head")
        return None
    head = bytes(received[:end])
    if not head.startswith(b"HTTP/1.") or not head[9:12].isdigit():
        raise BrokenError("the engine's answer is not HTTP")
    said = LENGTH.search(head)
    length = int(said[1]) if said else 0
    if len(received) < end + 4 + length:
        return None
    return Reply(int(head[9:12]), bytes(received[end + 4 : end + 4 + length]), CLOSES.search(head) is not None)


class Link(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self.open, self.free_since = False, 0.0
        self._received = bytearray()
        self._waiting: asyncio.Future[Reply] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is there."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self._transport, self.open = transport, True

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone: who waits for an answer gets none."""
        self.open = False
        self._fail(BrokenError(f"the engine closed the connection{f': {exc}' if exc else ''}"))

    def data_received(self, data: bytes) -> None:
        """A part of an answer."""
        self._received += data
        try:
            reply = read(self._received)
        except BrokenError as error:
            self._fail(error)
            self.close()
            return
        if reply is None:
            return
        self._received.clear()
        if reply.closes:
            self.close()
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(reply)

    async def ask(self, request: bytes) -> Reply:
        """Send a request and wait for its answer; who gives up takes the connection with him. Raises: BrokenError."""
        if self._transport is None or not self.open:
            raise BrokenError("the connection is closed")
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            return await self._waiting
        except BaseException:
            self.close()
            raise
        finally:
            self._waiting = None

    def close(self) -> None:
        """End it."""
        self.open = False
        if self._transport is not None:
            self._transport.close()

    def _fail(self, error: BrokenError) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)


class Links:
    """The connections to one engine: as many as are needed at the same time, up to a limit."""

    def __init__(self, url: str, headers: dict[str, str], *, limit: int = 64) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or (443 if parts.scheme == "https" else 80)
        self._ssl = ssl.create_default_context() if parts.scheme == "https" else None
        self._prefix = parts.path
        said = {"Host": parts.netloc.rpartition("@")[2], **headers}
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        self._free: list[Link] = []
        self._room = asyncio.Semaphore(limit)

    async def ask(self, method: str, path: str, body: bytes = b"") -> Reply:
        """One request and its answer. Raises: OSError (BrokenError when there is no answer)."""
        request = self._written(method, path, body)
        async with self._room:
            link = await self._link()
            reply = await link.ask(request)
            if link.open:
                link.free_since = asyncio.get_running_loop().time()
                self._free.append(link)
            return reply

    def close(self) -> None:
        """End all that nobody uses."""
        while self._free:
            self._free.pop().close()

    def _written(self, method: str, path: str, body: bytes) -> bytes:
        kind = "Content-Type: application/json\r\n" if body else ""
        kind += f"Content-Length: {len(body)}\r\n" if body or method != "GET" else ""
        return f"{method} {self._prefix}{path} HTTP/1.1\r\n{self._headers}{kind}\r\n".encode() + body

    async def _link(self) -> Link:
        """The connection that was used last, else a new one."""
        oldest = asyncio.get_running_loop().time() - IDLE_S
        while self._free:
            link = self._free.pop()
            if link.open and link.free_since > oldest:
                return link
            link.close()
        _, made = await asyncio.get_running_loop().create_connection(Link, self._host, self._port, ssl=self._ssl)
        return made
