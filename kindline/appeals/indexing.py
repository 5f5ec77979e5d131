"""What the journal says of clients, followed with a cursor of its own: their appeals are found by what they are now."""

from __future__ import annotations

from kindline.appeals import lookup
from kindline.journal import cursor

CURSOR = "appeals/lookup"
KIND = "client_changed"
BATCH = 1000
ROUNDS_MAX = 500


def follow(*, limit: int = BATCH, rounds: int = ROUNDS_MAX) -> int:
    """Index the appeals of every client whose card changed since the last time; how many appeals.

    Nothing is done while another follower is at work.
    """
    indexed = 0
    for _ in range(rounds):
        read, found = _round(limit)
        indexed += found
        if read < limit:
            break
    return indexed


def _round(limit: int) -> tuple[int, int]:
    """Facts read, appeals indexed."""
    try:
        with cursor.reading(CURSOR, limit) as facts:
            changed = dict.fromkeys(int(fact.subject_id) for fact in facts if fact.kind == KIND)
            return len(facts), sum(lookup.index_of_client(client) for client in changed)
    except cursor.CursorBusyError:
        return 0, 0
