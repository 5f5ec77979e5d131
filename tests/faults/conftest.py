"""A database of their own for tests that are rude to it, and writers with a ledger outside it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psycopg
import pytest

from kindline.runtime import instance, shape
from tests.plugins.postgres import Server, launch
from tests.plugins.product import ROOT

WRITERS = 3


@dataclass
class Load:
    """Writers at work on a server, and what they were promised."""

    server: Server
    folder: Path
    writers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def stop_sign(self) -> Path:
        """When this file is there, the writers end."""
        return self.folder / "stop"

    def environment(self) -> dict[str, str]:
        """Our programs work with this server."""
        own = {
            "KINDLINE_DATABASE_URL": self.server.url,
            instance.ENVIRONMENT: str(self.folder),
            "DJANGO_SETTINGS_MODULE": "kindline.runtime.settings",
        }
        return os.environ | own

    def migrate(self) -> None:
        """Give the server's database today's shape."""
        words = [sys.executable, "-m", "kindline.runtime", "manage", "migrate", "--verbosity", "0"]
        run = partial(subprocess.run, words, cwd=ROOT, env=self.environment(), check=True, capture_output=True)
        shape.give(self.server.url, run)

    def begin(self) -> None:
        """Let the writers write."""
        for number in range(WRITERS):
            words = [
                sys.executable,
                "-m",
                "tests.faults.writer",
                str(self.folder / f"ledger{number}"),
                str(self.stop_sign),
            ]
            with (self.folder / "writers.log").open("ab") as log:
                self.writers.append(subprocess.Popen(words, cwd=ROOT, env=self.environment(), stdout=log, stderr=log))

    def end(self) -> None:
        """Let the writers end."""
        self.stop_sign.touch()
        for writer in self.writers:
            writer.wait(60)

    def acknowledged(self) -> list[str]:
        """What the writers were told is kept (a line that is half written is not yet a promise)."""
        texts = [path.read_text(encoding="ascii") for path in self.folder.glob("ledger*")]
        return [line for text in texts for line in text[: text.rfind("\n") + 1].splitlines()]

    def stored(self) -> list[str]:
        """What is kept."""
        with psycopg.connect(self.server.url) as connection:
            query = "select subject_id from journal_fact where kind = 'process_restarted'"
            return [str(row[0]) for row in connection.execute(query)]


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Load]:
    """Writers at work on a server that keeps what it acknowledges."""
    made = Load(launch(tmp_path, volatile=False), tmp_path)
    made.migrate()
    yield made
    made.end()
    if made.server.process.poll() is None:
        made.server.stop()
