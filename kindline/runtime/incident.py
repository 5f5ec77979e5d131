"""Run as a program by the supervisor: put the restart of a process into the journal.

python -m kindline.runtime.incident PROCESS EXIT_CODE DOWNTIME_S
"""

import sys
import time

import django

PATIENCE_S = 60


def record(process: str, exit_code: int, downtime_s: float) -> None:
    """Record the fact; a database that is not back yet is waited for."""
    django.setup()
    from django.db import OperationalError, connection

    from kindline.journal import actions

    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            actions.record(
                kind="process_restarted",
                subject_type="system",
                subject_id=process,
                data={"process": process, "exit_code": exit_code, "downtime_s": round(downtime_s, 3)},
            )
        except OperationalError:
            connection.close()
            if time.monotonic() > until:
                raise
            time.sleep(1)
        else:
            return


if __name__ == "__main__":
    record(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
