"""The supervisor keeps its parts, says what happens, and leaves nothing behind, however it ends itself."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from kindline.runtime import supervisor
from kindline.runtime.launch import Launch
from kindline.runtime.parts import NotYetError, Part
from kindline.runtime.supervisor import Supervisor

SERVES = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text('x'); time.sleep(600)"
STUBBORN = "import signal, pathlib, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SERVES
WITH_CHILD = (
    "import subprocess, sys, pathlib, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "pathlib.Path(sys.argv[2]).write_text(str(child.pid))\n" + SERVES
)


def part(folder: Path, name: str, program: str, **more: object) -> Part:
    sign = folder / f"{name}.up"

    def probe() -> str:
        if not sign.exists():
            raise NotYetError("no sign yet")
        return "serves"

    words = [sys.executable, "-c", program, str(sign), str(folder / f"{name}.child")]
    return Part(name, Launch(words), folder / f"{name}.log", probe, dict(os.environ), **more)  # type: ignore[arg-type]


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def wait_for(condition: Callable[[], object], limit_s: float = 20) -> None:
    until = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        await asyncio.sleep(0.02)


class Said(list[str]):
    """What the supervisor said."""

    def has(self, words: str) -> bool:
        return any(words in line for line in self)


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
async def keeper(tmp_path: Path, said: Said) -> AsyncIterator[Supervisor]:
    made = Supervisor(tmp_path / "processes.json", said.append)
    yield made
    await made.stop()


async def test_a_part_that_dies_is_started_again_and_said_so(keeper: Supervisor, said: Said, tmp_path: Path) -> None:
    deaths: list[tuple[str, int, float]] = []

    async def died(name: str, code: int, down_s: float) -> None:
        deaths.append((name, code, down_s))

    assert await keeper.start(part(tmp_path, "one", SERVES), died)
    first = keeper.kept["one"].pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await wait_for(lambda: said.has("one is back"))
    assert said.has("one ended by signal SIGKILL")
    assert keeper.kept["one"].pid not in {None, first}
    await wait_for(lambda: deaths)
    name, code, down_s = deaths[0]
    assert (name, code) == ("one", -9)
    assert down_s > 0
    assert json.loads((tmp_path / "processes.json").read_text())["parts"]["one"]["restarts"] == 1


async def test_a_part_that_dies_again_and_again_waits_longer(
    keeper: Supervisor, said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "PAUSES_S", (0.01, 0.02, 0.04, 0.08))
    assert not await keeper.start(part(tmp_path, "bad", "import sys; print('no such thing'); sys.exit(3)"))
    assert said.has("it ended with code 3")
    assert said.has("no such thing")
    await wait_for(lambda: keeper.kept["bad"].restarts >= 5)
    pauses = [float(line.split(" in ")[1].split()[0]) for line in said if "starting it again" in line]
    assert pauses[:4] == [0.02, 0.04, 0.08, 0.08]


async def test_stopping_is_polite_first_and_then_not(keeper: Supervisor, said: Said, tmp_path: Path) -> None:
    await keeper.start(part(tmp_path, "meek", SERVES))
    await keeper.start(part(tmp_path, "stubborn", STUBBORN, stops_within_s=0.3))
    pids = [kept.pid for kept in keeper.kept.values()]
    await keeper.stop()
    assert not any(alive(pid) for pid in pids if pid)
    assert [line for line in said if "does not stop" in line] == ["! stubborn does not stop: killed"]


async def test_what_a_part_started_goes_with_it(keeper: Supervisor, tmp_path: Path) -> None:
    await keeper.start(part(tmp_path, "parent", WITH_CHILD))
    child, parent = int((tmp_path / "parent.child").read_text()), keeper.kept["parent"].pid
    assert alive(child)
    assert parent is not None
    os.kill(parent, signal.SIGKILL)
    await wait_for(lambda: not alive(child))


async def test_a_part_that_never_serves_is_reported_with_its_log(
    keeper: Supervisor, said: Said, tmp_path: Path
) -> None:
    silent = part(tmp_path, "mute", "import time; print('thinking', flush=True); time.sleep(600)", ready_within_s=0.5)
    assert not await keeper.start(silent)
    assert said.has("mute: no sign yet")
    assert said.has("thinking")


async def test_a_part_that_serves_late_is_up_at_last(keeper: Supervisor, said: Said, tmp_path: Path) -> None:
    slow = part(tmp_path, "slow", "import time; time.sleep(1)\n" + SERVES, ready_within_s=0.2)
    assert not await keeper.start(slow)
    await wait_for(lambda: keeper.kept["slow"].state == "up")
    assert said.has("at last")


LATER_LATE = (
    "import pathlib, sys, time\n"
    "sign, again = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])\n"
    "time.sleep(1 if again.exists() else 0)\n"
    "again.write_text('x'); sign.write_text('x'); time.sleep(600)"
)


async def test_a_part_that_is_back_late_is_said_to_be_back_and_recorded(
    keeper: Supervisor, said: Said, tmp_path: Path
) -> None:
    deaths: list[str] = []

    async def died(name: str, _code: int, _down_s: float) -> None:
        deaths.append(name)

    slow = part(tmp_path, "slow", LATER_LATE, ready_within_s=10)
    assert await keeper.start(slow, died)
    (tmp_path / "slow.up").unlink()
    object.__setattr__(slow, "ready_within_s", 0.2)
    os.kill(keeper.kept["slow"].pid or 0, signal.SIGKILL)
    await wait_for(lambda: said.has("slow is back"))
    assert said.has("at last")
    assert deaths == ["slow"]


SUPERVISE = """
import asyncio, os, pathlib, sys
sys.path.insert(0, sys.argv[2])
from tests.runtime.test_supervisor import part, SERVES
from kindline.runtime.supervisor import Supervisor

async def main():
    folder = pathlib.Path(sys.argv[1])
    made = Supervisor(folder / "processes.json", print)
    await made.start(part(folder, "one", SERVES))
    made.announce()
    await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_a_supervisor_that_is_killed_takes_its_parts_with_it(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen([sys.executable, "-c", SUPERVISE, str(tmp_path), str(root)])
    state = tmp_path / "processes.json"
    try:
        await wait_for(lambda: state.exists() and json.loads(state.read_text())["ready"])
        pid = json.loads(state.read_text())["parts"]["one"]["pid"]
        assert alive(pid)
    finally:
        process.kill()
        process.wait()
    await wait_for(lambda: not alive(pid))


def test_a_long_log_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LOG_MAX_BYTES", 10)
    log = tmp_path / "one.log"
    log.write_text("more than ten letters", encoding="utf-8")
    supervisor.rotate(log)
    assert not log.exists()
    assert (tmp_path / "one.log.1").read_text(encoding="utf-8").startswith("more")
    with contextlib.suppress(FileNotFoundError):
        supervisor.rotate(log)
