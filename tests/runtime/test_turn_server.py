"""`kindline doctor` asks a real TURN server (coturn) for an allocation, and says what is wrong with it."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from kindline.runtime import ports, settings, turn_server
from kindline.runtime.findings import FAIL, OK, WARN, Finding
from tests.runtime.test_doctor import examine
from tests.runtime.test_nginx import paired

SECRET = "дощ на дорозі"
OUTSIDE = "--external-ip=5.5.5.5/127.0.0.1"
"""What it says of itself; nothing is sent there."""
DENIED = (
    "10.0.0.0-10.255.255.255", "172.16.0.0-172.31.255.255", "192.168.0.0-192.168.255.255",
    "169.254.0.0-169.254.255.255",
)  # fmt: skip
CLOSED = [OUTSIDE, *(f"--denied-peer-ip={one}" for one in DENIED)]
SHARED = ["--use-auth-secret", f"--static-auth-secret={SECRET}"]


@contextlib.contextmanager
def coturn(folder: Path, *words: str) -> Iterator[int]:
    """A TURN server on loopback, until the end of the block; its port."""
    program = shutil.which("turnserver")
    if program is None:
        pytest.fail("coturn is not installed (Debian: coturn)", pytrace=False)
    port = ports.choose()
    own = [
        "-n", "--no-cli", "--log-file=stdout", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", "--realm=tried",
        f"--listening-port={port}", f"--tls-listening-port={port}", f"--pidfile={folder / 'pid'}",
        f"--userdb={folder / 'users'}",
    ]  # fmt: skip
    with (folder / "coturn.txt").open("wb") as said:
        process = subprocess.Popen([program, *own, *words], stdout=said, stderr=said, cwd=folder)
    try:
        _wait(process, port, folder / "coturn.txt")
        yield port
    finally:
        process.kill()
        process.wait(20)


def _wait(process: subprocess.Popen[bytes], port: int, said: Path) -> None:
    until = time.monotonic() + 30
    while True:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=2).close()
            return
        assert process.poll() is None, said.read_text()
        assert time.monotonic() < until, said.read_text()
        time.sleep(0.05)


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.ICE, "turn_secret", SECRET)
    monkeypatch.setattr(turn_server, "ANSWERS_WITHIN_S", 3.0)


def told(monkeypatch: pytest.MonkeyPatch, *urls: str) -> list[Finding]:
    """What the doctor says of these servers."""
    monkeypatch.setitem(settings.ICE, "turn", list(urls))
    return list(turn_server.findings(timezone.now()))


def test_a_server_that_carries_outside_alone_is_well_by_udp_and_tcp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with coturn(tmp_path, *SHARED, *CLOSED) as port:
        found = told(monkeypatch, f"turn:127.0.0.1:{port}", f"turn:127.0.0.1:{port}?transport=tcp")
    assert [one.level for one in found] == [OK, OK], found
    assert all(one.detail.endswith("carries, from 5.5.5.5") for one in found)


def test_a_server_that_carries_into_the_house_is_told_with_the_nets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ASVS 5.0: 17.1.1."""
    with coturn(tmp_path, *SHARED, OUTSIDE, "--allow-loopback-peers", f"--denied-peer-ip={DENIED[0]}") as port:
        (found,) = told(monkeypatch, f"turn:127.0.0.1:{port}")
    assert found.level == WARN
    assert found.detail.endswith("into the house: to 127.0.0.1, 172.16.0.1, 192.168.0.1, 169.254.169.254")
    assert "denied-peer-ip" in found.cure


def test_an_address_that_nobody_at_home_reaches_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with coturn(tmp_path, *SHARED, *CLOSED[1:]) as port:
        (found,) = told(monkeypatch, f"turn:127.0.0.1:{port}")
    assert (found.level, "external-ip" in found.cure) == (WARN, True), found


def test_another_secret_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with coturn(tmp_path, "--use-auth-secret", "--static-auth-secret=another", *CLOSED) as port:
        (found,) = told(monkeypatch, f"turn:127.0.0.1:{port}")
    assert (found.level, "refuses our credentials" in found.detail) == (FAIL, True), found
    assert "KINDLINE_TURN_SECRET" in found.cure
    assert SECRET not in found.line()


def test_a_server_for_everybody_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with coturn(tmp_path, "--no-auth", *CLOSED) as port:
        (found,) = told(monkeypatch, f"turn:127.0.0.1:{port}")
    assert (found.level, "for anybody" in found.detail) == (FAIL, True), found


def test_a_certificate_that_nobody_trusts_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = paired(tmp_path)
    with coturn(tmp_path, *SHARED, *CLOSED, f"--cert={files['certificate']}", f"--pkey={files['key']}") as port:
        (found,) = told(monkeypatch, f"turns:127.0.0.1:{port}")
    assert (found.level, "certificate" in found.cure) == (FAIL, True), found


@pytest.mark.parametrize("way", ["", "?transport=tcp"])
def test_nobody_there_is_told(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.setattr(turn_server, "ANSWERS_WITHIN_S", 0.7)
    (found,) = told(monkeypatch, f"turn:127.0.0.1:{ports.choose(udp=True)}{way}")
    assert (found.level, "does not answer" in found.detail) == (FAIL, True), found


@pytest.mark.parametrize("url", ["turn.example.org:3478", "stun:turn.example.org", "turn:a:0", "turn:a:99999", "turn:"])
def test_what_is_no_address_is_told(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    (found,) = told(monkeypatch, url)
    assert (found.level, "is no address" in found.detail) == (FAIL, True), found


@pytest.mark.parametrize(
    ("url", "port", "is_tcp", "host"),
    [
        ("turn:turn.example.org", 3478, False, "turn.example.org"),
        ("turns:turn.example.org", 5349, True, "turn.example.org"),
        ("turn:[2001:db8::1]:3479?transport=tcp", 3479, True, "2001:db8::1"),
    ],
)  # fmt: skip
def test_an_address_is_read_as_browsers_read_it(url: str, port: int, is_tcp: bool, host: str) -> None:
    found = turn_server.place(url)
    assert (found.port, found.is_tcp, found.host) == (port, is_tcp, host)


def test_none_is_well_and_one_without_a_secret_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = told(monkeypatch)
    assert (found.level, "KINDLINE_TURN_URLS" in found.cure) == (OK, True)
    monkeypatch.setitem(settings.ICE, "turn_secret", "")
    (found,) = told(monkeypatch, "turn:127.0.0.1")
    assert (found.level, "KINDLINE_TURN_SECRET" in found.detail) == (FAIL, True)


def test_the_command_asks_it_too(tmp_path: Path) -> None:
    with coturn(tmp_path, *SHARED, *CLOSED) as port:
        where = {"KINDLINE_TURN_URLS": f"turn:127.0.0.1:{port}", "KINDLINE_TURN_SECRET": SECRET}
        _, lines = examine(tmp_path / "none", **where)
    assert lines["turn"].startswith("ok")
