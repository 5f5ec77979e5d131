"""The cage: a process of its own, short of memory and time, in which files of strangers are opened."""

from __future__ import annotations

import atexit
import importlib
import json
import resource
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from kindline.files.content import Finding
from kindline.files.warders import Warders

MEMORY = 1024 * 1024 * 1024
CPU_S = 20
FILE = 256 * 1024 * 1024
WALL_S = 40
CAGES = 2
"""At once in a process of the pages, which has four threads: half of them are left for everything else."""
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
    Raises: BusyError for who waits for a page while all cages are taken (`warders.given_by`).
    """
    with tempfile.TemporaryDirectory(prefix="kl-cage-") as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        order = {"module": module, "words": words, "out": str(out), "err": str(err), "wall_s": WALL_S}
        with _WARDERS.one() as warder:
            code = warder.asked(order)
        if code == 0 and out.stat().st_size <= SAID_MAX:
            said: dict[str, Any] = json.loads(out.read_bytes())
            return said
        return {"fault": _fault(code, err.read_bytes() if err.exists() else b"")}


def _fault(code: int, said: bytes) -> str:
    if code in TIME_OUT:
        return "time"
    return "memory" if b"MemoryError" in said else "cage"


_WARDERS = Warders(CAGES)
atexit.register(_WARDERS.close)


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
