"""Where Asterisk is: named by a setting, found on PATH, or unpacked into the cache without root."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SETTING = "KINDLINE_ASTERISK"
COMPLETE = ".version"
"""Written last into an unpacked tree: without it the tree is half unpacked."""


@dataclass(frozen=True)
class Tree:
    """An Asterisk installation: one unpacked below `root`, or the system's own where `root` is /."""

    root: Path

    @property
    def loader(self) -> list[str]:
        """The words before the program's name: an unpacked tree runs under its own loader and libraries."""
        own = self.root / "usr/lib64/ld-linux-x86-64.so.2"
        if self.root == Path("/") or not own.exists():
            return []
        return [str(own), "--library-path", str(self.root / "usr/lib/x86_64-linux-gnu")]

    @property
    def program(self) -> Path:
        """The engine itself."""
        return self.root / "usr/sbin/asterisk"

    @property
    def modules(self) -> Path:
        """The folder of loadable modules."""
        found = sorted(self.root.glob("usr/lib/*/asterisk/modules")) or sorted(
            self.root.glob("usr/lib*/asterisk/modules")
        )
        return found[0] if found else self.root / "usr/lib/asterisk/modules"

    @property
    def share(self) -> Path:
        """Sounds, documentation and the description of its interface."""
        own = self.root / "usr/share/asterisk"
        return own if own.is_dir() else self.root / "var/lib/asterisk"

    def version(self) -> str:
        """What the program says it is, as `Asterisk 22.10.1`; empty when it does not start."""
        done = subprocess.run(
            [*self.loader, str(self.program), "-V"], capture_output=True, text=True, timeout=20, check=False
        )
        return done.stdout.strip()


def cache_folder() -> Path:
    """Where packages are kept and unpacked, shared by all instances of this user."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "kindline" / "asterisk"


def find() -> Tree | None:
    """The Asterisk to use: the setting KINDLINE_ASTERISK (a root folder), the one on PATH, the unpacked one, or none."""
    named = os.environ.get(SETTING)
    if named:
        return Tree(Path(named))
    on_path = shutil.which("asterisk") or shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin")
    if on_path and Path(on_path) == Path("/usr/sbin/asterisk"):
        return Tree(Path("/"))
    unpacked = cache_folder() / "root"
    return Tree(unpacked) if (unpacked / COMPLETE).is_file() else None
