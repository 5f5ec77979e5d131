"""The warder: a cage for each file, and what becomes of those who do not come out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kindline.files import cage

HERE = "tests.files.caged"
"""A module that does in the cage what it is told."""


@pytest.fixture
def warder(monkeypatch: pytest.MonkeyPatch) -> Iterator[cage.Warder]:
    """A warder of this test alone."""
    made = cage.Warder()
    monkeypatch.setattr(cage, "_WARDER", made)
    yield made
    made.close()


def test_the_cage_is_another_process_each_time_and_shut(warder: cage.Warder) -> None:
    first, second = (cage.caged(HERE, "tell") for _ in range(2))
    assert len({first["pid"], second["pid"], os.getpid()}) == 3
    assert first["parent"] == second["parent"]
    assert first["memory"] == [cage.MEMORY, cage.MEMORY]
    assert first["cpu"][0] == cage.CPU_S
    assert not first["django"]


@pytest.mark.parametrize(
    ("deed", "fault"), [("raise", "cage"), ("exit", "cage"), ("eat", "memory"), ("spin", "time"), ("abort", "cage")]
)
def test_one_that_breaks_out_is_told_apart_and_the_next_is_served(
    warder: cage.Warder, monkeypatch: pytest.MonkeyPatch, deed: str, fault: str
) -> None:
    if deed == "spin":
        monkeypatch.setattr(cage, "WALL_S", 0.2)
    assert cage.caged(HERE, deed) == {"fault": fault}
    monkeypatch.undo()
    monkeypatch.setattr(cage, "_WARDER", warder)
    assert "pid" in cage.caged(HERE, "tell")


def test_a_warder_that_was_killed_is_replaced(warder: cage.Warder) -> None:
    os.kill(cage.caged(HERE, "tell")["parent"], signal.SIGKILL)
    said = [cage.caged(HERE, "tell") for _ in range(2)]
    assert "pid" in said[-1]


def test_whoever_was_killed_leaves_no_warder_behind(tmp_path: Path) -> None:
    words = f"from kindline.files import cage; print(cage.caged({HERE!r}, 'tell')['parent'], flush=True); input()"
    asker = subprocess.Popen([sys.executable, "-c", words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert asker.stdout is not None
    parent = int(asker.stdout.readline())
    assert Path(f"/proc/{parent}").exists()
    asker.kill()
    asker.communicate()
    until = time.monotonic() + 10
    while Path(f"/proc/{parent}/cmdline").exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert not Path(f"/proc/{parent}/cmdline").exists()


def test_what_it_loads_knows_neither_django_nor_secrets() -> None:
    words = "import kindline.files.warder, kindline.files.cage, kindline.correspondence.cage, sys, json;"
    words += "kindline.files.cage.load(); kindline.correspondence.cage.load(); print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", words], capture_output=True, check=True).stdout)
    assert not [name for name in loaded if name.startswith(("django", "psycopg"))]
