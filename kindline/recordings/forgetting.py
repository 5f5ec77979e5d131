"""Erased persons: what the journal says of them, followed with a cursor of its own; what they said is forgotten."""

from __future__ import annotations

from django.utils import timezone

from kindline.journal import cursor
from kindline.recordings import transcripts

CURSOR, ERASED = "transcripts", "client_erased"
BATCH = 2000


def follow(*, limit: int = BATCH) -> int:
    """Forget the transcripts of persons who were erased; how many recordings. 0 while another follower is at work."""
    forgotten = 0
    try:
        while True:
            with cursor.reading(CURSOR, limit) as facts:
                clients = [int(fact.subject_id) for fact in facts if fact.kind == ERASED]
                forgotten += transcripts.erase_of_clients(clients, timezone.now()) if clients else 0
            if len(facts) < limit:
                return forgotten
    except cursor.CursorBusyError:
        return forgotten
