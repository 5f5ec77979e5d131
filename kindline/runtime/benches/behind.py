"""The product's pages behind nginx for a benchmark: database, tables, pages, and whatever else is begun beside them."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from kindline.runtime import cli, nginx, parts, ports, postgres
from kindline.runtime import instance as instances
from kindline.runtime.benches.registry import start, wait_until
from kindline.runtime.instance import Instance
from kindline.runtime.launch import Launch
from kindline.runtime.nginx import trial
from kindline.runtime.parts import Part

WORKERS, UP_WITHIN_S = 2, 300


class Begun:
    """An instance whose parts are begun one after the other, and ended in the other order."""

    def __init__(self, instance: Instance) -> None:
        self.instance, self.processes = instance, dict[str, subprocess.Popen[bytes]]()

    def launch(self, name: str, launch: Launch, environment: dict[str, str]) -> None:
        """Begin a process; what it says goes into the log of its name."""
        self.processes[name] = start(launch, self.instance.log_folder / f"{name}.log", environment)

    def part(self, part: Part) -> None:
        """Begin a part of the product and wait for it. Raises: RuntimeError."""
        self.processes[part.name] = start(part.launch, part.log, part.environment)
        wait_until(part.probe, f"{part.name}, see {part.log}", UP_WITHIN_S)

    def pid(self, name: str) -> int:
        """The process of a part, from which its children descend."""
        return self.processes[name].pid

    def end(self) -> None:
        """End all of them, the database at last."""
        for name, process in reversed(self.processes.items()):
            process.send_signal(signal.SIGINT if name == "postgres" else signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)


@contextlib.contextmanager
def running(profile: str, kept: Path | None, *words: str) -> Iterator[Begun]:
    """Database, tables and pages, in a folder of its own unless one is given; Django is set up for it here too."""
    folder = kept or Path(tempfile.mkdtemp(prefix="kl-bench-"))
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    os.environ |= {"KINDLINE_PROXIES": "1", "KINDLINE_LOG_LEVEL": "ERROR"}
    begun = Begun(instances.prepare(folder, profile=profile))
    try:
        _database(begun, *words)
        begun.part(parts.web(begun.instance))
        yield begun
    finally:
        begun.end()
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)


def _database(begun: Begun, *words: str) -> None:
    """Tables, static files, sections, the demonstration organisation: as a start of the product does it."""
    instance = begun.instance
    if not (instance.postgres_folder / "PG_VERSION").exists():
        postgres.initialise(instance.postgres_folder, instance.secrets.database_password)
    begun.part(parts.database(instance))
    postgres.ensure_database(instance.embedded_url)
    line = [sys.executable, "-m", "kindline.runtime.preparation", *words]
    subprocess.run(line, env=parts.environment(instance, "preparation"), check=True, stdout=sys.stderr)
    cli.setup_django(instance.folder)


@contextlib.contextmanager
def fronted(instance: Instance, beside: str = "") -> Iterator[int]:
    """Nginx before the product, with what else is to stand in its http block; its port."""
    from django.conf import settings

    folder, front = instance.folder, ports.choose()
    told = nginx.Front(("127.0.0.1", "localhost"), f"127.0.0.1:{front}", cache=str(folder / "cache"), access_log="off")
    text = nginx.configuration(instance, told, settings=settings)
    with trial.running(folder / "nginx", f"{text}\n{beside}", front, workers=WORKERS):
        yield front
