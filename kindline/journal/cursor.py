"""Following the journal without ever missing a fact.

Ids are given before the commit, so a reader that remembers only the last id loses what commits late. A reader here
goes by (xid, id), and only below the oldest transaction still under way: whatever commits later has a higher xid.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from kindline.journal.models import Cursor, Fact

FIELDS = ["id", "at", "kind", "subject_type", "subject_id", "actor", "data", "clauses", "xid"]
NEXT = """
SELECT id, at, kind, subject_type, subject_id, actor, data::text, clauses, xid FROM journal_fact
WHERE (xid, id) > (%s, %s) AND xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
ORDER BY xid, id LIMIT %s
"""


class CursorBusyError(RuntimeError):
    """Another reader of the same name is at work."""


def follow(name: str, limit: int = 1000) -> list[Fact]:
    """The next facts after the cursor, oldest transaction first; the cursor stays where it is."""
    cursor = Cursor.objects.filter(name=name).first() or Cursor(name=name)
    return _after(cursor, limit)


def advance(name: str, fact: Fact) -> None:
    """Move the cursor behind `fact`; call it in the transaction that holds the effect of reading."""
    Cursor.objects.update_or_create(name=name, defaults={"xid": fact.xid, "fact_id": fact.id})


@contextmanager
def reading(name: str, limit: int = 1000) -> Iterator[list[Fact]]:
    """The next facts, in one transaction that holds the cursor's row and moves it at the end.

    What is written inside is written exactly once: it commits together with the cursor or not at all.

    Raises: CursorBusyError when another process holds the cursor now.
    """
    with transaction.atomic():
        cursor = _held(name)
        facts = _after(cursor, limit)
        yield facts
        if facts:
            cursor.xid, cursor.fact_id = facts[-1].xid, facts[-1].id
            cursor.save()


def _held(name: str) -> Cursor:
    with connection.cursor() as query:
        query.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"journal_cursor/{name}"])
        row = query.fetchone()
    if not row or not row[0]:
        raise CursorBusyError(f"another reader follows {name!r} now")
    Cursor.objects.bulk_create([Cursor(name=name)], ignore_conflicts=True)
    return Cursor.objects.select_for_update().get(name=name)


def _after(cursor: Cursor, limit: int) -> list[Fact]:
    with connection.cursor() as query:
        query.execute(NEXT, [cursor.xid, cursor.fact_id, limit])
        rows = query.fetchall()
    return [Fact.from_db("default", FIELDS, [*row[:6], json.loads(row[6]), *row[7:]]) for row in rows]
