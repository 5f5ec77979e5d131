"""Another time for one process (C2): libfaketime, put before its libraries."""

from pathlib import Path

import pytest

LIBRARY = "faketime/libfaketimeMT.so.1"


def environment(off: str) -> dict[str, str]:
    """What a process is to be started with so that its clock is off (`+1d`, `-1h`, `+90s`); how time passes stays."""
    found = sorted(Path("/usr/lib").glob(f"*/{LIBRARY}"))
    if not found:
        pytest.skip(f"a wrong clock needs {LIBRARY} (Debian: libfaketime)")
    return {"LD_PRELOAD": str(found[0]), "FAKETIME": off, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
