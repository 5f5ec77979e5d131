"""A database of its own for a benchmark that needs no other process: embedded PostgreSQL, set as the product's."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from kindline.runtime import ports, postgres

PASSWORD = "for-this-run-only"  # noqa: S105 - a server of a temporary folder
UP_WITHIN_S = 60


@contextlib.contextmanager
def running(profile: str) -> Iterator[None]:
    """Django ready to use, on an empty database under the profile, for as long as the block lasts."""
    folder = Path(tempfile.mkdtemp(prefix="kl-bench-"))
    folder.chmod(0o755)
    data, port = folder / "postgres", ports.choose()
    postgres.initialise(data, PASSWORD)
    words = postgres.as_account(postgres.command(data, port), data).words()
    with (folder / "postgres.log").open("wb") as log:
        server = subprocess.Popen(words, stdout=log, stderr=log, cwd="/", env=postgres.environment())
    try:
        url = f"postgresql://{postgres.ROLE}:{PASSWORD}@127.0.0.1:{port}"
        _wait(f"{url}/postgres")
        postgres.ensure_database(f"{url}/postgres")
        _set_up(f"{url}/kindline", profile, folder)
        yield
    finally:
        _close()
        server.send_signal(signal.SIGINT)
        server.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _set_up(url: str, profile: str, folder: Path) -> None:
    said = {"URL": url, "POOL": "1"}  # a pool, as the parts of an instance have
    os.environ |= {f"KINDLINE_DATABASE_{name}": value for name, value in said.items()}
    os.environ |= {"KINDLINE_PROFILE": profile, "KINDLINE_LOG_LEVEL": "ERROR"}
    from kindline.runtime import cli

    cli.setup_django(folder)
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)


def _wait(url: str) -> None:
    until = time.monotonic() + UP_WITHIN_S
    while True:
        try:
            postgres.answers(url)
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def _close() -> None:
    from django.db import connections

    connections.close_all()
