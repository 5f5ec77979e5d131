"""What was asked back of a dial and never answered is declined once a later or another reading of it stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import LiteralString

from django.db import connection

from kindline.journal import actions as journal
from kindline.readings.models import Reading, ReadingState

CODES = ("lower_than_last", "grows_too_much", "stands_still")
"""Why one was asked back that would be the latest. One of an earlier day, or beside another, waits for itself."""
UNSAID = "—"
"""The reason of one that is declined without words."""
OF_MANY: LiteralString = """
WITH waits AS MATERIALIZED (
    SELECT id, sending_id, meter_id, zone, taken_on, line FROM readings_reading
    WHERE state = 'asked_back' AND code = ANY (%(codes)s))
UPDATE readings_reading AS old SET state = 'declined', settled_at = %(now)s, reason = %(reason)s
FROM waits CROSS JOIN LATERAL (
    SELECT 1 FROM readings_reading new
    WHERE new.meter_id = waits.meter_id AND new.zone = waits.zone AND new.state = 'accepted'
        AND new.taken_on >= waits.taken_on AND new.sending_id + 0 = %(sending)s
        AND (waits.sending_id <> %(sending)s OR waits.line < new.line)
    LIMIT 1) AS stands
WHERE old.id = waits.id
RETURNING old.id, old.sending_id
"""
"""From those that wait, which are few, to the file's readings, a million maybe: each by its dial, whatever the planner
knows of a table that has just been filled (`LIMIT`, and a sum instead of the index of the sending)."""


def by_reading(reading: Reading, now: dt.datetime) -> None:
    """A reading stands from now on."""
    same = Reading.objects.filter(meter=reading.meter_id, zone=reading.zone, state=ReadingState.ASKED_BACK)
    old = list(same.filter(code__in=CODES, taken_on__lte=reading.taken_on).values_list("pk", "sending"))
    told = {"state": ReadingState.DECLINED, "settled_at": now, "reason": UNSAID}
    Reading.objects.filter(pk__in=[key for key, _sending in old]).update(**told)
    _keep(old, now)


def by_sending(sending: int, now: dt.datetime) -> None:
    """The readings of a sending stand that were taken many at once."""
    with connection.cursor() as cursor:
        cursor.execute(OF_MANY, {"codes": list(CODES), "now": now, "reason": UNSAID, "sending": sending})
        _keep(cursor.fetchall(), now)


def _keep(old: Iterable[tuple[int, int]], now: dt.datetime) -> None:
    journal.record_many([
        journal.NewFact("reading_declined", "readings", sending, "system", {"reading": key, "employee": None}, now)
        for key, sending in old
    ])  # fmt: skip
