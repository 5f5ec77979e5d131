"""Taking a person's data out of facts: the only change that the journal allows, in a transaction that says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection, transaction

ALLOW = "SET LOCAL kindline.retention = 'on'"
FORBID = "SET LOCAL kindline.retention = ''"
READ = """
SELECT id, at, data FROM journal_fact
WHERE (subject_type, subject_id) IN (SELECT * FROM unnest(%s::text[], %s::text[])) FOR UPDATE
"""
WRITE = "UPDATE journal_fact SET data = %s::jsonb WHERE id = %s AND at = %s"


@transaction.atomic
def clean(subjects: Iterable[tuple[str, str]], cleaned: Callable[[Any], Any]) -> int:
    """Rewrite the data of every fact about these subjects; kind, time and actor stay. Returns how many changed."""
    types, ids = zip(*subjects, strict=True) if (subjects := list(subjects)) else ((), ())
    changed = 0
    with connection.cursor() as cursor:
        cursor.execute(ALLOW)
        cursor.execute(READ, [list(types), list(ids)])
        for id_, at, raw in cursor.fetchall():
            data = json.loads(raw) if isinstance(raw, str) else raw
            fresh = cleaned(data)
            if fresh != data:
                cursor.execute(WRITE, [json.dumps(fresh, ensure_ascii=False), id_, at])
                changed += 1
        cursor.execute(FORBID)
    return changed
