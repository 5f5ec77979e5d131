"""`kindline run`, as a person runs it: up, kept up, two side by side, stopped cleanly, quickly up again."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from kindline.runtime import phone, ports
from tests.plugins.product import ROOT, Product, launch
from tests.runtime.test_supervisor import alive

pytestmark = pytest.mark.asterisk


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    made = launch(tmp_path_factory.mktemp("run"), "--profile", "krc", "--empty")
    yield made
    made.stop()


PARTS = {"postgres", "asterisk", "web", "live", "worker", "switchboard", "judge"}


def all_up(product: Product) -> bool:
    return all(part["state"] == "up" for part in product.state()["parts"].values())


def fetch(product: Product) -> bytes:
    with urllib.request.urlopen(f"{product.url}/alive/", timeout=10) as answer:
        return bytes(answer.read())


def test_all_parts_are_up_and_said_so(product: Product) -> None:
    product.wait(lambda: set(product.state()["parts"]) == PARTS and all_up(product))
    assert fetch(product) == b"ok"
    assert f"http://localhost:{product.instance.ports.web}/" in product.said()
    assert phone.told(product.instance.phone_file).up


@pytest.mark.parametrize("part", ["web", "live", "worker", "judge", "switchboard", "asterisk", "postgres"])
def test_a_killed_part_comes_back(product: Product, part: str) -> None:
    before = product.pid(part)
    restarts = product.state()["parts"][part]["restarts"]
    os.kill(before, signal.SIGKILL)
    product.wait(lambda: product.state()["parts"][part]["restarts"] > restarts)
    product.wait(lambda: f"{part} is back" in product.said())
    assert product.pid(part) != before
    assert f"{part} ended by signal SIGKILL" in product.said()
    product.wait(lambda: all_up(product))


def test_the_journal_knows_of_restarts(product: Product) -> None:
    os.kill(product.pid("worker"), signal.SIGKILL)

    def recorded() -> object:
        with psycopg.connect(product.instance.database_url) as connection:
            query = "select data from journal_fact where kind = 'process_restarted' and subject_id = 'worker'"
            return connection.execute(query).fetchone()

    product.wait(recorded)


def test_a_second_start_of_the_same_folder_is_refused(product: Product) -> None:
    command = [sys.executable, "-m", "kindline.runtime.cli", "run", "--instance", str(product.folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "already running" in done.stderr


def test_another_standard_needs_another_folder(product: Product, tmp_path: Path) -> None:
    del tmp_path
    folder = str(product.folder)
    command = [sys.executable, "-m", "kindline.runtime.cli", "run", "--instance", folder, "--profile", "court"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2


def test_two_run_side_by_side_and_stopping_one_leaves_the_other(product: Product, tmp_path: Path) -> None:
    other = launch(tmp_path / "other", "--profile", "court", "--empty", "--no-phone")
    pids = [part["pid"] for part in other.state()["parts"].values()]
    try:
        assert other.instance.ports.web != product.instance.ports.web
        assert fetch(other) == fetch(product) == b"ok"
        told = phone.told(other.instance.phone_file)
        assert not told.up
        assert "--no-phone" in told.reason
    finally:
        began = time.monotonic()
        code = other.stop()
    assert code == 0
    assert time.monotonic() - began < 20
    assert other.said().rstrip().endswith("stopped")
    assert not any(alive(pid) for pid in pids)
    assert fetch(product) == b"ok"


def test_a_killed_supervisor_leaves_nothing_and_the_next_start_is_clean(tmp_path: Path) -> None:
    first = launch(tmp_path / "one", "--empty", "--no-phone")
    pids = [part["pid"] for part in first.state()["parts"].values()]
    first.stop(signal.SIGKILL)
    until = time.monotonic() + 20
    while any(alive(pid) for pid in pids):
        assert time.monotonic() < until, "parts outlive their supervisor"
        time.sleep(0.05)
    kept = first.instance.ports
    assert ports.is_free(kept.postgres)
    again = launch(tmp_path / "one", "--empty", "--no-phone")
    assert again.instance.ports == kept
    assert again.stop() == 0
