"""Readings left as files for a billing system: each batch whole or not at all, each key once."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from kindline.readings.billing import SentReading
from kindline.readings.errors import BillingAwayError

PLACE, LEDGER = "readings", "taken.sqlite3"
COLUMNS = ("key", "account", "meter", "zone", "value", "taken_on", "replaces", "turn")
NEGATIVE = "negative"
WAIT_S = 20
AT_ONCE = 500


def take(folder: Path, readings: Sequence[SentReading]) -> dict[str, str]:
    """Write what is new into `readings/` of the folder; negative readings are refused.

    What was left is written down in a ledger beside. Whoever dies between the file and the ledger writes the same file
    again: its name follows from its keys. Raises: BillingAwayError.
    """
    good = {one.key: one for one in readings if one.value >= 0}
    if good:
        try:
            with _ledger(folder) as ledger:
                fresh = [one for key, one in good.items() if key not in _known(ledger, list(good))]
                if fresh:
                    _leave(folder / PLACE, fresh)
                    ledger.executemany("INSERT INTO taken VALUES (?)", [(one.key,) for one in fresh])
        except (OSError, sqlite3.Error) as error:
            raise BillingAwayError(f"{folder}: {error}") from error
    return {one.key: "" if one.key in good else NEGATIVE for one in readings}


@contextlib.contextmanager
def _ledger(folder: Path) -> Iterator[sqlite3.Connection]:
    """The keys that were left already; one process at a time adds to it."""
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}")
    (folder / PLACE).mkdir(exist_ok=True)
    with contextlib.closing(sqlite3.connect(folder / LEDGER, timeout=WAIT_S, isolation_level=None)) as ledger:
        ledger.execute("BEGIN IMMEDIATE")
        ledger.execute("CREATE TABLE IF NOT EXISTS taken (key TEXT PRIMARY KEY) WITHOUT ROWID")
        yield ledger
        ledger.execute("COMMIT")


def _known(ledger: sqlite3.Connection, keys: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(keys), AT_ONCE):
        part = keys[start : start + AT_ONCE]
        marks = ",".join("?" * len(part))
        found |= {row[0] for row in ledger.execute(f"SELECT key FROM taken WHERE key IN ({marks})", part)}  # noqa: S608
    return found


def _leave(place: Path, readings: Sequence[SentReading]) -> None:
    name = hashlib.sha256("\n".join(one.key for one in readings).encode()).hexdigest()[:16]
    path, part = place / f"readings-{name}.csv", place / f".readings-{name}.part"
    with part.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, delimiter=";")
        rows.writerow(COLUMNS)
        rows.writerows(
            (r.key, r.account, r.meter, r.zone, f"{r.value:f}", r.taken_on.isoformat(), r.replaces,
             "" if r.turn is None else f"{r.turn:f}")
            for r in readings
        )  # fmt: skip
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
