"""Today's tables for a database of a test's own: made once by the migrations, from then on out of a dump of it."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from kindline.runtime import postgres

_folder = Path(tempfile.mkdtemp(prefix="kindline-shape-"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
DUMP = _folder / "shape.dump"


def give(url: str, migrate: Callable[[], object]) -> None:
    """Give an empty database its tables; `migrate` makes them where there is no dump yet."""
    if DUMP.exists():
        _run("pg_restore", "--no-owner", "--exit-on-error", "--dbname", url, str(DUMP))
        return
    migrate()
    fresh = DUMP.with_suffix(".new")
    _run("pg_dump", "--format=custom", "--compress=0", "--file", str(fresh), url)
    fresh.rename(DUMP)


def _run(program: str, *words: str) -> None:
    subprocess.run([str(postgres.programs() / program), *words], check=True, capture_output=True)
