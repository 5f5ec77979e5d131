"""Reading a profile folder: everything wrong at once, or a whole profile."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from kindline.standard.assembly import Assembly
from kindline.standard.documents import read
from kindline.standard.faults import Fault, ProfileFaults, errors
from kindline.standard.menus import Menu
from kindline.standard.profile import Profile


def profiles_dir() -> Path:
    """Where the profiles lie: KINDLINE_PROFILES, else the repository's own folder."""
    return Path(os.environ.get("KINDLINE_PROFILES") or Path(__file__).resolve().parents[2] / "profiles")


def profile_ids() -> list[str]:
    """The profiles that there are, by folder name."""
    return sorted(path.parent.name for path in profiles_dir().glob("*/standard.yaml"))


class _Held:
    """The day on which this process works: no other state is here."""

    day: dt.date | None = None


def hold(day: dt.date | None) -> None:
    """From now on `load` without a day gives the version in force on this one; None: as first approved."""
    _Held.day = day


def load(profile_id: str, on: dt.date | None = None) -> Profile:
    """The profile of that id, read once: with the amendments in force on a day (the day that is held).

    Raises: ProfileFaults.
    """
    return _loaded(profile_id, _in_force(profile_id, on or _Held.day))


@cache
def _loaded(profile_id: str, amendments: tuple[str, ...]) -> Profile:
    return _checked(profiles_dir() / profile_id, amendments)


@cache
def _in_force(profile_id: str, on: dt.date | None) -> tuple[str, ...]:
    return tuple(_names_on(profiles_dir() / profile_id, on))


def at(profile_id: str, moment: dt.datetime) -> Profile:
    """The version in force at a moment: what was registered then keeps it (krc-8-02). Raises: ProfileFaults."""
    return load(profile_id, moment.astimezone(load(profile_id).zone).date())


def load_path(path: Path | str, on: dt.date | None = None) -> Profile:
    """The profile in a folder, or in the folder of one of its amendments. Raises: ProfileFaults."""
    folder, named = _base(Path(path))
    return _checked(folder, named or _names_on(folder, on))


def _checked(folder: Path, amendments: Sequence[str]) -> Profile:
    assembly = Assembly(folder, amendments=amendments)
    faults = assembly.check()
    if errors(faults):
        raise ProfileFaults(faults)
    return assembly.profile()


def _names_on(folder: Path, on: dt.date | None) -> list[str]:
    return [name for name, since in versions(folder) if since <= on] if on is not None else []


def versions(folder: Path | str) -> list[tuple[str, dt.date]]:
    """The amendments of a profile and since when each holds, the oldest first."""
    found = []
    for file in Path(folder).glob("versions/*/standard.yaml"):
        data = read(file, str(file)).data
        since = data.get("valid_from") if isinstance(data, dict) else None
        found.append((file.parent.name, since if isinstance(since, dt.date) else dt.date.max))
    return sorted(found, key=lambda one: (one[1], one[0]))


def language(profile_id: str) -> str:
    """In which language a profile's standard is written, without the rest being read; empty where it does not say."""
    file = profiles_dir() / profile_id / "standard.yaml"
    data = read(file, str(file)).data if file.is_file() else None
    named = data.get("languages") if isinstance(data, dict) else None
    return str(named[0]) if isinstance(named, list) and named else ""


def _base(path: Path) -> tuple[Path, list[str]]:
    """The profile's folder and, where the path is that of an amendment, all amendments up to it."""
    if path.parent.name != "versions":
        return path, []
    names = [name for name, _ in versions(path.parent.parent)]
    return path.parent.parent, names[: names.index(path.name) + 1] if path.name in names else [path.name]


def check(path: Path | str) -> list[Fault]:
    """Everything wrong in a profile folder and its amendments, faults and warnings, in the order of the files."""
    folder, named = _base(Path(path))
    chain = named or [name for name, _ in versions(folder)]
    found = set(Assembly(folder).check())
    for count in range(1, len(chain) + 1):
        found |= set(Assembly(folder, amendments=chain[:count]).check())
    return sorted(found)


def menu(folder: Path | str, file: Path | None = None) -> tuple[list[Fault], Menu | None]:
    """The faults of a profile's menu (or of another menu file under its limits), and the menu where it can be read."""
    assembly = Assembly(Path(folder), menu=file)
    faults = [fault for fault in assembly.check() if fault.file.endswith(assembly.menu_name)]
    return faults, None if errors(faults) else assembly.menu()
