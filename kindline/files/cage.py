"""The cage: a process of its own, short of memory and time, in which files of strangers are opened.

Run: python -m kindline.files.cage FILE NAME
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from kindline.files.content import Finding

MEMORY = 1024 * 1024 * 1024
CPU_S = 20
FILE = 256 * 1024 * 1024
WALL_S = 40
SAID_MAX = 32 * 1024 * 1024
FAULTS = ("time", "memory", "cage")
"""Why nothing was found out: the content is not to blame by itself, but nobody can say what it is."""


def inspect(path: Path, name: str) -> Finding:
    """What a file is, looked at in the cage; the reason is one of FAULTS where that could not be found out."""
    said = caged("kindline.files.cage", str(path), name)
    return Finding(said.get("media_type", "application/octet-stream"), said.get("reason") or said.get("fault", ""))


def caged(module: str, *words: str) -> dict[str, Any]:
    """What a module says that shuts itself into the cage; `fault` where it breaks a limit."""
    command = [sys.executable, "-m", module, *words]
    try:
        done = subprocess.run(command, capture_output=True, timeout=WALL_S, check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return {"fault": "time"}
    if done.returncode or len(done.stdout) > SAID_MAX:
        out_of = "memory" if b"MemoryError" in done.stderr else "cage"
        return {"fault": "time" if done.returncode in (-24, -9) else out_of}
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def shut() -> None:
    """Shut the cage around this process."""
    for what, limit in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, FILE), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 2))


def main(words: list[str]) -> int:
    """Shut the cage, look at the file, say what was found as JSON."""
    from kindline.files import content  # noqa: PLC0415 - loaded before the cage is shut

    shut()
    seen = content.inspect(Path(words[0]), words[1])
    sys.stdout.write(json.dumps({"media_type": seen.media_type, "reason": seen.reason}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
