"""Clients that are rude to a proxy: each sort in a process of its own, at a fixed pace, a fixed number of times.

For each sort there are polite clients of as many requests at the same pace: what clients cost by being there is told
from what they cost by being rude.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import re
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from typing import TypeAlias

MB, GB, PATIENCE_S = 2**20, 2**30, 30
ENDLESS_MB, MB_A_SECOND = 100, 12
"""A body of so much, at the pace of a line of a hundred megabits."""
HEAD, LAST = b"POST /ask/ HTTP/1.1\r\nHost: 127.0.0.1\r\n", b"Connection: close\r\n"
CUT = "cut"
"""What is answered where a line is closed without a word."""
PAIRS = (
    b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    b"Content-Length: 5\r\nContent-Length: 44\r\n",
    b"Content-Length: 5, 44\r\n",
    b"Transfer-Encoding : chunked\r\n",
    b"Transfer-Encoding: \x0bchunked\r\n",
    b"Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n",
)
"""What two servers read differently: the body of the one is a second request of the other."""
HIDDEN = b"0\r\n\r\nGET /smuggled/ HTTP/1.1\r\nHost: 127.0.0.1\r\n" + LAST + b"\r\n"
Act = Callable[[int, int], Iterable[str]]
"""To a port, for which time: the status of each answer."""
Told: TypeAlias = "Queue[tuple[Counter[str], float]]"
"""What each process says at its end: its answers by status, its processor time in seconds."""


@dataclass(frozen=True)
class Sort:
    """What one client does, how often, and of how many requests each time is."""

    act: Act
    a_second: float
    requests: int = 1


@dataclass
class Crowd:
    """What came of clients: answers by status, and the processor time that they themselves used, seconds."""

    answers: Counter[str] = field(default_factory=Counter)
    used_s: float = 0.0


def slow(port: int, _: int) -> Iterator[str]:
    """Many heads at once that stop in their middle, and are held for a second."""
    with contextlib.ExitStack() as held:
        for _line in range(SORTS["slow"].requests):
            held.enter_context(_line_to(port)).sendall(HEAD)
            yield "held"
        time.sleep(1)


def long(port: int, _: int) -> Iterator[str]:
    """A head of ten thousand lines."""
    yield _said(port, HEAD + b"X-Line: 1\r\n" * 10_000 + b"\r\n")


def packed(port: int, _: int) -> Iterator[str]:
    """A body that says it is packed."""
    yield _said(port, HEAD + LAST + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00")


def announced(port: int, _: int) -> Iterator[str]:
    """A body of a gigabyte is announced; it would be sent if it were let in."""
    yield _said(port, HEAD + LAST + b"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n" % GB)


def paired(port: int, number: int) -> Iterator[str]:
    """A second request is hidden in the body of a first."""
    yield _said(port, HEAD + PAIRS[number % len(PAIRS)] + b"\r\n" + HIDDEN, to_the_end=True)


def endless(port: int, _: int) -> Iterator[str]:
    """A body whose length nobody tells, to a page that takes none of that size; sent on until the line is closed."""
    block, begun = b"%x\r\n" % MB + b"a" * MB + b"\r\n", time.monotonic()
    with _line_to(port) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        with contextlib.suppress(OSError):
            for sent in range(ENDLESS_MB):
                time.sleep(max(0.0, begun + sent / MB_A_SECOND - time.monotonic()))
                line.sendall(block)
        yield _status(line)


SORTS = {
    "slow": Sort(slow, 0.9, 100),
    "long": Sort(long, 20),
    "packed": Sort(packed, 20),
    "announced": Sort(announced, 20),
    "paired": Sort(paired, 20),
    "endless": Sort(endless, 0.1),
}


def polite(port: int, _: int) -> Iterator[str]:
    """The first page is asked for, as anybody does."""
    yield _said(port, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + LAST + b"\r\n")


POLITE = {name: Sort(polite, one.a_second * one.requests) for name, one in SORTS.items()}


@contextlib.contextmanager
def there(sorts: Iterable[Sort], port: int, seconds: float) -> Iterator[Crowd]:
    """Clients of these sorts until the end of the block, and no longer than so many seconds; then what came of them."""
    over, crowd = multiprocessing.Event(), Crowd()
    told: Told = multiprocessing.Queue()
    several = [multiprocessing.Process(target=_paced, args=(one, port, seconds, over, told)) for one in sorts]
    for one in several:
        one.start()
    try:
        yield crowd
    finally:
        over.set()
        for _client in several:
            answers, used_s = told.get(timeout=2 * PATIENCE_S)
            crowd.answers.update(answers)
            crowd.used_s += used_s
        for one in several:
            one.join(PATIENCE_S)


def _paced(sort: Sort, port: int, seconds: float, over: Event, told: Told) -> None:
    begun, answers = time.monotonic(), Counter[str]()
    for number in range(max(1, round(seconds * sort.a_second))):
        if over.wait(max(0.0, begun + number / sort.a_second - time.monotonic())):
            break
        try:
            answers.update(sort.act(port, number))
        except OSError:
            answers[CUT] += 1
    told.put((answers, time.process_time()))


def _line_to(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


def _said(port: int, request: bytes, *, to_the_end: bool = False) -> str:
    """The status of the answer to a request; or of all that are given until the line is closed."""
    with _line_to(port) as line:
        with contextlib.suppress(OSError):  # it may be refused before all of it was sent
            line.sendall(request)
        return _status(line, to_the_end=to_the_end)


def _status(line: socket.socket, *, to_the_end: bool = False) -> str:
    found = b""
    with contextlib.suppress(ConnectionResetError):
        while block := line.recv(65_536):
            found += block
            if not to_the_end:
                break
    return "+".join(re.findall(r"(?m)^HTTP/1\.1 (\d{3})", found.decode("latin-1"))) or CUT
