"""Clients of a benchmark: threads that each keep one connection, and ask again once answered, or at a fixed rate."""

from __future__ import annotations

import itertools
import random
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import takewhile

SEED = 20261201


@dataclass
class Outcome:
    """What the clients saw: how long each request took, what went wrong, how long it lasted."""

    lasted_s: float = 0.0
    took_s: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    split_ms: tuple[float, float] = (0.0, 0.0)  # processor time a request: the pages', the database's

    @property
    def rate(self) -> float:
        """Requests done a second."""
        return len(self.took_s) / self.lasted_s if self.lasted_s else 0.0

    def ms(self, share: float) -> float:
        """The time within which this share was answered, milliseconds."""
        ordered = sorted(self.took_s)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


class Connection:
    """One kept connection; just enough HTTP/1.1."""

    def __init__(self, port: int) -> None:
        self.link = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request, wait for the whole answer: its status and body."""
        self.link.sendall(request)
        while b"\r\n\r\n" not in self.rest:
            self._more()
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        while len(self.rest) < length:
            self._more()
        body, self.rest = self.rest[:length], self.rest[length:]
        return int(head[9:12]), body

    def _more(self) -> None:
        got = self.link.recv(65_536)
        if not got:
            raise ConnectionError("closed by the server")
        self.rest += got


def written(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def press(port: int, clients: int, seconds: float, request: Callable[[int], bytes], expected: int) -> Outcome:
    """So many clients ask for so long; `request` makes the nth request."""
    found, numbers, lock = Outcome(), itertools.count(), threading.Lock()
    until = time.monotonic() + seconds

    def one() -> None:
        own: list[float] = []
        wrong: list[str] = []
        connection = Connection(port)
        while (began := time.monotonic()) < until:
            try:
                status, body = connection.ask(request(next(numbers)))
            except OSError as error:
                wrong.append(str(error))
                connection = Connection(port)
                continue
            own.append(time.monotonic() - began)
            if status != expected:
                wrong.append(f"{status} {body[:200]!r}")
        with lock:
            found.took_s += own
            found.errors += wrong

    began = time.monotonic()
    threads = [threading.Thread(target=one) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.lasted_s = time.monotonic() - began
    return found


def paced(
    port: int, a_second: float, seconds: float, request: Callable[[int], bytes], expected: int, *, hands: int = 50
) -> Outcome:  # fmt: skip
    """Requests come by chance at a rate, whoever is answered late; each took from the moment at which it was due."""
    dice, found, lock, kept = random.Random(SEED), Outcome(), threading.Lock(), threading.local()  # noqa: S311
    began = time.monotonic() + 0.1

    def one(when: tuple[int, float]) -> None:
        n, due = when
        time.sleep(max(0.0, began + due - time.monotonic()))
        try:
            connection = kept.connection = getattr(kept, "connection", None) or Connection(port)
            status, body = connection.ask(request(n))
            wrong = "" if status == expected else f"{status} {body[:200]!r}"
        except OSError as error:
            kept.connection, wrong = None, str(error)
        with lock:
            found.took_s.append(time.monotonic() - began - due)
            found.errors += [wrong] if wrong else []

    gaps = takewhile(lambda due: due < seconds, itertools.accumulate(iter(lambda: dice.expovariate(a_second), None)))
    with ThreadPoolExecutor(hands) as pool:
        list(pool.map(one, enumerate(gaps)))
    found.lasted_s = time.monotonic() - began
    return found
