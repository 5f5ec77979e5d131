"""Taking turns by name: whoever counts and then writes does so one after another, in whichever process."""

from __future__ import annotations

from django.db import connection

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def in_turn(*names: str) -> None:
    """Wait for whoever holds one of these names, and hold them to the end of the transaction.

    All at once and in one order, so that nobody waits for somebody who waits for him.
    """
    with connection.cursor() as cursor:
        for name in sorted(set(names)):
            cursor.execute(LOCK, [name])
