"""bench rude (fault W3): how long others wait for a real page before, and while, rude clients are at the same nginx.

The page is made anew each time, through nginx and the database. Rude are: heads that do not come to an end, heads of
ten thousand lines, packed bodies, and bodies that grow without end.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import itertools
import multiprocessing
import socket
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.synchronize import Event
from pathlib import Path

from kindline.runtime.benches import behind
from kindline.runtime.benches.product import say

BENCH, PAGE = "rude", "/search/?q=%D1%81%D1%87%D1%91%D1%82"
GROWN_MAX, SLOW = 2.0, 100
"""So many times as long others may wait at the 95th percentile; so many slow heads at once."""
HEAD = b"POST /ask/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"


def main(argv: Sequence[str]) -> None:
    """Print one line: both percentiles, how many were answered, and whether the limit holds."""
    options = argparse.ArgumentParser(prog=f"bench {BENCH}", description=__doc__)
    options.add_argument("--seconds", type=float, default=20, help="before, and during")
    options.add_argument("--profile", default="krc")
    options.add_argument("--folder", type=Path, help="an instance that stays there: it is made once")
    chosen = options.parse_args(argv)
    with behind.running(chosen.profile, chosen.folder, "--empty") as begun, behind.fronted(begun.instance) as port:
        asked(port, 3)  # what is loaded with the first pages
        before = asked(port, chosen.seconds)
        with rude(port):
            during = asked(port, chosen.seconds)
    grown = p95(during) / p95(before)
    say(
        bench=BENCH, page=PAGE, before_p95_ms=round(p95(before) * 1000, 1), during_p95_ms=round(p95(during) * 1000, 1),
        answered_before=len(before), answered_during=len(during), grown=round(grown, 2), limit=GROWN_MAX,
        ok=grown <= GROWN_MAX,
    )  # fmt: skip


def asked(port: int, seconds: float) -> list[float]:
    """The page asked for one after the other; how long each took, in seconds. Raises: RuntimeError for a refusal."""
    took, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        begun = time.monotonic()
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        line.request("GET", PAGE)
        answer = line.getresponse()
        answer.read()
        line.close()
        if answer.status != 200:
            raise RuntimeError(f"{PAGE}: {answer.status}")
        took.append(time.monotonic() - begun)
    return took


def p95(took: Sequence[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(took, n=20)[-1]


@contextlib.contextmanager
def rude(port: int) -> Iterator[None]:
    """Rude clients, each sort in a process of its own, until the end of the block."""
    over = multiprocessing.Event()
    several = [multiprocessing.Process(target=_again, args=(one, port, over)) for one in (slow, long, packed, endless)]
    for one in several:
        one.start()
    try:
        yield
    finally:
        over.set()
        for one in several:
            one.join(30)


def _again(act: Callable[[int], None], port: int, over: Event) -> None:
    while not over.is_set():
        with contextlib.suppress(OSError):
            act(port)


def slow(port: int) -> None:
    """Many heads at once that stop in their middle, and are held for a second."""
    with contextlib.ExitStack() as held:
        for _ in range(SLOW):
            line = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            line.sendall(HEAD)
        time.sleep(1)


def long(port: int) -> None:
    """A head of ten thousand lines."""
    _said(port, HEAD + b"X-Line: 1\r\n" * 10_000 + b"\r\n")


def packed(port: int) -> None:
    """A body that says it is packed."""
    _said(port, HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00")


def endless(port: int) -> None:
    """A body whose length nobody tells, up to a hundred megabytes, to a page that takes none of that size."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        block = b"100000\r\n" + b"a" * 2**20 + b"\r\n"
        for _ in itertools.repeat(None, 100):
            line.sendall(block)


def _said(port: int, request: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(request)
        line.recv(65_536)
