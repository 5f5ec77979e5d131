"""A provisioned engine starts, answers, refuses to be half ready, and takes a message when no switchboard does."""

import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kindline.runtime.asterisk import engine, layout
from tests.plugins.asterisk import Asterisk, launch

pytestmark = pytest.mark.asterisk


def wait_for(condition: Callable[[], object], limit_s: float = 20) -> object:
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError("waited in vain")


def test_it_loads_all_that_is_listed_without_an_error(asterisk: Asterisk) -> None:
    log = asterisk.instance.log_folder / "asterisk.log"
    errors = [line for line in log.read_text(encoding="utf-8").splitlines() if " ERROR" in line or " WARNING" in line]
    assert errors == []
    listed = set(layout.modules(asterisk.tree))
    running = {line.split(".so")[0] for line in asterisk.ask("module show").splitlines() if "Running" in line}
    assert listed - running == set()


def test_it_is_as_new_as_we_need(asterisk: Asterisk) -> None:
    assert asterisk.tree.version().startswith("Asterisk 2")
    assert "StasisBroadcast" in asterisk.ask("dialplan show from-trunk")


def test_another_instance_runs_beside_it(asterisk: Asterisk, tmp_path: Path) -> None:
    other = launch(tmp_path)
    try:
        assert other.values.sip_port != asterisk.values.sip_port
        assert f":{asterisk.values.sip_port}" in asterisk.ask("pjsip show transports")
    finally:
        other.stop()


def test_it_starts_again_after_a_kill(tmp_path: Path) -> None:
    made = launch(tmp_path)
    made.stop(signal.SIGKILL)
    made.start()
    made.stop()
    assert made.process is not None
    assert made.process.returncode == 0


def test_a_taken_sip_port_is_not_called_ready(tmp_path: Path) -> None:
    made = launch(tmp_path)
    made.stop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", made.values.sip_port))
        with pytest.raises(engine.NotReadyError, match="SIP"):
            engine_start(made)
    made.stop()


def engine_start(made: Asterisk) -> None:
    words = engine.command(made.tree, made.folder)
    made.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
    alive = made.process
    engine.wait_until_ready(made.tree, made.folder, made.values, timeout_s=3, alive=lambda: alive.poll() is None)


@pytest.mark.parametrize("broadcast", [True, False])
def test_a_caller_whom_no_switchboard_takes_leaves_a_message(tmp_path: Path, broadcast: bool) -> None:
    made = launch(tmp_path)
    if not broadcast:
        extensions = made.folder / "etc" / "extensions.conf"
        text = extensions.read_text(encoding="utf-8")
        extensions.write_text(text.replace(layout.BROADCAST.replace("@CLAIM_MS@", "500"), layout.HEARTBEAT), "utf-8")
        made.ask("dialplan reload")
        assert "StasisBroadcast" not in made.ask("dialplan show from-trunk")
    call(made, "hotline", seconds=4)
    entry = wait_for(lambda: next(made.values.fallback.glob("*.txt"), None))
    assert isinstance(entry, Path)
    words = entry.read_text(encoding="utf-8").strip().split("|")
    assert words[2:] == ["hotline", "79210000001"]
    wait_for(lambda: entry.with_suffix(".wav").exists() and not calls_of(made))
    assert entry.with_suffix(".wav").stat().st_size > 8000
    made.stop()


def calls_of(made: Asterisk) -> int:
    return int(made.ask("core show channels count").split()[0])


def call(made: Asterisk, line: str, *, seconds: int) -> None:
    """A whole call of the tool sipp: it is answered, speaks and hangs up."""
    (made.instance.folder / "speech.alaw").write_bytes(bytes(range(256)) * 64)
    words = ["sipp", f"127.0.0.1:{made.values.sip_port}", "-sf", str(Path(__file__).with_name("caller.xml"))]
    words += ["-i", "127.0.0.1", "-mi", "127.0.0.1", "-s", line, "-m", "1", "-d", str(seconds * 1000)]
    done = subprocess.run(
        [*words, "-nostdin", "-timeout", "30"],
        cwd=made.instance.folder,
        env={"TERM": "dumb", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
