"""A Kamailio of one's own, without root and away from the machine's, for tests and benchmarks."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from kindline.runtime import kamailio
from kindline.runtime.kamailio import Front

UP_WITHIN_S, DOWN_WITHIN_S = 30, 10
ASK = (
    "OPTIONS sip:{at} SIP/2.0\r\nVia: SIP/2.0/UDP {own};rport;branch=z9hG4bKup{number}\r\nMax-Forwards: 0\r\n"
    "From: <sip:up@{own}>;tag=1\r\nTo: <sip:{at}>\r\nCall-ID: up-{number}\r\nCSeq: 1 OPTIONS\r\n"
    "Content-Length: 0\r\n\r\n"
)
"""It may not be passed on, so it is answered by the proxy itself."""


class KamailioMissingError(RuntimeError):
    """There is no Kamailio here; the message says what to install."""


def program() -> str:
    """Where Kamailio is; it is not on the PATH of those who are not root. Raises: KamailioMissingError."""
    found = shutil.which("kamailio", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise KamailioMissingError("kamailio is not installed (Debian: kamailio)")
    return found


def checked(folder: Path) -> str:
    """What Kamailio finds wrong with the files in the folder; nothing: it takes them. Raises: KamailioMissingError."""
    words = [program(), "-c", "-f", str(folder / kamailio.FILE), "-Y", str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


@contextlib.contextmanager
def running(folder: Path, front: Front) -> Iterator[int]:
    """Kamailio with its files in the folder, until the end of the block; its process.

    Raises: KamailioMissingError; RuntimeError when it does not answer, with what it said.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in kamailio.files(replace(front, folder=folder)).items():
        (folder / name).write_text(text, encoding="ascii")
    words = [program(), "-DD", "-E", "-f", str(folder / kamailio.FILE), "-Y", str(folder), "-m", "64"]
    with (folder / "said.txt").open("wb") as said:
        process = subprocess.Popen(words, stdout=said, stderr=said, start_new_session=True)
    try:
        _wait(process, front.listen, folder)
        yield process.pid
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end; what is there after that is killed, with all of its own processes."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(DOWN_WITHIN_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _wait(process: subprocess.Popen[bytes], listen: str, folder: Path) -> None:
    until, number = time.monotonic() + UP_WITHIN_S, 0
    while not _answers(listen, number := number + 1):
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError((folder / "said.txt").read_text(encoding="utf-8", errors="replace")[-3000:])


def _answers(listen: str, number: int) -> bool:
    host, _, port = listen.rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.2)
        asking.connect((host, int(port)))
        own = "{}:{}".format(*asking.getsockname())
        try:
            asking.send(ASK.format(at=listen, own=own, number=number).encode())
            return asking.recv(4096).startswith(b"SIP/2.0")
        except OSError:
            time.sleep(0.05)
            return False
