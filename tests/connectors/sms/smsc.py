"""A centre of a network: a real SMPP 3.4 server that keeps a ledger of what it was given and can be told to be rude."""

from __future__ import annotations

import asyncio
import itertools
import struct
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from kindline.connectors.sms.deliveries import decoded

BIND, BIND_RESP = 0x00000009, 0x80000009
SUBMIT, SUBMIT_RESP = 0x00000004, 0x80000004
DELIVER, DELIVER_RESP = 0x00000005, 0x80000005
UNBIND, UNBIND_RESP = 0x00000006, 0x80000006
ENQUIRE, ENQUIRE_RESP = 0x00000015, 0x80000015
OK, THROTTLED, REFUSED, OF_ITS_OWN = 0, 0x58, 0x0B, 0x0491


@dataclass
class Given:
    """What was handed over: the ledger kept outside the product."""

    to: str
    text: str
    udh: tuple[int, int, int] | None
    id: str
    coding: int


@dataclass
class Smsc:
    """The server; `rude` decides what to do with a submission (by its place in the ledger)."""

    port: int = 0
    ledger: list[Given] = field(default_factory=list)
    ids: Iterator[str] = field(default_factory=lambda: (f"{n:08X}" for n in itertools.count(0xA100)))
    statuses: list[int] = field(default_factory=list)
    on_submit: Callable[[Smsc, Given], Any] | None = None
    before_answer: Callable[[Smsc, Given], Any] | None = None
    cut_after: set[int] = field(default_factory=set)
    hold: asyncio.Event | None = None
    acknowledged: list[int] = field(default_factory=list)
    binds: int = 0
    writer: asyncio.StreamWriter | None = None
    waiting: dict[int, asyncio.Future[int]] = field(default_factory=dict)
    sequence: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    loop: asyncio.AbstractEventLoop | None = None

    @property
    def url(self) -> str:
        """How it is named in the settings."""
        return f"smpp://kindline:secret@127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One session."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readexactly(16)
                length, command, status, number = struct.unpack("!IIII", head)
                body = await reader.readexactly(length - 16)
                if command == SUBMIT:
                    asyncio.get_running_loop().create_task(self.taken(writer, number, body))
                else:
                    self.other(writer, command, status, number)
        writer.close()

    def other(self, writer: asyncio.StreamWriter, command: int, status: int, number: int) -> None:
        """Everything but a submission."""
        if command == BIND:
            self.binds, self.writer = self.binds + 1, writer
            _send(writer, BIND_RESP, OK, number, b"centre\x00")
        elif command == ENQUIRE:
            _send(writer, ENQUIRE_RESP, OK, number)
        elif command == UNBIND:
            _send(writer, UNBIND_RESP, OK, number)
        elif command == DELIVER_RESP:
            self.acknowledged.append(status)
            if number in self.waiting:
                self.waiting.pop(number).set_result(status)

    async def taken(self, writer: asyncio.StreamWriter, number: int, body: bytes) -> None:
        """A submission: written into the ledger, then answered as it was told."""
        status = self.statuses.pop(0) if self.statuses else OK
        if status != OK:
            _send(writer, SUBMIT_RESP, status, number)
            return
        given = _given(body, next(self.ids))
        self.ledger.append(given)
        place = len(self.ledger)
        if self.before_answer:
            await _maybe(self.before_answer(self, given))
        if place in self.cut_after:
            writer.transport.abort()
            return
        if self.hold is not None:
            await self.hold.wait()
        _send(writer, SUBMIT_RESP, OK, number, given.id.encode() + b"\x00")
        if self.on_submit:
            await _maybe(self.on_submit(self, given))

    async def tell(
        self, source: str, to: str, content: bytes, *, esm: int = 0, coding: int = 0, tags: bytes = b""
    ) -> int:
        """A deliver_sm; the status with which it was taken."""
        number = next(self.sequence)
        body = b"\x00\x01\x01" + source.encode() + b"\x00\x01\x01" + to.encode() + b"\x00"
        body += bytes([esm, 0, 0]) + b"\x00\x00" + bytes([0, 0, coding, 0, len(content)]) + content + tags
        taken: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.waiting[number] = taken
        assert self.writer is not None
        _send(self.writer, DELIVER, OK, number, body)
        return await asyncio.wait_for(taken, 30)

    async def receipt(self, given: Given, stat: str, id_: str = "") -> int:
        """A receipt as centres write them: with seconds, and an error that is no number."""
        said = (
            f"id:{id_ or given.id} sub:001 dlvrd:001 submit date:260302120001 done date:260302120002 "
            f"stat:{stat} err:00A Text:{'x' * 10}"
        )
        return await self.tell(given.to, "1551", said.encode(), esm=0b00000100)

    def do(self, work: Any) -> Any:
        """From another thread: let the server do something and wait for it."""
        assert self.loop is not None
        done: Future[Any] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return done.result(30)

    def cut(self) -> None:
        """Cut the line."""
        assert self.loop is not None
        assert self.writer is not None
        self.loop.call_soon_threadsafe(self.writer.transport.abort)


async def _maybe(found: Any) -> None:
    if asyncio.iscoroutine(found):
        await found


def _send(writer: asyncio.StreamWriter, command: int, status: int, number: int, body: bytes = b"") -> None:
    writer.write(struct.pack("!IIII", 16 + len(body), command, status, number) + body)


def _given(body: bytes, id_: str) -> Given:
    place = body.index(b"\x00") + 3
    place = body.index(b"\x00", place) + 3
    end = body.index(b"\x00", place)
    to, place = body[place:end].decode(), end + 1
    esm, place = body[place], place + 3
    for _ in range(2):
        place = body.index(b"\x00", place) + 1
    coding, length = body[place + 2], body[place + 4]
    content = body[place + 5 : place + 5 + length]
    udh = None
    if esm & 0x40:
        udh = (content[3], content[4], content[5])
        content = content[content[0] + 1 :]
    return Given(to, decoded(content, coding), udh, id_, coding)


@contextmanager
def running() -> Iterator[Smsc]:
    """The server in a thread of its own, on a free port."""
    made, begun, ended = Smsc(), threading.Event(), asyncio.Event()

    async def lead() -> None:
        server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
        made.port, made.loop = server.sockets[0].getsockname()[1], asyncio.get_running_loop()
        begun.set()
        await ended.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(lead()), daemon=True)
    thread.start()
    begun.wait(10)
    yield made
    assert made.loop is not None
    made.loop.call_soon_threadsafe(ended.set)
    thread.join(10)
