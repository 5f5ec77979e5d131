"""News of new facts: a coalesced NOTIFY, and listeners that also look by themselves.

A NOTIFY in every commit takes a lock of the whole cluster; so one thread a process rings for all its commits:
at once for the first, then at most `RINGS_A_SECOND` times a second for those that follow.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any

import psycopg

from kindline.journal import links

CHANNEL = "kindline_facts"
RINGS_A_SECOND = 20
IDLE_S = 2.0
POLL_S = 5.0
RECONNECT_S = 1.0
log = logging.getLogger(__name__)


class Bell:
    """Rings for one process; its thread and connection live only while there is news."""

    def __init__(self) -> None:
        self._news = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pid = 0
        self._hushed = threading.Event()
        self.rung = 0

    def ring(self) -> None:
        """Say that there is news; returns at once."""
        with self._lock:
            self._news.set()
            if self._thread is None or not self._thread.is_alive() or self._pid != os.getpid():
                self._pid = os.getpid()
                self._hushed.clear()
                self._thread = threading.Thread(target=self._ring_out, name="doorbell", daemon=True)
                self._thread.start()

    def hush(self) -> None:
        """Ring what is left and close the connection (before a fork, or before the database goes away)."""
        with self._lock:
            thread, self._thread = self._thread, None
            self._hushed.set()
            self._news.set()
        if thread is not None and self._pid == os.getpid():
            thread.join(timeout=5)
        self._news.clear()

    def _ring_out(self) -> None:
        try:
            with links.connect() as connection:
                while self._wait():
                    connection.execute(f"NOTIFY {CHANNEL}")
                    self.rung += 1
                    self._hushed.wait(1 / RINGS_A_SECOND)
        except psycopg.Error as error:
            log.warning("the doorbell cannot ring, listeners will look by themselves: %s", error)
            time.sleep(1 / RINGS_A_SECOND)

    def _wait(self) -> bool:
        if not self._news.wait(IDLE_S):
            with self._lock:
                if not self._news.is_set():
                    self._thread = None
                    return False
        self._news.clear()
        return not self._hushed.is_set()


_bell = Bell()
ring: Callable[[], None] = _bell.ring
hush: Callable[[], None] = _bell.hush
atexit.register(hush)


def listen(*, poll_s: float = POLL_S, stop: threading.Event | None = None) -> Generator[bool]:
    """Yield at once, at every ring (True) and after every `poll_s` seconds of silence (False), until `stop` is set.

    A lost connection is made anew; while it is lost the listener still wakes up to look.
    """
    stopped = stop or threading.Event()
    while not stopped.is_set():
        try:
            with links.connect() as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                yield True
                while not stopped.is_set():
                    yield _rung(connection, poll_s)
        except psycopg.Error as error:
            log.warning("the doorbell's line is lost, trying again: %s", error)
            stopped.wait(RECONNECT_S)
            yield False


def _rung(connection: psycopg.Connection[Any], poll_s: float) -> bool:
    return any(True for _ in connection.notifies(timeout=poll_s, stop_after=1))


async def listen_async(*, poll_s: float = POLL_S) -> AsyncGenerator[bool]:
    """The same for an event loop; ends when its task is cancelled.

    Raises: psycopg.Error when the connection is lost (the caller decides how to wait).
    """
    connection = await links.connect_async()
    async with connection:
        await connection.execute(f"LISTEN {CHANNEL}")
        yield True
        while True:
            rung = False
            async for _ in connection.notifies(timeout=poll_s, stop_after=1):
                rung = True
            yield rung
