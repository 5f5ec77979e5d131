"""What the wallboard shows: who waits and who works now, and what the day has come to, by queue and in all."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection

from kindline.standard import hours
from kindline.standard.profile import Profile
from kindline.switchboard import choosing, dispatcher, figures, reassigning, thresholds
from kindline.switchboard.figures import Figures, Stay
from kindline.switchboard.half_hours import LATE
from kindline.switchboard.models import Call, Operator, OperatorState

STAYS = """
SELECT id, at, subject_id, coalesce(data->>'queue', ''), coalesce(data->>'outcome', ''),
       coalesce((data->>'wait_s')::float, 0)
FROM journal_fact WHERE kind = 'queue_left' AND at >= %s AND at < %s ORDER BY at, id
"""
LOOK_BACK, FAR_EVERY = dt.timedelta(seconds=30), 20
"""Facts are found again so far back, at each 20th look farther: one that was written late is not missed."""
FOREVER = dt.datetime.max.replace(tzinfo=dt.UTC)
WAITING = ("queued", "offering", "promising")


class Day:
    """The ended stays of a day, kept by a process: only the last minutes are read again at each look."""

    def __init__(self) -> None:
        self._since: dt.datetime | None = None
        self._rows: dict[int, Stay] = {}
        self._newest: dt.datetime | None = None
        self._looks = 0
        self._turn = threading.Lock()

    def stays(self, since: dt.datetime) -> list[Stay]:
        """Every stay that has ended since a moment, in its order."""
        with self._turn:
            if self._since != since:
                self._since, self._rows, self._newest = since, {}, None
            self._looks += 1
            back = LOOK_BACK if self._looks % FAR_EVERY else LATE
            start = since if self._newest is None else max(since, self._newest - back)
            for id_, stay in read(start):
                self._rows[id_] = stay
                self._newest = max(stay.at, self._newest or stay.at)
            return [stay for _, stay in sorted(self._rows.items(), key=lambda one: (one[1].at, one[0]))]


def read(since: dt.datetime, until: dt.datetime = FOREVER) -> list[tuple[int, Stay]]:
    """The stays that ended in a time, in their order, each with the id of its fact."""
    with connection.cursor() as cursor:
        cursor.execute(STAYS, [since, until])
        rows = cursor.fetchall()
    return [(id_, Stay(contact, queue, wait_s, outcome, at)) for id_, at, contact, queue, outcome, wait_s in rows]


def contacts_that_left(queue: str, outcome: str, since: dt.datetime, until: dt.datetime) -> list[str]:
    """The contacts that the figures of a time count in a queue, as they left it; where none is named: in all, however.

    As there, who was served before, or is sent on to another queue, is not counted once more.
    """
    stays = figures.first_service(stay for _id, stay in read(since, until))
    found = [stay for stay in stays if queue in ("", stay.queue) and outcome in ("", stay.outcome)]
    if not queue and not outcome:
        found = [stay for stay in found if stay.outcome != figures.OVERFLOW]
    return list(dict.fromkeys(stay.contact for stay in found))


@dataclass(frozen=True, slots=True)
class Row:
    """One queue, or all of them (`queue` empty)."""

    queue: str
    waiting: int
    longest_since: dt.datetime | None
    ready: int
    figures: Figures

    def value(self, measure: str, now: dt.datetime) -> float | None:
        """A figure as thresholds speak of it: seconds, a number, or percent; None: no data."""
        made = self.figures
        found: Mapping[str, float | None] = {
            "waiting": float(self.waiting),
            "longest_wait_s": max(0.0, (now - self.longest_since).total_seconds()) if self.longest_since else 0.0,
            "ready": float(self.ready),
            "service_level": _percent(made.service_level),
            "asa_s": made.asa_s,
            "abandonment": _percent(made.abandonment_real),
        }
        return found.get(measure)


@dataclass(frozen=True, slots=True)
class Board:
    """The whole of it at a moment."""

    at: dt.datetime
    total: Row
    queues: tuple[Row, ...]
    operators: Mapping[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> tuple[Row, ...]:
        """All together first, then each queue."""
        return (self.total, *self.queues)


def midnight(profile: Profile, now: dt.datetime) -> dt.datetime:
    """When the organisation's day began."""
    return now.astimezone(profile.zone).replace(hour=0, minute=0, second=0, microsecond=0)


def is_served(profile: Profile, now: dt.datetime) -> bool:
    """Whether anybody has to be at the telephone: one of the lines is open, or the standard has no hours."""
    lines = profile.menu.lines if profile.menu else {}
    try:
        return any(hours.is_open(profile, line, now) for line in lines)
    except hours.NoHours:
        return True


def board(profile: Profile, day: Day, now: dt.datetime) -> Board:
    """Everything that is shown, read now."""
    stays = figures.first_service(day.stays(midnight(profile, now)))
    names = list(profile.menu.queues) if profile.menu else []
    waiting = _waiting()
    ready, states = _operators(profile, now)
    limits = thresholds.limits(profile)
    queues = tuple(
        Row(name, *_now(waiting.get(name, [])), ready[name], figures.of_queue(stays, name, limits.terms(name)))
        for name in names
    )
    everybody = [moment for moments in waiting.values() for moment in moments]
    total = Row("", *_now(everybody), ready[""], figures.of_all(stays, limits.terms("")))
    return Board(now, total, queues, states)


def _now(moments: Sequence[dt.datetime]) -> tuple[int, dt.datetime | None]:
    return len(moments), min(moments, default=None)


def _waiting() -> dict[str, list[dt.datetime]]:
    found: dict[str, list[dt.datetime]] = {}
    rows = Call.objects.filter(ended_at=None, state__in=WAITING).exclude(enqueued_at=None)
    for queue, since in rows.values_list("queue", "enqueued_at"):
        if since is not None:
            found.setdefault(queue, []).append(since)
    return found


def _operators(profile: Profile, now: dt.datetime) -> tuple[Counter[str], dict[str, int]]:
    """How many are ready, with a phone, for each queue (`""`: at all), and how many are in each state."""
    rows = list(Operator.objects.values_list("employee_id", "state", "registered"))
    levels = reassigning.over(dispatcher.own_levels(), now)
    queues = profile.menu.queues if profile.menu else {}
    needs = {name: choosing.need(queue.skills) for name, queue in queues.items()}
    ready: Counter[str] = Counter()
    for employee, state, there in rows:
        if state == OperatorState.READY and there:
            ready.update(["", *(name for name, need in needs.items() if need.met_by(levels.get(employee, {})))])
    return ready, dict(Counter(state for _, state, _ in rows))


def _percent(found: float | None) -> float | None:
    return None if found is None else 100 * found
