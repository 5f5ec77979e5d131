"""Keeps the parts of an instance alive, says what happens to them, and takes them all down with itself."""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from kindline.runtime.instance import write_private
from kindline.runtime.parts import NotYetError, Part

Say = Callable[[str], None]
PROBE_EVERY_S = 0.05
LATE_PROBE_EVERY_S = 0.5
PAUSES_S = (0.2, 0.5, 1, 2, 4, 8, 15, 30)
"""How long a part waits before its next start, by how often it died in a row."""
HEALTHY_AFTER_S = 30
"""A part that lived as long starts the row anew."""
LOG_TAIL = 12
LOG_MAX_BYTES = 20_000_000


class PartFailedError(RuntimeError):
    """A part did not come up; the message carries the end of its log."""


def tail(log: Path, lines: int = LOG_TAIL) -> str:
    """The last lines of a log, indented for the terminal."""
    try:
        last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    except OSError:
        return ""
    return "\n".join(f"      {line}" for line in last)


def rotate(log: Path) -> None:
    """Put a log aside that has grown too long; one older one is kept."""
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > LOG_MAX_BYTES:
            log.replace(log.with_suffix(".log.1"))


def kill_group(pid: int) -> None:
    """End whatever a dead part left behind in its session."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


@dataclass(frozen=True)
class Fall:
    """An end of a part that nobody asked for: how it ended, when by the monotonic clock."""

    code: int
    at: float


class Kept:
    """One part under care."""

    def __init__(self, part: Part, say: Say, died: Callable[[str, int, float], Awaitable[None]] | None = None) -> None:
        self.part = part
        self.state = "down"
        self.restarts = 0
        self.changed: Callable[[], None] = lambda: None
        self._say = say
        self._died = died
        self._process: asyncio.subprocess.Process | None = None
        self._in_a_row = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False
        self._fell: Fall | None = None

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self._process.pid if self._process and self._process.returncode is None else None

    def _become(self, state: str) -> None:
        self.state = state
        self.changed()

    async def up(self) -> str:
        """Start the part and wait until it serves; from then on it is kept.

        Raises: PartFailedError when it ends or does not serve in time (it is then tried again in the background).
        """
        await self._start()
        self._tasks.append(asyncio.create_task(self._watch(), name=f"watch {self.part.name}"))
        return await self._ready()

    async def _start(self) -> None:
        rotate(self.part.log)
        with self.part.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.part.launch.words(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.part.environment,
                cwd=self.part.folder,
            )
        self._become("starting")

    async def _ready(self) -> str:
        process, until, reason = self._process, time.monotonic() + self.part.ready_within_s, "no answer"
        while process and process.returncode is None and time.monotonic() < until and not self._is_stopping():
            try:
                detail = await asyncio.to_thread(self.part.probe)
            except NotYetError as error:
                reason = str(error)
                await asyncio.sleep(PROBE_EVERY_S)
                continue
            self._become("up")
            return detail
        if process and process.returncode is not None:
            reason = f"it ended with code {process.returncode}"
        elif process and not self._is_stopping():
            self._tasks.append(asyncio.create_task(self._late(process), name=f"late {self.part.name}"))
        raise PartFailedError(f"{self.part.name}: {reason}; the end of {self.part.log}:\n{tail(self.part.log)}")

    async def _late(self, process: asyncio.subprocess.Process) -> None:
        """A part that lives but took too long is looked at until it serves."""
        while process.returncode is None and self.state == "starting":
            try:
                detail = await asyncio.to_thread(self.part.probe)
            except NotYetError:
                await asyncio.sleep(LATE_PROBE_EVERY_S)
                continue
            self._become("up")
            self._say(f"  {self.part.name:<12} {detail}, at last")
            await self._back()

    async def _watch(self) -> None:
        while process := self._process:
            started = time.monotonic()
            code = await process.wait()
            kill_group(process.pid)
            if self._is_stopping():
                return
            await self._again(code, lived_s=time.monotonic() - started)

    def _is_stopping(self) -> bool:
        return self._stopping

    async def _again(self, code: int, *, lived_s: float) -> None:
        """Say that the part died, wait a little, start it, say that it is back."""
        name, self._fell = self.part.name, self._fell or Fall(code, time.monotonic())
        self._become("down")
        self._in_a_row = 0 if lived_s > HEALTHY_AFTER_S else self._in_a_row + 1
        pause_s = PAUSES_S[min(self._in_a_row, len(PAUSES_S) - 1)]
        self.restarts += 1
        self._say(f"! {name} ended {describe(code)}; starting it again in {pause_s:g} s")
        await asyncio.sleep(pause_s)
        await self._start()
        try:
            await self._ready()
        except PartFailedError as error:
            if not self._is_stopping():
                self._say(f"! {error}")
            return
        await self._back()

    async def _back(self) -> None:
        """Say that a part that had died serves again, and record it, however long that took."""
        if not (fell := self._fell):
            return
        self._fell, down_s = None, time.monotonic() - fell.at
        self._say(f"  {self.part.name} is back after {down_s:.1f} s")
        if self._died:
            await self._died(self.part.name, fell.code, down_s)

    async def stop(self) -> None:
        """Stop the part, politely for a while, then not."""
        self._stopping = True
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(self.part.launch.stop_signal)
            try:
                await asyncio.wait_for(self._process.wait(), self.part.stops_within_s)
            except TimeoutError:
                self._say(f"! {self.part.name} does not stop: killed")
        if self._process:
            kill_group(self._process.pid)
            await self._process.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._become("stopped")


def describe(code: int) -> str:
    """How a process ended, in words."""
    if code < 0:
        return f"by signal {signal.Signals(-code).name}"
    return f"with code {code}"


class Supervisor:
    """All the parts of an instance, in the order of their starting."""

    def __init__(self, state_file: Path, say: Say) -> None:
        self.kept: dict[str, Kept] = {}
        self.ready = False
        self._state_file = state_file
        self._say = say
        self.write_state()  # over what a killed supervisor may have left

    def add(self, part: Part, died: Callable[[str, int, float], Awaitable[None]] | None = None) -> Kept:
        """Take a part under care; it is not started yet."""
        kept = Kept(part, self._say, died)
        kept.changed = self.write_state
        self.kept[part.name] = kept
        return kept

    def write_state(self) -> None:
        """Write who runs as which process, for `kindline doctor` and for tests."""
        parts = {
            name: {"pid": kept.pid, "state": kept.state, "restarts": kept.restarts} for name, kept in self.kept.items()
        }
        content = {"supervisor": os.getpid(), "ready": self.ready, "parts": parts}
        write_private(self._state_file, json.dumps(content, indent=2) + "\n")

    def announce(self) -> None:
        """All is up."""
        self.ready = True
        self.write_state()

    async def start(self, part: Part, died: Callable[[str, int, float], Awaitable[None]] | None = None) -> bool:
        """Take a part under care and start it; whether it serves (if not, that was said)."""
        began = time.monotonic()
        try:
            detail = await self.add(part, died).up()
        except PartFailedError as error:
            self._say(f"! {error}")
            return False
        self._say(f"  {part.name:<12} {detail}  ({time.monotonic() - began:.1f} s)")
        return True

    async def stop(self) -> None:
        """Stop all: first what leads calls and serves pages, then the engine, last the database."""
        self.ready = False
        last = [self.kept[name] for name in sorted(self.kept) if name.startswith(("asterisk", "postgres"))]
        await asyncio.gather(*(kept.stop() for kept in self.kept.values() if kept not in last))
        for kept in last:
            await kept.stop()
        with contextlib.suppress(FileNotFoundError):
            self._state_file.unlink()
