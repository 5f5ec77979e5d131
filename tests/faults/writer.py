"""Run as a program: record facts as fast as they are acknowledged, and keep a ledger outside the database.

    python -m tests.faults.writer LEDGER STOP

A line is written into LEDGER after each acknowledgement; an error is waited out. Ends when the file STOP is there.
"""

import itertools
import os
import sys
import time
from pathlib import Path

import django


def main(ledger: Path, stop: Path) -> None:
    """Write until told to stop."""
    django.setup()
    from django.db import Error, connection

    from kindline.journal import actions

    with ledger.open("a", encoding="ascii", buffering=1) as acknowledged:
        for number in itertools.count():
            if stop.exists():
                return
            key = f"{os.getpid()}-{number}"
            try:
                actions.record(
                    kind="process_restarted",
                    subject_type="system",
                    subject_id=key,
                    data={"process": key, "exit_code": 0, "downtime_s": 0.0},
                )
            except Error:
                connection.close()
                time.sleep(0.02)
            else:
                acknowledged.write(key + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
