"""Reading a profile folder: everything wrong at once, or a whole profile."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from kindline.standard.assembly import Assembly
from kindline.standard.faults import Fault, ProfileFaults, errors
from kindline.standard.menus import Menu
from kindline.standard.profile import Profile


def profiles_dir() -> Path:
    """Where the profiles lie: KINDLINE_PROFILES, else the repository's own folder."""
    return Path(os.environ.get("KINDLINE_PROFILES") or Path(__file__).resolve().parents[2] / "profiles")


def profile_ids() -> list[str]:
    """The profiles that there are, by folder name."""
    return sorted(path.parent.name for path in profiles_dir().glob("*/standard.yaml"))


@cache
def load(profile_id: str) -> Profile:
    """The profile of that id, read once. Raises: ProfileFaults."""
    return load_path(profiles_dir() / profile_id)


def load_path(path: Path | str) -> Profile:
    """The profile in a folder. Raises: ProfileFaults with everything that is wrong."""
    assembly = Assembly(Path(path))
    faults = assembly.check()
    if errors(faults):
        raise ProfileFaults(faults)
    return assembly.profile()


def check(path: Path | str) -> list[Fault]:
    """Everything wrong in a profile folder, faults and warnings, in the order of its files."""
    return Assembly(Path(path)).check()


def menu(folder: Path | str, file: Path | None = None) -> tuple[list[Fault], Menu | None]:
    """The faults of a profile's menu (or of another menu file under its limits), and the menu where it can be read."""
    assembly = Assembly(Path(folder), menu=file)
    faults = [fault for fault in assembly.check() if fault.file.endswith(assembly.menu_name)]
    return faults, None if errors(faults) else assembly.menu()
