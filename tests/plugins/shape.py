"""Today's tables for a database of a test's own: made once by the migrations, from then on out of a dump of it.

Dumps outlive the run: one is good as long as no migration and no locked library has changed.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from kindline.runtime import postgres

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kindline" / "shapes"
KEPT = 12


def give(url: str, migrate: Callable[[], object], way: str = "long") -> None:
    """Give an empty database its tables; `migrate` makes them where there is no dump yet. `way`: by which history."""
    if not restored(url, way):
        migrate()
        keep(url, way)


def restored(url: str, way: str) -> bool:
    """Whether there was a dump, from which the empty database now has its tables."""
    dump = _dump(way)
    if not dump.exists():
        return False
    os.utime(dump)
    _run("pg_restore", "--no-owner", "--exit-on-error", "--dbname", url, str(dump))
    return True


def keep(url: str, way: str) -> None:
    """Keep the tables of a database for the next that needs such; the oldest dumps make room."""
    dump = _dump(way)
    dump.parent.mkdir(parents=True, exist_ok=True)
    fresh = dump.with_suffix(f".{os.getpid()}")
    _run("pg_dump", "--format=custom", "--compress=1", "--file", str(fresh), url)
    fresh.rename(dump)
    for old in sorted(FOLDER.glob("*.dump"), key=lambda one: one.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)


def _dump(way: str) -> Path:
    return FOLDER / f"{_key()}-{way}.dump"


@cache
def _key() -> str:
    """What the tables depend on: our migrations, the libraries with theirs, and how tests make them."""
    digest = hashlib.sha256()
    for path in sorted(_sources()):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:20]


def _sources() -> Iterator[Path]:
    yield from (ROOT / "kindline").glob("**/migrations/*.py")
    yield from (ROOT / "requirements").glob("*.txt")
    yield from (Path(__file__), Path(__file__).with_name("short_way.py"))


def _run(program: str, *words: str) -> None:
    subprocess.run([str(postgres.programs() / program), *words], check=True, capture_output=True)
