"""Several machines on one: each a network and a host name of its own, joined by a bridge to this one.

A thread is on a machine while it is `inside`; the sockets, threads and processes that it makes there stay there.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

NETWORK, NAME = 0x40000000, 0x04000000
"""CLONE_NEWNET and CLONE_NEWUTS of Linux (sched.h); Python has them from 3.12 on."""
MINE = Path("/proc/thread-self/ns")
_libc = ctypes.CDLL(None, use_errno=True)

NOBODY = "02:00:00:00:00:99"
"""A card that is in no machine here."""
KEYS = 256
"""So many runs may have machines at a time."""


class NoMachinesError(RuntimeError):
    """Nobody could make them here; the message says why."""


class LanError(RuntimeError):
    """They could be made here, and were not."""


@dataclass(frozen=True)
class Machine:
    """One of them."""

    name: str
    address: str
    wire: str
    """The end of its wire that is at the bridge."""
    bridge: str
    gateway: str
    """The address of the bridge: this machine's."""

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """Be there: what is started takes calls at its address, and from it."""
        here = {"KINDLINE_SIP_ADDRESS": self.address, "KINDLINE_TRUNK_ADDRESSES": self.address}
        with pytest.MonkeyPatch.context() as patch, _back_again():
            for name, value in here.items():
                patch.setenv(name, value)
            with (Path("/run/netns") / self.name).open() as network:
                _call("setns", network.fileno(), NETWORK)
            _call("unshare", NAME)
            socket.sethostname(self.name)
            yield

    def cut(self) -> None:
        """Its wire is pulled out: packets to and from it are lost, nobody is told."""
        _ip("link", "set", self.wire, "down")

    def heal(self) -> None:
        """Its wire is put in again."""
        _ip("link", "set", self.wire, "up")

    def lose(self, *, answers_alone: bool = False) -> None:
        """Packets to and from it are lost on the way, nobody is told; or only those to it."""
        _ip("neighbour", "replace", self.address, "lladdr", NOBODY, "dev", self.bridge, "nud", "permanent")
        if not answers_alone:
            _ip(*self._here("replace", "lladdr", NOBODY, "nud", "permanent"))

    def find(self) -> None:
        """Packets pass again."""
        _ip("neighbour", "delete", self.address, "dev", self.bridge)
        with contextlib.suppress(LanError):
            _ip(*self._here("delete"))

    def _here(self, what: str, *how: str) -> list[str]:
        return ["-n", self.name, "neighbour", what, self.gateway, "dev", "eth0", *how]


@dataclass(frozen=True)
class Lan:
    """The machines, and where they reach this one."""

    address: str
    machines: list[Machine]


@contextlib.contextmanager
def lan(count: int) -> Iterator[Lan]:
    """So many machines for as long as the block lasts. Raises: NoMachinesError, LanError."""
    if os.geteuid() != 0 or not shutil.which("ip"):
        raise NoMachinesError("machines of one's own are made by root with `ip netns` (Debian's iproute2) only")
    with contextlib.ExitStack() as undo:
        key = undo.enter_context(_free_key())
        _clear(key)
        bridge, net = f"klb{key}", f"198.18.{key}"
        _bridge(bridge, f"{net}.1", undo)
        wanted = [
            Machine(f"klm{key}-{n}", f"{net}.{10 + n}", f"klw{key}-{n}", bridge, f"{net}.1")
            for n in range(1, count + 1)
        ]
        yield Lan(f"{net}.1", [_machine(one, bridge, undo) for one in wanted])


@contextlib.contextmanager
def _free_key() -> Iterator[int]:
    """A number that no other run has its machines under: its lock ends with the process, however that ends."""
    for key in range(KEYS):
        with Path(f"/run/klm{key}.lock").open("w") as lock:
            if _locks(lock):
                yield key
                return
    raise LanError(f"{KEYS} other runs have their machines here")


def _locks(file: IO[str]) -> bool:
    """Whether a file is locked by us now, and not by another one who lives."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _clear(key: int) -> None:
    """Take away what a run that was killed has left under this number."""
    net = Path("/sys/class/net")
    for wire in [*net.glob(f"klw{key}-*"), *net.glob(f"klb{key}")]:
        _ip("link", "del", wire.name)
    for name in Path("/run/netns").glob(f"klm{key}-*"):
        _ip("netns", "del", name.name)


def _bridge(name: str, address: str, undo: contextlib.ExitStack) -> None:
    _ip("link", "add", name, "type", "bridge")
    undo.callback(_ip, "link", "del", name)
    _ip("address", "add", f"{address}/24", "dev", name)
    _ip("link", "set", name, "up")


def _machine(made: Machine, bridge: str, undo: contextlib.ExitStack) -> Machine:
    _ip("netns", "add", made.name)
    undo.callback(_ip, "netns", "del", made.name)
    _ip("link", "add", made.wire, "type", "veth", "peer", "name", "eth0", "netns", made.name)
    undo.callback(_ip, "link", "del", made.wire)
    _ip("link", "set", made.wire, "master", bridge, "up")
    _ip("-n", made.name, "address", "add", f"{made.address}/24", "dev", "eth0")
    for name in ("lo", "eth0"):
        _ip("-n", made.name, "link", "set", name, "up")
    return made


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], check=False, capture_output=True, text=True)
    if done.returncode:
        raise LanError(f"ip {' '.join(words)}: {done.stderr.strip()}")


@contextlib.contextmanager
def _back_again() -> Iterator[None]:
    """This thread is afterwards where it was."""
    with (MINE / "net").open() as network, (MINE / "uts").open() as name:
        try:
            yield
        finally:
            _call("setns", network.fileno(), NETWORK)
            _call("setns", name.fileno(), NAME)


def _call(name: str, *words: int) -> None:
    """A call of the system. Raises: OSError."""
    if getattr(_libc, name)(*words):
        raise OSError(ctypes.get_errno(), name)
