"""Run as a program: writes facts for ever, two a transaction, and says aloud each that was acknowledged."""

import sys
import time

import django
from django.db import Error, connection


def main(name: str) -> None:
    """Write until killed; a failed transaction is not repeated, its fate is unknown."""
    django.setup()
    from kindline.journal import actions

    number = 0
    while True:
        number += 1
        subject = f"{name}/{number}"
        pair = [actions.NewFact(kind, "contact", subject) for kind in ("call_ended", "contact_closed")]
        try:
            actions.record_many(pair)
        except Error:
            connection.close()
            time.sleep(0.02)
        else:
            print(subject, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
