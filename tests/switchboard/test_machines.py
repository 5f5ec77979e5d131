"""Machines of one's own: what a killed run has left is in nobody's way, and two runs do not meet."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.switchboard import machines

ROOT = Path(__file__).resolve().parents[2]
KILLED = """
import os, signal
from tests.switchboard import machines
with machines.lan(1) as lan:
    print(lan.address, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
possible = pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("ip"), reason="made by root with `ip netns` only")


@possible
def test_what_a_killed_run_has_left_is_taken_away() -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED], cwd=ROOT, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with machines.lan(1) as lan:
        assert lan.address == killed.stdout.strip(), "it is another number: nothing was in the way"
        assert Path("/sys/class/net", lan.machines[0].wire).exists()
    assert not Path("/sys/class/net", lan.machines[0].wire).exists()
    assert not Path("/run/netns", lan.machines[0].name).exists()


@possible
def test_two_runs_have_machines_at_a_time() -> None:
    with machines.lan(1) as one, machines.lan(1) as other:
        assert one.address != other.address


@possible
def test_what_cannot_be_made_although_it_could_is_no_reason_to_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machines, "_clear", lambda key: machines._ip("link", "del", f"klb{key}"))
    with pytest.raises(machines.LanError), machines.lan(1):
        pass


def test_who_is_not_root_has_no_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(machines.NoMachinesError), machines.lan(1):
        pass
