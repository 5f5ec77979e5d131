"""How a child process is started: through the trampoline, so that it cannot outlive us."""

import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

TRAMPOLINE = Path(__file__).with_name("trampoline.py")


@dataclass(frozen=True)
class Launch:
    """A program with its words, the signals that stop it, the user it runs as (default: ourselves), and its rank."""

    program: list[str]
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals | None = None
    """What the kernel sends it when the supervisor is killed; default: the signal that stops it."""
    uid: int = -1
    gid: int = -1
    nice: int = 0
    """How far it stands back when the processor is wanted by several: 0 = not at all, 19 = behind everybody."""

    def words(self) -> list[str]:
        """The command line for a child of this very process."""
        uid = os.geteuid() if self.uid < 0 else self.uid
        gid = os.getegid() if self.gid < 0 else self.gid
        who = [str(os.getpid()), str(int(self.orphan_signal or self.stop_signal)), str(uid), str(gid), str(self.nice)]
        return [sys.executable, "-I", "-S", str(TRAMPOLINE), *who, *self.program]
