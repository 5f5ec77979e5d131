"""The database full or silent (faults D2, J4); killed: tests/journal/test_crash.py (D1)."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from kindline.runtime import settings
from tests.faults.conftest import Load
from tests.plugins import postgres as plugin
from tests.plugins.postgres import Server


def wait_for(condition: Callable[[], object], limit_s: float = 60) -> None:
    until = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


def wait_for_more(load: Load, count: int) -> None:
    before = len(load.acknowledged())
    wait_for(lambda: len(load.acknowledged()) > before + count)


def fill(ballast: Path) -> None:
    """Take what is free on a volume that others write to meanwhile: they may be the quicker ones."""
    free = shutil.disk_usage(ballast.parent).free
    with contextlib.suppress(OSError):
        ballast.write_bytes(b"\0" * (free - 200_000))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A volume of its own that is soon full."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=150m,mode=755", "none", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a volume of its own can be mounted by root only")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.fault("D2")
def test_a_full_volume_refuses_and_keeps_what_it_took(load: Load, small_disk: Path) -> None:
    load.server.stop()
    data = small_disk / "postgres"
    subprocess.run(["cp", "-a", str(load.server.data), str(data)], check=True)
    shutil.rmtree(load.server.data / "base")
    wal = load.server.data / "pg_wal"
    shutil.rmtree(data / "pg_wal")
    (data / "pg_wal").symlink_to(wal)
    load.server.data = data
    load.server.start()
    ballast = small_disk / "ballast"
    load.begin()
    wait_for(lambda: len(load.acknowledged()) > 200)
    fill(ballast)
    wait_for(lambda: "No space left on device" in (small_disk / "postgres.log").read_text(encoding="utf-8"))
    assert load.server.process.poll() is None
    ballast.unlink()
    wait_for_more(load, 100)
    load.end()
    assert set(load.acknowledged()) == set(load.stored())


def connect(server: Server) -> psycopg.Connection:
    described = settings.database(server.url)
    options = {name: value for name, value in described["OPTIONS"].items() if name != "pool"}
    return psycopg.connect(server.url, autocommit=True, **options)


@pytest.mark.fault("J4")
def test_every_connection_notices_a_silent_network(pg: Server) -> None:
    with connect(pg) as connection, socket.socket(fileno=os.dup(connection.fileno())) as handle:
        assert handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 10_000
        assert handle.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 5


@pytest.fixture
def silence() -> Iterator[Callable[[int], None]]:
    """Drop every packet to and from a port of this machine, without a word, until the test ends."""
    table = f"kindline_{os.getpid()}"
    made = [shutil.which("nft") or "", "add", "table", "inet", table]
    if os.geteuid() != 0 or not made[0] or subprocess.run(made, check=False, capture_output=True).returncode:
        pytest.skip("packets can be dropped by root with nft only")

    def drop(port: int) -> None:
        rules = f"""
            add chain inet {table} out {{ type filter hook output priority 0; }}
            add rule inet {table} out tcp dport {port} drop
            add rule inet {table} out tcp sport {port} drop
        """
        subprocess.run([made[0], "-f", "-"], input=rules.encode(), check=True)

    yield drop
    subprocess.run([made[0], "delete", "table", "inet", table], check=True)


@pytest.mark.fault("J4")
def test_a_silent_network_is_an_error_in_seconds(tmp_path: Path, silence: Callable[[int], None]) -> None:
    server = plugin.launch(tmp_path)
    try:
        with connect(server) as connection:
            connection.execute("select 1")
            silence(server.port)
            began = time.monotonic()
            with pytest.raises(psycopg.OperationalError):
                connection.execute("select 1")
            assert time.monotonic() - began < 20
    finally:
        server.process.kill()
        server.process.wait()
