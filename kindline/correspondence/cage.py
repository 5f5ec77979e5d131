"""The cage: a process of its own, short of memory and time, in which letters and files of strangers are opened.

Run: python -m kindline.correspondence.cage read RAW OUT | head RAW OUT | inspect FILE NAME
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

MEMORY = 1024 * 1024 * 1024
CPU_S = 20
FILE = 256 * 1024 * 1024
WALL_S = 40
RAW_MAX = 64 * 1024 * 1024
SAID_MAX = 32 * 1024 * 1024


def read(raw: Path, out: Path) -> dict[str, Any]:
    """Take a raw letter apart in the cage; attachments come into `out`.

    A letter that breaks a limit, or the cage, has a `fault`; its headers are read all the same where they can be.
    """
    fault = "size"
    if raw.stat().st_size <= RAW_MAX:
        found = _caged("read", str(raw), str(out))
        if "attachments" in found:
            return found
        fault = found["fault"]
    return _caged("head", str(raw), str(out)) | {"fault": fault}


def inspect(path: Path, name: str) -> dict[str, Any]:
    """What a file is, looked at in the cage: media_type, reason, fault."""
    return {"media_type": "application/octet-stream", "reason": "", "fault": ""} | _caged("inspect", str(path), name)


def _caged(*words: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "kindline.correspondence.cage", *words]
    try:
        done = subprocess.run(command, capture_output=True, timeout=WALL_S, check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return {"fault": "time"}
    if done.returncode or len(done.stdout) > SAID_MAX:
        return {
            "fault": "time" if done.returncode in (-24, -9) else "memory" if b"MemoryError" in done.stderr else "cage"
        }
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def _shut() -> None:
    for what, limit in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, FILE), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 2))


def main(words: list[str]) -> int:
    """Shut the cage, open what is given, say what was found as JSON."""
    from kindline.correspondence import content, parsing  # noqa: PLC0415 - loaded before the cage is shut

    _shut()
    if words[0] in ("read", "head"):
        with Path(words[1]).open("rb") as file:
            raw = file.read(-1 if words[0] == "read" else parsing.HEADERS_MAX)
        found = parsing.take_apart(raw, Path(words[2]), body=words[0] == "read").content()
    else:
        seen = content.inspect(Path(words[1]), words[2])
        found = {"media_type": seen.media_type, "reason": seen.reason, "fault": ""}
    sys.stdout.write(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
