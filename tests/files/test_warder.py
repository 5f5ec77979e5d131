"""The warder: a cage for each file, and what becomes of those who do not come out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kindline.files import cage, warders
from kindline.files.errors import BusyError
from kindline.files.warders import Warders

HERE = "tests.files.caged"
"""A module that does in the cage what it is told."""


@pytest.fixture
def warder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Warders]:
    """Warders of this test alone."""
    made = Warders(cage.CAGES)
    monkeypatch.setattr(cage, "_WARDERS", made)
    yield made
    made.close()


class Slow:
    """A file of a giver that takes as long as the test wants."""

    def __init__(self, folder: Path, giver: str) -> None:
        self.folder, self.giver, self.said = folder, giver, {}  # type: ignore[var-annotated] # what the cage said
        folder.mkdir()
        for pipe in ("began", "go"):
            os.mkfifo(folder / pipe)
        self.thread = threading.Thread(target=self._look)
        self.thread.start()
        (folder / "began").open().close()

    def _look(self) -> None:
        with warders.given_by(self.giver):
            self.said = cage.caged(HERE, "wait", str(self.folder))

    def end(self) -> None:
        """Let it go."""
        (self.folder / "go").open("w").close()
        self.thread.join()


def test_the_cage_is_another_process_each_time_and_shut(warder: Warders) -> None:
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
    warder: Warders, monkeypatch: pytest.MonkeyPatch, deed: str, fault: str
) -> None:
    if deed == "spin":
        monkeypatch.setattr(cage, "WALL_S", 0.2)
    assert cage.caged(HERE, deed) == {"fault": fault}
    monkeypatch.undo()
    monkeypatch.setattr(cage, "_WARDERS", warder)
    assert "pid" in cage.caged(HERE, "tell")


def test_a_warder_that_was_killed_is_replaced(warder: Warders) -> None:
    os.kill(cage.caged(HERE, "tell")["parent"], signal.SIGKILL)
    said = [cage.caged(HERE, "tell") for _ in range(2)]
    assert "pid" in said[-1]


def test_a_slow_file_keeps_nobody_else_waiting_and_its_giver_has_one_cage(
    warder: Warders, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(warders, "WAIT_S", 0.05)
    slow = Slow(tmp_path / "slow", "one")
    with warders.given_by("one"), pytest.raises(BusyError):
        cage.caged(HERE, "tell")
    with warders.given_by("another"):
        assert "pid" in cage.caged(HERE, "tell")
    slow.end()
    assert slow.said == {}
    with warders.given_by("one"):
        assert "pid" in cage.caged(HERE, "tell")


def test_when_all_cages_are_taken_a_page_is_told_so_soon_and_a_letter_waits_its_turn(
    warder: Warders, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(warders, "WAIT_S", 0.05)
    several = [Slow(tmp_path / str(number), str(number)) for number in range(cage.CAGES)]
    with warders.given_by("another"), pytest.raises(BusyError):
        cage.caged(HERE, "tell")
    said: list[dict[str, object]] = []
    letter = threading.Thread(target=lambda: said.append(cage.caged(HERE, "tell")))
    letter.start()
    for slow in several:
        slow.end()
    letter.join()
    assert "pid" in said[0]


def test_the_time_after_which_one_comes_again_is_that_of_the_longest_file() -> None:
    assert BusyError.again_s == cage.WALL_S


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
