"""What was asked back of a dial and never answered is declined once a later or another reading of it stands.

A correction that waits (it alone has a reason) goes on waiting: of the reading that stands somebody has said that it is
wrong. And what the owner was asked is not settled by a stranger, who knows no more than two numbers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, LiteralString

from django.db import connection

from kindline.journal import actions as journal
from kindline.readings.lines import Sender
from kindline.readings.models import Reading, ReadingState

CODES = ("lower_than_last", "grows_too_much", "stands_still")
"""Why one was asked back that would be the latest. One of an earlier day, or beside another, waits for itself."""
UNSAID = "—"
"""The reason of one that is declined without words."""
OF_MANY: LiteralString = """
WITH waits AS MATERIALIZED (
    SELECT id, sending_id, meter_id, zone, taken_on, line FROM readings_reading AS asked
    WHERE state = 'asked_back' AND code = ANY (%(codes)s) AND reason = ''
        AND (%(is_known)s OR NOT EXISTS (SELECT FROM readings_sending AS whose WHERE whose.id = asked.sending_id
            AND (whose.employee_id IS NOT NULL OR whose.login_id IS NOT NULL))))
UPDATE readings_reading AS old SET state = 'declined', settled_at = %(now)s, reason = %(reason)s
FROM waits CROSS JOIN LATERAL (
    SELECT 1 FROM readings_reading new
    WHERE new.meter_id = waits.meter_id AND new.zone = waits.zone AND new.state = 'accepted'
        AND new.taken_on >= waits.taken_on AND new.sending_id + 0 = %(sending)s
        AND (waits.sending_id <> %(sending)s OR waits.line < new.line)
    LIMIT 1) AS stands
WHERE old.id = waits.id AND old.state = 'asked_back'
RETURNING old.id, old.sending_id
"""
"""From those that wait, which are few, to the file's readings, a million maybe: each by its dial, whatever the planner
knows of a table that has just been filled (`LIMIT`, and a sum instead of the index of the sending). What was settled
while the file was gone through stays as it was settled: the state is asked once more of the row that is changed."""


def by_reading(reading: Reading, sender: Sender, now: dt.datetime) -> None:
    """A reading stands from now on, because of this sender."""
    same = Reading.objects.filter(meter=reading.meter_id, zone=reading.zone, state=ReadingState.ASKED_BACK)
    same = same.filter(code__in=CODES, taken_on__lte=reading.taken_on, reason="").order_by("pk")
    if not sender.is_known:
        same = same.filter(sending__employee_id=None, sending__login_id=None)
    old = list(same.select_for_update(of=("self",)).values_list("pk", "sending"))
    told = {"state": ReadingState.DECLINED, "settled_at": now, "reason": UNSAID}
    Reading.objects.filter(pk__in=[key for key, _sending in old]).update(**told)
    _keep(old, now)


def by_sending(sending: int, sender: Sender, now: dt.datetime) -> None:
    """The readings of a sending stand that were taken many at once."""
    values: dict[str, Any] = {
        "codes": list(CODES), "now": now, "reason": UNSAID, "sending": sending, "is_known": sender.is_known,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(OF_MANY, values)
        _keep(cursor.fetchall(), now)


def _keep(old: Iterable[tuple[int, int]], now: dt.datetime) -> None:
    journal.record_many([
        journal.NewFact("reading_declined", "readings", sending, "system", {"reading": key, "employee": None}, now)
        for key, sending in old
    ])  # fmt: skip
