"""Where Asterisk is: named by a setting, found on PATH, or unpacked into the cache without root."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SETTING = "KINDLINE_ASTERISK_ROOT"
COMPLETE = ".version"
"""Written last into an unpacked tree: without it the tree is half unpacked."""


@dataclass(frozen=True)
class Tree:
    """An Asterisk installation: one unpacked below `root`, or the system's own where `root` is /."""

    root: Path

    @property
    def loader(self) -> list[str]:
        """The words before the program's name: an unpacked tree runs under its own loader and libraries."""
        loaders = [*self.root.glob("usr/lib64/ld-linux-*.so.*"), *self.root.glob("usr/lib/ld-linux-*.so.*")]
        libraries = sorted(self.root.glob("usr/lib/*-linux-gnu*"))
        if self.root == Path("/") or not loaders or not libraries:
            return []
        return [str(loaders[0]), "--library-path", str(libraries[0])]

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
        words = [*self.loader, str(self.program), "-V"]
        try:
            return subprocess.run(words, capture_output=True, text=True, timeout=20, check=False).stdout.strip()
        except (OSError, subprocess.TimeoutExpired):
            return ""

    def has(self, module: str) -> bool:
        """Whether this Asterisk brings the module."""
        return (self.modules / f"{module}.so").is_file()


def number(version: str) -> tuple[int, ...]:
    """The part of a version that can be compared: `Asterisk 22.10.1+dfsg` is (22, 10, 1)."""
    found = re.search(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def cache_folder() -> Path:
    """Where packages are kept and unpacked, shared by all instances of this user."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "kindline" / "asterisk"


def find() -> Tree | None:
    """The Asterisk to use: the setting KINDLINE_ASTERISK (a root folder), the one on PATH, the unpacked one."""
    named = os.environ.get(SETTING)
    if named:
        return Tree(Path(named))
    on_path = shutil.which("asterisk") or shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin")
    if on_path and Path(on_path) == Path("/usr/sbin/asterisk"):
        return Tree(Path("/"))
    unpacked = cache_folder() / "root"
    return Tree(unpacked) if (unpacked / COMPLETE).is_file() else None
