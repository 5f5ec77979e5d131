"""A whole instance for a benchmark: started in a folder of its own, measured by its processes' own counters."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kindline.runtime import instance as instances
from kindline.runtime.instance import Instance

STATE_FILE = "processes.json"
UP_WITHIN_S = 240
CALLS_MAX = 1000
"""What an engine may lose at once is its owner's choice; a benchmark asks what the machine bears."""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Product:
    """A running instance."""

    folder: Path

    @property
    def instance(self) -> Instance:
        """Its ports, paths and passwords."""
        return instances.read(self.folder)

    def state(self) -> dict[str, Any]:
        """What its supervisor says of its processes."""
        try:
            found: dict[str, Any] = json.loads((self.folder / STATE_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {"ready": False, "parts": {}}
        return found

    def wait_for(self, part: str, within_s: float = 60) -> None:
        """Wait until a part that starts after the pages is there. Raises: RuntimeError."""
        until = time.monotonic() + within_s
        while part not in self.state()["parts"]:
            if time.monotonic() > until:
                raise RuntimeError(f"{part} does not start")
            time.sleep(0.1)

    def cpu_s(self, part: str) -> float:
        """The processor time that a part and its children have used, seconds."""
        return family_cpu_s(int(self.state()["parts"][part]["pid"]))


def family_cpu_s(pid: int) -> float:
    """The processor time of a process and of all that descend from it."""
    parents: dict[int, list[int]] = {}
    used: dict[int, float] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError):
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            own = int(stat.parent.name)
            parents.setdefault(int(fields[1]), []).append(own)
            used[own] = (int(fields[11]) + int(fields[12])) / TICKS
    total, edge = 0.0, [pid]
    while edge:
        one = edge.pop()
        total += used.get(one, 0.0)
        edge += parents.get(one, [])
    return total


@contextlib.contextmanager
def running(profile: str, *, nodes: int = 1) -> Iterator[Product]:
    """An instance for as long as the block lasts. Raises: RuntimeError when it does not come up."""
    folder = Path(tempfile.mkdtemp(prefix="kl-bench-"))
    words = [sys.executable, "-m", "kindline.runtime", "run", "--instance", str(folder), "--profile", profile]
    words += ["--nodes", str(nodes)]
    with (folder.with_suffix(".log")).open("wb") as log:
        environment = {"KINDLINE_CALLS_MAX": str(CALLS_MAX)} | os.environ
        process = subprocess.Popen(words, stdout=log, stderr=log, cwd=Path(__file__).parents[3], env=environment)
    product = Product(folder)
    try:
        until = time.monotonic() + UP_WITHIN_S
        while not product.state()["ready"]:
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(folder.with_suffix(".log").read_text(encoding="utf-8", errors="replace")[-2000:])
            time.sleep(0.2)
        yield product
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def say(**values: Any) -> None:
    """One line of result."""
    print(json.dumps(values, ensure_ascii=False), flush=True)
