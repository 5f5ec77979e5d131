"""Renewing the configuration of an engine that runs: it reads it again, and the calls go on."""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

from kindline.runtime.asterisk import engine, layout
from kindline.runtime.asterisk.layout import Values
from kindline.runtime.asterisk.tree import Tree

AT_A_START = ("asterisk.conf", "modules.conf", "sorcery.conf", "http.conf")
"""Files that Asterisk does not read again, or not without closing what hangs on them."""
BIND = re.compile(r"^bind\s*=.*$", re.M)
"""Where SIP is taken: a transport with calls on it is not moved."""
RELOAD_S = 60.0
COMPLAINTS = (" ERROR[", " WARNING[")


class RenewalError(RuntimeError):
    """The configuration cannot be renewed under calls; the message says why and what to do."""


def changes(folder: Path, tree: Tree, values: Values) -> dict[str, list[str]]:
    """What would change, by file, as lines of a difference; nothing is said of what is in a file with a password."""
    found = {}
    for name, text in layout.texts(folder, tree, values).items():
        before = _read(folder / "etc" / name)
        if before != text:
            lines = difflib.unified_diff(before.splitlines(), text.splitlines(), n=0, lineterm="")
            told = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
            found[name] = ["(with a password: not shown)"] if name in layout.SECRET else told
    return found


def refuse_what_needs_a_start(folder: Path, tree: Tree, values: Values) -> None:
    """Raises: RenewalError when something would change that a running Asterisk does not take."""
    fresh, changed = layout.texts(folder, tree, values), changes(folder, tree, values)
    late = [name for name in changed if name in AT_A_START]
    if BIND.findall(_read(folder / "etc/pjsip.conf")) != BIND.findall(fresh["pjsip.conf"]):
        late.append("pjsip.conf (the address of SIP)")
    if late:
        raise RenewalError(
            f"{', '.join(late)} would change: that is taken at a start only, and nothing was changed now"
        )


def renew(folder: Path, tree: Tree, values: Values, log: Path) -> list[str]:
    """Write the configuration, let the engine read it, and see that it still takes calls; what it complained of.

    Raises: RenewalError before anything is changed, or when the engine does not take calls afterwards.
    """
    refuse_what_needs_a_start(folder, tree, values)
    fresh, changed = layout.texts(folder, tree, values), changes(folder, tree, values)
    for name in changed:
        layout.put(folder / "etc" / name, fresh[name])
    since = log.stat().st_size if log.exists() else 0
    engine.ask(tree, folder, "core reload", RELOAD_S)
    if lacking := engine.lacking(tree, folder, values):
        raise RenewalError(f"the engine has read its configuration, and {lacking}")
    return list(_complaints(log, since))


def _complaints(log: Path, since: int) -> Iterator[str]:
    if not log.exists():
        return
    with log.open("rb") as file:
        file.seek(since)
        for line in file.read().decode(errors="replace").splitlines():
            if any(mark in line for mark in COMPLAINTS):
                yield line


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""
