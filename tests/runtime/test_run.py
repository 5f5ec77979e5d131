"""`kindline run`, as a person runs it: up, kept up, two side by side, stopped cleanly, quickly up again."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psycopg
import pytest

from kindline.runtime import phone, ports
from tests.plugins.product import ROOT, Product, launch
from tests.runtime.test_supervisor import alive

pytestmark = pytest.mark.asterisk

PARTS = {"postgres", "asterisk", "web", "live", "worker", "switchboard", "judge", "campaigns", "letters"}


PATIENCE_S = 240
"""For a machine that has much else to do."""


def all_up(product: Product) -> bool:
    return all(part["state"] == "up" for part in product.state()["parts"].values())


def fetch(product: Product) -> bytes:
    with urllib.request.urlopen(f"{product.url}/alive/", timeout=10) as answer:
        return bytes(answer.read())


def kill(product: Product, parts: set[str]) -> None:
    """Kill the parts at once and wait until each is back, as another process, and said so."""
    before = {part: product.state()["parts"][part] for part in parts}
    said = len(product.said())
    for part in before.values():
        os.kill(int(part["pid"]), signal.SIGKILL)
    product.wait(lambda: all(f"{name} is back" in product.said()[said:] for name in parts), PATIENCE_S)
    product.wait(lambda: all_up(product), PATIENCE_S)
    after = product.state()["parts"]
    assert all(after[name]["pid"] != before[name]["pid"] for name in parts)
    assert all(f"{name} ended by signal SIGKILL" in product.said()[said:] for name in parts)


def recorded_restarts(product: Product) -> set[str]:
    with psycopg.connect(product.instance.embedded_url) as connection:
        query = "select subject_id from journal_fact where kind = 'process_restarted'"
        return {str(row[0]) for row in connection.execute(query)}


def employees(product: Product) -> int:
    with psycopg.connect(product.instance.embedded_url) as connection:
        rows = connection.execute("select count(*) from staff_employee").fetchone()
        return int(rows[0]) if rows else 0


def refusal(*words: str) -> str:
    """What a start says that is refused."""
    command = [sys.executable, "-m", "kindline.runtime", "run", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    return done.stderr


def test_all_parts_are_up_and_said_so(instance: Product) -> None:
    instance.wait(lambda: set(instance.state()["parts"]) == PARTS and all_up(instance), PATIENCE_S)
    assert fetch(instance) == b"ok"
    assert f"http://localhost:{instance.instance.ports.web}/" in instance.said()
    assert instance.instance.secrets.demo_password in instance.said()
    assert phone.told(instance.instance.phone_file).up


def test_killed_parts_come_back_and_the_journal_knows(instance: Product) -> None:
    parts = PARTS - {"postgres"}
    instance.wait(lambda: set(instance.state()["parts"]) == PARTS and all_up(instance), PATIENCE_S)
    kill(instance, parts)
    assert fetch(instance) == b"ok"
    instance.wait(lambda: parts <= recorded_restarts(instance), PATIENCE_S)


def test_a_killed_database_comes_back_and_the_others_find_it(instance: Product) -> None:
    instance.wait(lambda: all_up(instance), PATIENCE_S)
    kill(instance, {"postgres"})
    with urllib.request.urlopen(f"{instance.url}/login/", timeout=30) as answer:
        assert answer.status == 200


def test_a_second_start_of_the_same_folder_is_refused(instance: Product) -> None:
    assert "already running" in refusal("--instance", str(instance.folder))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--profile", "nobody"], "court, krc, voe, yumek"),
        (["--port", "70000"], "no port"),
        (["--port", "{taken}"], "taken by another program"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_no_trace(
    instance: Product, tmp_path: Path, words: list[str], said: str
) -> None:
    taken = str(instance.instance.ports.web)
    folder = tmp_path / "new"
    assert said in refusal("--instance", str(folder), *(word.format(taken=taken) for word in words))
    assert not folder.exists()


def test_two_run_side_by_side_and_no_end_of_one_touches_the_other(instance: Product, tmp_path: Path) -> None:
    folder, words = tmp_path / "other", ("--empty", "--no-phone")
    other = launch(folder, "--profile", "court", *words)
    kept = other.instance.ports
    assert not {kept.web, kept.live, kept.postgres} & {instance.instance.ports.web, instance.instance.ports.live}
    assert fetch(other) == b"ok"
    assert "--no-phone" in phone.told(other.instance.phone_file).reason

    pids = [int(part["pid"]) for part in other.state()["parts"].values()]
    other.stop(signal.SIGKILL)
    instance.wait(lambda: not any(alive(pid) for pid in pids), 20)
    assert ports.is_free(kept.postgres)
    assert "another folder" in refusal("--instance", str(folder), "--profile", "krc")

    again = launch(folder, "--no-phone")
    assert again.instance.ports == kept
    assert again.instance.profile == "court"
    assert employees(again) == 0  # a folder that began empty stays so, whatever a later start says
    assert again.instance.secrets.demo_password not in again.said()
    assert "began with --empty" in again.said()
    pids = [int(part["pid"]) for part in again.state()["parts"].values() if part["pid"]]
    began = time.monotonic()
    assert again.stop() == 0
    assert time.monotonic() - began < 20
    assert again.said().rstrip().endswith("stopped")
    assert not any(alive(pid) for pid in pids)
    assert fetch(instance) == b"ok"
