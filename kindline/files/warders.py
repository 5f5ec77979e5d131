"""Who asks for cages: a few side by side, so that a slow file keeps neither the others nor their pages waiting."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any

from kindline.files.errors import BusyError

WAIT_S = 3.0
"""So long a page waits for a cage: an honest file takes a tenth of a second, and four threads serve all pages."""
_GIVER: ContextVar[str] = ContextVar("giver", default="")


@contextlib.contextmanager
def given_by(giver: str) -> Iterator[None]:
    """What is caged in here is of one giver, who waits for his page: he has one cage at once, and waits WAIT_S.

    Outside of it (letters, jobs) one waits for as long as it takes.
    """
    token = _GIVER.set(giver)
    try:
        yield
    finally:
        _GIVER.reset(token)


class Warders:
    """As many warders as there may be cages at once."""

    def __init__(self, many: int) -> None:
        self._room = threading.Condition()
        self._all = [Warder() for _ in range(many)]
        self._idle = list(self._all)
        self._busy: Counter[str] = Counter()

    @contextlib.contextmanager
    def one(self) -> Iterator[Warder]:
        """A warder for one order. Raises: BusyError."""
        giver = _GIVER.get()
        warder = self._taken(giver)
        try:
            yield warder
        finally:
            with self._room:
                self._idle.append(warder)
                self._busy[giver] -= 1
                self._busy += Counter()  # who has none any more is forgotten
                self._room.notify_all()

    def _taken(self, giver: str) -> Warder:
        with self._room:
            if not self._room.wait_for(lambda: self._may(giver), WAIT_S if giver else None):
                raise BusyError(giver)
            self._busy[giver] += 1
            return self._idle.pop()

    def _may(self, giver: str) -> bool:
        return bool(self._idle) and not (giver and self._busy[giver])

    def close(self) -> None:
        """Let the processes go."""
        for warder in self._all:
            warder.close()


class Warder:
    """The process that makes cages (`warder`): begun when it is first needed, anew when it has died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._owner = 0

    def asked(self, order: Mapping[str, Any]) -> int:
        """The exit code of the cage that carried the order out; 1 when there is no warder to be had."""
        with self._lock:
            process = self._there()
            try:
                print(json.dumps(order), file=process.stdin, flush=True)
                return int(process.stdout.readline() if process.stdout else "")
            except (OSError, ValueError):  # it was killed: the next order has a new one
                self.close()
                return 1

    def _there(self) -> subprocess.Popen[str]:
        """This process's own: one that was forked has pipes that are its parent's."""
        if self._process is None or self._owner != os.getpid() or self._process.poll() is not None:
            self.close()
            words, pipe = [sys.executable, "-m", "kindline.files.warder"], subprocess.PIPE
            self._process, self._owner = subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True), os.getpid()
        return self._process

    def close(self) -> None:
        """Let the process go."""
        if self._process is not None and self._owner == os.getpid():
            with contextlib.suppress(BrokenPipeError), self._process:
                self._process.kill()
        self._process = None
