"""One embedded PostgreSQL for the whole run, started when the first test asks for a database."""

import hashlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import pytest_django

from kindline.runtime import ports, postgres, shape
from tests.plugins import short_way

PASSWORD = "for-this-run-only"
TESTS = "test_kindline"
SHORT = f"short-{hashlib.sha256(Path(short_way.__file__).read_bytes()).hexdigest()[:8]}"
"""The history of the test database: another one than an instance's."""


@dataclass
class Server:
    """A running server of a test: where it is, how to reach it, and how to be rude to it."""

    data: Path
    port: int
    process: subprocess.Popen[bytes]
    volatile: bool = True
    address: str = ports.LOOPBACK

    @property
    def url(self) -> str:
        """The DSN of its maintenance database."""
        return f"postgresql://{postgres.ROLE}:{PASSWORD}@{self.address}:{self.port}/postgres"

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it (SIGINT: fast, SIGQUIT: immediate, as a crash)."""
        self.process.send_signal(how)
        self.process.wait(30)

    def start(self) -> None:
        """Start it again after `stop`."""
        self.process = _spawn(self.data, self.port, self.address, volatile=self.volatile)
        wait_until_it_answers(self)


def _spawn(data: Path, port: int, address: str, *, volatile: bool) -> subprocess.Popen[bytes]:
    command = postgres.command(data, port, {"listen_addresses": address} | (postgres.VOLATILE if volatile else {}))
    words = postgres.as_account(command, data).words()
    with (data.parent / "postgres.log").open("ab") as log:
        return subprocess.Popen(words, stdout=log, stderr=log, cwd="/", env=postgres.environment())


def wait_until_it_answers(server: Server, limit_s: float = 30) -> None:
    """Return when the server takes connections; fail with its log when it does not."""
    until = time.monotonic() + limit_s
    while time.monotonic() < until and server.process.poll() is None:
        try:
            postgres.answers(server.url)
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return
    log = (server.data.parent / "postgres.log").read_text(encoding="utf-8")
    raise AssertionError(f"PostgreSQL does not answer:\n{log[-2000:]}")


def launch(folder: Path, *, volatile: bool = True, address: str = ports.LOOPBACK) -> Server:
    """Make and start a server of your own in the folder (for tests that are rude to it)."""
    folder.chmod(0o755)
    data = folder / "postgres"
    postgres.initialise(data, PASSWORD)
    if address != ports.LOOPBACK:
        with (data / "pg_hba.conf").open("a", encoding="ascii") as rules:
            rules.write("host all all samenet scram-sha-256\n")
    port = ports.choose()
    server = Server(data, port, _spawn(data, port, address, volatile=volatile), volatile, address)
    wait_until_it_answers(server)
    return server


@pytest.fixture(scope="session")
def pg(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server of this run; it is gone after it."""
    server = launch(tmp_path_factory.mktemp("pg"))
    yield server
    server.stop(signal.SIGQUIT)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The server ends with the run, and what a dump has given to it is not made anew."""
    return True


@pytest.fixture(scope="session")
def tables_are_known(pg: Server) -> bool:
    """The empty test database is made; whether it has got its tables from an earlier run."""
    with psycopg.connect(pg.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TESTS}")
    return shape.restored(tests_url(pg), SHORT)


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker, pg: Server, tables_are_known: bool
) -> None:
    """The test database, whose tables are kept for the next run; the wall before clients' own things stands in it."""
    if not tables_are_known:
        shape.keep(tests_url(pg), SHORT)
    from kindline.site.account import wall

    with django_db_blocker.unblock():
        assert wall.build()


def tests_url(server: Server) -> str:
    """Where Django's tests have their tables."""
    return server.url.replace("/postgres", f"/{TESTS}")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    pg: Server,
    tmp_path_factory: pytest.TempPathFactory,
    tables_are_known: bool,
) -> None:
    """Point Django at the server of this run, before its test database is made."""
    from django.conf import settings
    from django.db import connections

    short_way.take(tmp_path_factory.mktemp("short"), settings)

    for described in (connections.settings["default"], connections["default"].settings_dict):
        described.update(HOST="127.0.0.1", PORT=str(pg.port), USER=postgres.ROLE, PASSWORD=PASSWORD, NAME="kindline")
        described["OPTIONS"].pop("pool", None)
    os.environ["KINDLINE_DATABASE_URL"] = tests_url(pg)
