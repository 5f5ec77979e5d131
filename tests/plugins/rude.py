"""A database of one's own for tests that kill it, and the programs that work on it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from kindline.runtime import postgres, shape
from tests.plugins.postgres import PASSWORD, Server, launch

FIXTURES = Path(__file__).resolve().parents[1] / "standard" / "fixtures"


def until(condition: Callable[[], object], limit_s: float = 60, why: str = "") -> None:
    """Wait for a condition, and fail when it does not come true."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(why or "the condition did not come true")


@dataclass
class Rude:
    """A durable server with our tables, and processes that use it."""

    server: Server
    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The DSN of our database."""
        return f"postgresql://{postgres.ROLE}:{PASSWORD}@127.0.0.1:{self.server.port}/rude"

    def environment(self) -> dict[str, str]:
        """What a process needs to work here, led by the small standard."""
        return os.environ | {
            "KINDLINE_DATABASE_URL": self.url,
            "KINDLINE_PROFILES": str(FIXTURES),
            "KINDLINE_PROFILE": "mini",
            "KINDLINE_INSTANCE": str(self.folder / "no-instance"),
            "DJANGO_SETTINGS_MODULE": "kindline.runtime.settings",
        }

    def start(self, *words: str, out: Path | None = None) -> subprocess.Popen[bytes]:
        """Start a Python program on this database; its output goes into the file."""
        with (out or self.folder / "processes.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *words], stdout=log, stderr=log, env=self.environment(), cwd=FIXTURES.parents[2]
            )
        self.processes.append(process)
        return process

    def run(self, *words: str) -> None:
        """Run a Python program on this database to its end."""
        done = subprocess.run(
            [sys.executable, *words], env=self.environment(), capture_output=True, text=True, check=False,
            cwd=FIXTURES.parents[2],
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]

    def connect(self) -> psycopg.Connection:
        """A connection of one's own, to look from outside."""
        return psycopg.connect(self.url, autocommit=True, connect_timeout=5)

    def ask(self, question: str, *params: object) -> list[tuple[object, ...]]:
        """Look from outside."""
        with self.connect() as connection:
            return connection.execute(question.encode(), params).fetchall()

    def crash(self, how: signal.Signals) -> None:
        """End the server rudely and start it again as soon as its last process is gone."""
        self.server.stop(how)

    def revive(self) -> None:
        """Start the server again; it recovers from its log."""

        def started() -> bool:
            try:
                self.server.start()
            except AssertionError:
                return False
            return True

        until(started, 30, "the server did not come back")


@pytest.fixture
def rude(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rude]:
    """A database of one's own; everything is gone after the test."""
    folder = tmp_path_factory.mktemp("rude")
    server = launch(folder, volatile=False)
    mine = Rude(server, folder)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE rude")
    shape.give(mine.url, lambda: mine.run("-m", "django", "migrate", "--verbosity", "0"))
    yield mine
    for process in mine.processes:
        process.kill()
        process.wait(10)
    if server.process.poll() is None:
        server.stop(signal.SIGQUIT)
