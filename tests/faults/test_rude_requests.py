"""W3: slow heads, heads and bodies without end, two lengths in one request. Others are served all the while."""

import os
import random
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator

import pytest

from kindline.runtime import ports
from tests.plugins import faults, nginx
from tests.plugins.product import ROOT
from tests.plugins.rude import until

pytestmark = pytest.mark.fault("W3")
SEED = faults.seed(20261201)
PATIENCE_S = 60
GOOD = b"GET /alive/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The pages as the product serves them, one process, without an instance; its port."""
    port, folder = ports.choose(), tmp_path_factory.mktemp("web")
    words = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--no-ws"]
    words += ["--blocking-threads", "4", "--log-level", "warning", "kindline.runtime.wsgi:application"]
    environment = os.environ | {"KINDLINE_INSTANCE": str(folder / "none"), "PYTHONPATH": str(ROOT)}
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "granian", *words], cwd=folder, env=environment, stdout=log, stderr=log
        )
    try:
        until(lambda: _is_served(port), 60, (folder / "web.log").read_text(errors="replace"))
        yield port
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module", params=["alone", "behind nginx"])
def web(request: pytest.FixtureRequest, pages: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where they are asked: at their own port, or at that of nginx with our configuration."""
    if request.param == "alone":
        yield pages
        return
    with nginx.before(tmp_path_factory.mktemp("nginx"), pages) as port:
        yield port


def _is_served(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/alive/", timeout=PATIENCE_S) as answer:
            return bool(answer.read() == b"ok")
    except OSError:
        return False


def said(port: int, request: bytes) -> bytes:
    """What the server answers to raw bytes until it hangs up, or waits for more than there is."""
    found = b""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as line:
        try:
            line.sendall(request)
            while block := line.recv(65536):
                found += block
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            pass
    return found


def statuses(found: bytes) -> list[bytes]:
    """The status of every answer on a line."""
    return [line.split(b" ")[1] for line in found.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


def test_two_hundred_slow_heads_keep_nobody_waiting(web: int) -> None:
    chance, slow = random.Random(SEED), []
    try:
        for _ in range(200):
            line = socket.create_connection(("127.0.0.1", web), timeout=PATIENCE_S)
            line.sendall(GOOD[: chance.randrange(1, len(GOOD))])
            slow.append(line)
        ledger = [_is_served(web) for _ in range(20)]
    finally:
        for line in slow:
            line.close()
    assert all(ledger)


def test_a_head_of_ten_thousand_lines_is_refused(web: int) -> None:
    many = b"".join(b"X-%d: a\r\n" % number for number in range(10_000))
    found = said(web, GOOD + many + b"\r\n")
    assert statuses(found) in ([], [b"431"], [b"400"])
    assert _is_served(web)


def test_a_head_without_end_is_refused(web: int) -> None:
    found = said(web, GOOD + b"X-Long: " + b"a" * 5_000_000)
    assert b"200" not in statuses(found)
    assert _is_served(web)


PAIRS = {
    "both": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "both turned": b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    "two lengths": b"Content-Length: 5\r\nContent-Length: 44\r\n",
    "two in one": b"Content-Length: 5, 44\r\n",
    "a sign": b"Content-Length: +5\r\n",
    "a blank before": b"Transfer-Encoding : chunked\r\n",
    "a vertical tab": b"Transfer-Encoding: \x0bchunked\r\n",
    "unknown": b"Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n",
}


@pytest.mark.parametrize("pair", PAIRS)
def test_no_second_request_is_hidden_in_a_first(web: int, pair: str) -> None:
    """Whatever is understood, what is hidden in the body is never answered as a request of its own."""
    hidden = b"GET /smuggled/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    request = b"POST /alive/ HTTP/1.1\r\nHost: 127.0.0.1\r\n" + PAIRS[pair] + b"\r\n0\r\n\r\n" + hidden
    found = statuses(said(web, request))
    assert found in ([b"400"], [b"403"], [b"501"]), (
        "refused, or one answer to one request (that it came from no page of ours)"
    )
    assert _is_served(web)


def test_a_body_that_is_promised_and_does_not_come_keeps_nobody_waiting(web: int) -> None:
    lines = []
    try:
        for _ in range(3):  # one fewer than there are threads
            line = socket.create_connection(("127.0.0.1", web), timeout=PATIENCE_S)
            line.sendall(b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000000\r\n\r\nusername=")
            lines.append(line)
        assert all(_is_served(web) for _ in range(10))
    finally:
        for line in lines:
            line.close()
