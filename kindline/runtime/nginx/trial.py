"""A nginx of one's own, without root and away from the machine's, for tests and benchmarks."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

UP_WITHIN_S = 30
LINES = 4096
"""So many lines one process of nginx holds, as docs/how-to/behind-nginx.md says; in Debian's own file they are 768."""
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class NginxMissingError(RuntimeError):
    """There is no nginx here; the message says what to install."""


def program() -> str:
    """Where nginx is; it is not always on the PATH of those who are not root. Raises: NginxMissingError."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise NginxMissingError("nginx is not installed (Debian: nginx)")
    return found


@contextlib.contextmanager
def running(folder: Path, inside: str, port: int, *, workers: int = 1) -> Iterator[int]:
    """Nginx with `inside` in its http block, until the end of the block; its process.

    Raises: NginxMissingError; RuntimeError when it does not come to listen on the port, with what it said.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nginx.conf").write_text(_whole(folder, inside, workers), encoding="utf-8")
    words = [program(), "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", str(folder / "error.log")]
    with (folder / "said.txt").open("wb") as said:
        process = subprocess.Popen(words, stdout=said, stderr=said)
    try:
        _wait(process, port, folder)
        yield process.pid
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)


def _whole(folder: Path, inside: str, workers: int) -> str:
    user = "user root;" if os.geteuid() == 0 else ""
    places = "\n".join(f"    {name}_temp_path {folder}/{name};" for name in TEMPORARY)
    return f"""{user}
daemon off;
worker_processes {workers};
worker_rlimit_nofile {2 * LINES};
pid {folder}/pid;
events {{ worker_connections {LINES}; }}
http {{
{places}
{inside}
}}
"""


def _wait(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    until = time.monotonic() + UP_WITHIN_S
    while True:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=2).close()
            return
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError((folder / "said.txt").read_text() + (folder / "error.log").read_text())
        time.sleep(0.05)
