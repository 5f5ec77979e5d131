"""Today's tables for an empty database: made once by the migrations, from then on out of a dump of that.

Dumps lie in the user's cache and outlive instances: one is good as long as no migration and no locked library has
changed. They are taken before anything of an organisation is in the tables, and hold no secret.
"""

from __future__ import annotations

import hashlib
import logging
import os
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from psycopg import conninfo

from kindline.runtime import postgres

log = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[2]
KEPT = 12


def folder() -> Path:
    """Where dumps are kept; XDG_CACHE_HOME moves it."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kindline" / "shapes"


def give(url: str, migrate: Callable[[], object], way: str = "long") -> bool:
    """Give an empty database its tables, by `migrate` where there is no dump yet; whether there was one.

    `way`: by which history. What goes wrong with a dump leaves the database to `migrate`.
    """
    if restored(url, way):
        return True
    migrate()
    try:
        keep(url, way)
    except (OSError, subprocess.CalledProcessError) as error:
        log.warning("the tables are not kept for the next start: %s", _said(error))
    return False


def restored(url: str, way: str) -> bool:
    """Whether there was a dump, from which the empty database now has its tables; all of it or nothing."""
    dump = _dump(way)
    try:
        os.utime(dump)
        _run(url, "pg_restore", "--no-owner", "--single-transaction", str(dump))
    except FileNotFoundError:
        return False
    except (OSError, subprocess.CalledProcessError) as error:
        log.warning("%s is of no use: %s", dump, _said(error))
        return False
    return True


def keep(url: str, way: str) -> None:
    """Keep the tables of a database for the next that needs such; the oldest dumps make room."""
    dump = _dump(way)
    dump.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = dump.with_suffix(f".{os.getpid()}")
    _run(url, "pg_dump", "--format=custom", "--compress=1", "--file", str(fresh))
    fresh.rename(dump)
    for old in sorted(folder().glob("*.dump"), key=lambda one: one.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)


def _dump(way: str) -> Path:
    return folder() / f"{_key()}-{way}.dump"


@cache
def _key() -> str:
    """What the tables depend on: our migrations, the libraries with theirs, and how dumps are made."""
    digest = hashlib.sha256()
    for path in sorted(_sources()):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:20]


def _sources() -> Iterator[Path]:
    yield from (ROOT / "kindline").glob("**/migrations/*.py")
    yield from (ROOT / "requirements").glob("*.txt")
    yield Path(__file__)


def _run(url: str, program: str, *words: str) -> None:
    """The password goes by the environment: command lines are read by every user of the machine."""
    known = {name: str(value) for name, value in conninfo.conninfo_to_dict(url).items()}
    secret = {"PGPASSWORD": known.pop("password")} if "password" in known else {}
    named = ["--dbname", conninfo.make_conninfo("", **known)]
    command = [str(postgres.programs() / program), *named, *words]
    subprocess.run(command, check=True, capture_output=True, env=os.environ | secret)


def _said(error: Exception) -> str:
    told = error.stderr.decode(errors="replace").strip() if isinstance(error, subprocess.CalledProcessError) else ""
    return told or str(error)
