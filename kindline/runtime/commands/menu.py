"""`kindline menu check`: whether a voice menu breaks the standard of its profile."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any


def add(subparsers: Any) -> None:
    """The command and its options."""
    command = subparsers.add_parser("menu", help="check a voice menu against its standard")
    verbs = command.add_subparsers(dest="verb", required=True, metavar="VERB")
    check = verbs.add_parser("check", help="a profile folder, or a menu.yaml in one (or beside a standard: --profile)")
    check.add_argument("path", type=Path, metavar="PATH")
    check.add_argument("--profile", metavar="P", help="whose limits hold, when PATH is a menu.yaml that lies elsewhere")
    check.add_argument("--durations", type=Path, metavar="JSON", help="measured lengths of the prompts: {key: seconds}")
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print what breaks the standard, each with its clause; 1 if anything must be changed.

    Clause: krc-5.6.6-05..20.
    """
    from kindline.standard import menu_faults, menus
    from kindline.standard.faults import errors

    faults, menu = _read(chosen.path, chosen.profile)
    if menu is not None:
        known = json.loads(chosen.durations.read_text(encoding="utf-8")) if chosen.durations else {}
        lengths = menu_faults.lengths(menu, {key: float(length) for key, length in known.items()})
        faults = faults + menus.check(menu, lengths)
    if chosen.json:
        names = ("file", "line", "key", "message", "cure", "level", "clause")
        print(json.dumps([{name: getattr(fault, name) for name in names} for fault in faults], ensure_ascii=False))
    else:
        for fault in faults:
            print(fault)
        print(f"{chosen.path}: {len(errors(faults))} fault(s), {len(faults) - len(errors(faults))} warning(s)")
    return 1 if errors(faults) else 0


def _read(path: Path, profile: str | None) -> tuple[list[Any], Any]:
    """The faults of the menu's file and, where it can be read, the menu."""
    from kindline.standard import loader

    file = None if path.is_dir() else path
    folder = path if path.is_dir() else path.parent
    if profile is None and not (folder / "standard.yaml").is_file():
        profile = _cited(path)
    if profile is not None:
        folder = loader.profiles_dir() / profile
    return loader.menu(folder, file)


def _cited(path: Path) -> str:
    """The profile whose clauses a menu names. Raises: UsageError when it names none."""
    import re

    from kindline.runtime.cli import UsageError
    from kindline.standard import loader

    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    known = [name for name in re.findall(r"\b([a-z]+)-\d", text) if name in loader.profile_ids()]
    if not known:
        raise UsageError(f"which standard holds for {path}? name it with --profile P")
    return str(known[0])
