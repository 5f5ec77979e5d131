"""Calls that an engine refused because it had as many as it takes: its dialplan counts them, the journal keeps them."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from kindline.journal import actions as journal
from kindline.journal import prepared

COUNT = "KINDLINE_REFUSED"
"""The engine's global variable: so many since its start."""
HOLD = "SELECT pg_advisory_xact_lock(hashtext('calls_blocked'), hashtext(%s))"
LAST = """
SELECT (data->>'total')::bigint, data->>'since' FROM journal_fact
WHERE subject_type = 'system' AND subject_id = %s AND kind = 'calls_blocked' ORDER BY at DESC, id DESC LIMIT 1
"""


@transaction.atomic
def keep(node: str, total: int, since: dt.datetime, now: dt.datetime) -> int:
    """Keep how many more it has refused than the journal knows of; whichever switchboard says so, each counts once.

    `since`: when the engine was started, by its own clock; one that was started anew counts from nought.
    """
    prepared.rows(HOLD, [node])
    began = since.astimezone(dt.UTC).isoformat()
    last = prepared.one_row(LAST, [node])
    known, before = (int(str(last[0])), last[1]) if last else (0, began)
    more = total - known
    count = more if before in (began, None) and more >= 0 else total
    if count:
        data = {"node": node, "count": count, "total": total, "since": began}
        journal.record(kind="calls_blocked", subject_type="system", subject_id=node, data=data, at=now)
    return count
