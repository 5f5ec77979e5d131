"""What calls tell of waiting, whichever switchboard led them: read from the journal as it grows."""

from __future__ import annotations

import datetime as dt

from kindline.journal import prepared
from kindline.switchboard.waits import FRESH_S, Waits

LATE = dt.timedelta(seconds=30)
"""So far back is read again: a fact that was written late is not missed."""
HAPPENED = """
SELECT id, at, kind, subject_id, coalesce(data->>'queue', ''), coalesce(data->>'outcome', ''),
    coalesce((data->>'here_s')::float, (data->>'wait_s')::float, 0), coalesce((data->>'talk_s')::float, 0)
FROM journal_fact
WHERE kind IN ('queue_left', 'call_ended', 'callback_given', 'client_dialled') AND at >= %s ORDER BY at, id
"""


class Paces:
    """Teaches the forecasts of one process what happened at all of them, each fact once."""

    def __init__(self, waits: Waits) -> None:
        self._waits = waits
        self._newest: dt.datetime | None = None
        self._read: dict[int, dt.datetime] = {}
        self._given: dict[str, tuple[str, float]] = {}
        """Kept places whose client is to be called, by the contact: queue and how long he has waited."""

    def look(self, now: dt.datetime) -> None:
        """Learn what has happened since the last look; at the first one, what a pace that is still fresh goes by."""
        since = self._newest - LATE if self._newest else now - 2 * dt.timedelta(seconds=FRESH_S)
        for id_, at, *happened in prepared.rows(HAPPENED, [since]):
            if id_ not in self._read:
                self._read[id_], self._newest = at, max(at, self._newest or at)
                self._learn(at.timestamp(), *happened)
        self._read = {id_: at for id_, at in self._read.items() if at >= since}

    def _learn(
        self, at: float, kind: str, contact: str, queue: str, outcome: str, wait_s: float, talk_s: float
    ) -> None:  # fmt: skip
        if kind == "queue_left" and outcome == "answered":
            self._waits.served(queue, at, wait_s)
        elif kind == "queue_left" and outcome == "abandoned":
            self._waits.gave_up(queue, wait_s)
        elif kind == "callback_given":
            self._given[contact] = queue, wait_s
        elif kind == "client_dialled" and contact in self._given:  # his operator took it: the place is served
            place, waited_s = self._given.pop(contact)
            self._waits.served(place, at, waited_s)
        elif kind == "call_ended":
            self._given.pop(contact, None)
            self._waits.learn(queue, talk_s)
