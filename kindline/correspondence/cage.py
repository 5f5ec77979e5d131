"""Letters of strangers are taken apart in the cage: a process of its own, short of memory and time."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

from kindline.files.cage import caged, shut

RAW_MAX = 64 * 1024 * 1024


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


def _caged(*words: str) -> dict[str, Any]:
    return caged("kindline.correspondence.cage", *words)


def load() -> None:
    """Load what takes letters apart."""
    importlib.import_module("kindline.correspondence.parsing")


def main(words: list[str]) -> int:
    """Shut the cage, open what is given, say what was found as JSON: read RAW OUT, or head RAW OUT."""
    from kindline.correspondence import parsing  # noqa: PLC0415 - not needed by whoever asks

    shut()
    with Path(words[1]).open("rb") as file:
        raw = file.read(-1 if words[0] == "read" else parsing.HEADERS_MAX)
    found = parsing.take_apart(raw, Path(words[2]), body=words[0] == "read").content()
    sys.stdout.write(json.dumps(found))
    return 0
