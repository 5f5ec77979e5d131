"""The cage: a process of its own, short of memory and time, in which files of strangers are opened."""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kindline.files.content import Finding

MEMORY = 1024 * 1024 * 1024
CPU_S = 20
FILE = 256 * 1024 * 1024
WALL_S = 40
SAID_MAX = 32 * 1024 * 1024
TIME_OUT = (-signal.SIGALRM, -signal.SIGXCPU, -signal.SIGKILL)
FAULTS = ("time", "memory", "cage")
"""Why nothing was found out: the content is not to blame by itself, but nobody can say what it is."""


def inspect(path: Path, name: str) -> Finding:
    """What a file is, looked at in the cage; the reason is one of FAULTS where that could not be found out."""
    said = caged("kindline.files.cage", str(path), name)
    return Finding(said.get("media_type", "application/octet-stream"), said.get("reason") or said.get("fault", ""))


def caged(module: str, *words: str) -> dict[str, Any]:
    """What a module says that shuts itself into the cage; `fault` where it breaks a limit.

    The module has `load`, which loads what it needs before the cage is shut, and `main`, which is given the words.
    """
    with tempfile.TemporaryDirectory(prefix="kl-cage-") as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        order = {"module": module, "words": words, "out": str(out), "err": str(err), "wall_s": WALL_S}
        code = _WARDER.asked(order)
        if code == 0 and out.stat().st_size <= SAID_MAX:
            said: dict[str, Any] = json.loads(out.read_bytes())
            return said
        return {"fault": _fault(code, err.read_bytes() if err.exists() else b"")}


def _fault(code: int, said: bytes) -> str:
    if code in TIME_OUT:
        return "time"
    return "memory" if b"MemoryError" in said else "cage"


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


_WARDER = Warder()
atexit.register(_WARDER.close)


def shut() -> None:
    """Shut the cage around this process."""
    for what, limit in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, FILE), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 2))


def load() -> None:
    """Load what looks at files."""
    importlib.import_module("kindline.files.content")


def main(words: list[str]) -> int:
    """Shut the cage, look at the file, say what was found as JSON."""
    from kindline.files import content  # noqa: PLC0415 - not needed by whoever asks

    shut()
    seen = content.inspect(Path(words[0]), words[1])
    sys.stdout.write(json.dumps({"media_type": seen.media_type, "reason": seen.reason}))
    return 0
