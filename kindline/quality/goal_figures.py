"""The figures of the goals by month, each with how many things it rests on: counted from facts and contacts.

A month is that of the organisation's zone. Every function takes a `Span` and gives `{first day: (value, of)}`; a
month in which nothing happened is left out, never zero.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, Q
from django.db.models.functions import TruncMonth

from kindline.feedback import satisfaction
from kindline.switchboard.half_hours import BUSY, WAITING

By = dict[dt.date, tuple[float, int]]
Read = TypeVar("Read")
PRESENT = (*BUSY, *WAITING)
"""States of an operator who works, as on the wallboard: neither a pause nor a supervisor's listening is one of them."""
FOREVER = dt.datetime.max.replace(tzinfo=dt.UTC)
MONTH = "date_trunc('month', {at} AT TIME ZONE %(zone)s)::date"


@dataclass(frozen=True, slots=True)
class Span:
    """Which months of which standard, and what the clause says of how they are counted."""

    profile: str
    zone: ZoneInfo
    since: dt.date  # the first day of the first month
    until: dt.date  # the first day after the last month
    value: Mapping[str, Any] = field(default_factory=dict)
    now: dt.datetime = FOREVER
    """What is due later is not due yet; the end of time where that does not matter."""
    read: dict[str, Any] = field(default_factory=dict, compare=False)
    """What one figure has read and others need as well."""

    def once(self, name: str, make: Callable[[], Read]) -> Read:
        """What is read under a name, once for all figures of these months."""
        if name not in self.read:
            self.read[name] = make()
        found: Read = self.read[name]
        return found

    @property
    def params(self) -> dict[str, Any]:
        """What the statements are given."""
        return {
            "profile": self.profile, "zone": str(self.zone), "since": _start(self.since, self.zone),
            "until": _start(self.until, self.zone), "busy": BUSY, "present": list(PRESENT),
        }  # fmt: skip


def _start(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), zone)


SERVED = """
SELECT {month}, sum(extract(epoch FROM ended_at - answered_at)), count(*)
FROM conversations_contact
WHERE profile = %(profile)s AND answered_at >= %(since)s AND answered_at < %(until)s AND ended_at >= answered_at
GROUP BY 1
"""


def service_time(span: Span) -> By:
    """Seconds during which a client and an employee talk, on the average, by phone and at the counter.

    Clause: krc-2-03, krc-3-06.
    """
    return {month: (float(total) / n, n) for month, total, n in rows_of(SERVED, "answered_at", span) if n}


HANDLED = """
SELECT {month}, sum((data->>'talk_s')::float) FILTER (WHERE kind = 'call_ended'),
    sum((data->>'duration_s')::float) FILTER (WHERE kind = 'wrap_up_ended'), count(*) FILTER (WHERE kind = 'call_ended')
FROM journal_fact
WHERE kind IN ('call_ended', 'wrap_up_ended') AND at >= %(since)s AND at < %(until)s
    AND (kind = 'wrap_up_ended' OR data->>'outcome' = 'answered')
GROUP BY 1
"""


def handling_time(span: Span) -> By:
    """Seconds of talk and of the work after it, on the average of answered calls. Clause: krc-3-03."""
    return {month: (((talk or 0) + (after or 0)) / n, n) for month, talk, after, n in rows_of(HANDLED, "at", span) if n}


STATES = """
SELECT month, sum(s) FILTER (WHERE state = ANY(%(busy)s)), sum(s) FROM (
    SELECT {month} AS month, data->>'state' AS state,
        extract(epoch FROM lead(at) OVER (PARTITION BY subject_id ORDER BY at, id) - at) AS s
    FROM journal_fact
    WHERE kind = 'operator_state_changed' AND at >= %(since)s AND at < %(until)s
) AS stretch
WHERE state = ANY(%(present)s) AND s IS NOT NULL
GROUP BY 1
"""


def occupancy(span: Span) -> By:
    """The part of the working time that operators spend on clients; of so many hours. Clause: krc-3-03."""
    return {month: (float(busy or 0) / float(s), _hours(s)) for month, busy, s in rows_of(STATES, "at", span) if s}


ANSWERED = """
SELECT {month}, count(*) FROM journal_fact
WHERE kind = 'call_answered' AND at >= %(since)s AND at < %(until)s GROUP BY 1
"""


def contacts_an_hour(span: Span) -> By:
    """Answered calls an hour of an operator's working time; of so many calls. Clause: krc-3-03."""
    hours = {month: float(s) / 3600 for month, _busy, s in rows_of(STATES, "at", span) if s}
    return {month: (n / hours[month], n) for month, n in rows_of(ANSWERED, "at", span) if hours.get(month)}


def _hours(seconds: Any) -> int:
    return max(1, round(float(seconds) / 3600))


MATTERS = """
SELECT {month}, count(*), count(DISTINCT (client_id, topic_id)),
    sum(extract(epoch FROM coalesce(ended_at, started_at) - started_at))
FROM conversations_contact
WHERE profile = %(profile)s AND direction = 'in' AND started_at >= %(since)s AND started_at < %(until)s
    AND client_id IS NOT NULL AND topic_id IS NOT NULL
GROUP BY 1
"""


def contacts_a_matter(span: Span) -> By:
    """How often a client comes for one matter (he and the topic) within a month. Clause: krc-3-04."""
    return {month: (n / matters, matters) for month, n, matters, _s in rows_of(MATTERS, "started_at", span) if matters}


def time_a_matter(span: Span) -> By:
    """Seconds that a matter costs the client, menu and waiting included. Clause: krc-3-04."""
    return {
        month: (float(s) / matters, matters)
        for month, _n, matters, s in rows_of(MATTERS, "started_at", span)
        if matters
    }


REPEATED = """
SELECT {month}, count(*) FILTER (WHERE EXISTS (
        SELECT 1 FROM conversations_contact AS before
        WHERE before.client_id = one.client_id AND before.topic_id = one.topic_id AND before.direction = 'in'
            AND before.channel = ANY(%(channels)s) AND before.started_at < one.started_at
            AND before.started_at >= one.started_at - make_interval(days => %(within_days)s))), count(*)
FROM conversations_contact AS one
WHERE profile = %(profile)s AND direction = 'in' AND started_at >= %(since)s AND started_at < %(until)s
    AND channel = ANY(%(channels)s) AND client_id IS NOT NULL AND topic_id IS NOT NULL
GROUP BY 1
"""
CHANNELS = ("phone", "office", "paper", "email", "web", "account", "sms")


def repeat_visits(span: Span) -> By:
    """The part of visits before which the same client came for the same topic. Clause: krc-5.4.1-14."""
    return _repeated(span, ("office",))


def repeat_contacts(span: Span) -> By:
    """The same of contacts on every channel: what the earlier one did not settle. Clause: krc-5.4.1-14, krc-3-04."""
    return _repeated(span, CHANNELS)


def _repeated(span: Span, channels: tuple[str, ...]) -> By:
    more = {"channels": list(channels), "within_days": int(span.value["within_days"])}
    return {month: (again / n, n) for month, again, n in rows_of(REPEATED, "started_at", span, more) if n}


SERVICES = """
SELECT {month}, count(*) FILTER (WHERE services > 1), count(*), sum(services) FROM (
    SELECT subject_id, min(at) AS at,
        count(DISTINCT (kind, coalesce(data->>'topic', data->>'service', ''))) AS services
    FROM journal_fact
    WHERE subject_type = 'contact' AND kind = ANY(%(services)s) AND at >= %(since)s AND at < %(until)s
    GROUP BY 1
) AS contact
GROUP BY 1
"""


def several_services(span: Span) -> By:
    """The part of contacts in which the client got more than one kind of service. Clause: krc-3-05."""
    return {month: (several / n, n) for month, several, n, _sum in rows_of(SERVICES, "at", span, _services(span)) if n}


def services_a_contact(span: Span) -> By:
    """Kinds of service a contact, on the average. Clause: krc-3-05."""
    return {
        month: (float(total) / n, n)
        for month, _several, n, total in rows_of(SERVICES, "at", span, _services(span))
        if n
    }


def _services(span: Span) -> dict[str, Any]:
    return {"services": list(span.value["services"])}


VISITS = """
SELECT {month}, count(*) FILTER (WHERE channel = 'office'), count(*),
    count(*) FILTER (WHERE channel = 'office' AND closed_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM journal_fact AS fact
        WHERE fact.subject_type = 'contact' AND fact.subject_id = one.id::text AND fact.kind = ANY(%(in_person)s))),
    count(*) FILTER (WHERE channel = 'office' AND closed_at IS NOT NULL)
FROM conversations_contact AS one
WHERE profile = %(profile)s AND direction = 'in' AND started_at >= %(since)s AND started_at < %(until)s
GROUP BY 1
"""


def visits(span: Span) -> By:
    """Visits among all contacts. Clause: krc-3-07."""
    return {
        month: (seen / n, n)
        for month, seen, n, _remote, _closed in rows_of(VISITS, "started_at", span, _in_person(span))
        if n
    }


def visits_for_remote(span: Span) -> By:
    """The part of visits in which nothing was done that needs the person: the rest is to be had from afar.

    Clause: krc-3-07.
    """
    found = rows_of(VISITS, "started_at", span, _in_person(span))
    return {month: (remote / closed, closed) for month, _seen, _n, remote, closed in found if closed}


def _in_person(span: Span) -> dict[str, Any]:
    return {"in_person": list(span.value["in_person"])}


def satisfied(span: Span) -> By:
    """The index of satisfaction. Clause: krc-3-02."""
    last = span.until - dt.timedelta(days=1)
    return {one.start: (one.index, one.ratings) for one in satisfaction.scores(span.since, last, "month", span.zone)}


def loyalty(span: Span) -> By:
    """The part of promoters less that of detractors among those who rated, from -1 to 1; bounds are the clause's.

    Clause: krc-2-15, krc-4-01.
    """
    rated = satisfaction.ratings(span.since, span.until - dt.timedelta(days=1), span.zone).order_by()
    for_, against = Q(service__gte=span.value["promoters_min"]), Q(service__lte=span.value["detractors_max"])
    months = rated.annotate(month=TruncMonth("made_at", tzinfo=span.zone)).values("month")
    rows = months.annotate(n=Count("pk"), up=Count("pk", filter=for_), down=Count("pk", filter=against))
    return {row["month"].date(): ((row["up"] - row["down"]) / row["n"], row["n"]) for row in rows}


REACHED = """
SELECT {month}, count(*) FILTER (WHERE data->>'outcome' = 'answered'), count(*) FROM journal_fact
WHERE kind = 'queue_left' AND data->>'outcome' IN ('answered', 'abandoned') AND at >= %(since)s AND at < %(until)s
GROUP BY 1
"""


def reached(span: Span) -> By:
    """The part of those who waited for an operator and reached one. Clause: krc-4-01."""
    return {month: (answered / n, n) for month, answered, n in rows_of(REACHED, "at", span) if n}


JUDGED = """
SELECT {month}, count(*) FILTER (WHERE verdict = 'met'), count(*) FROM quality_measurement
WHERE profile = %(profile)s AND verdict <> 'not_measurable' AND subject_type <> 'period'
    AND at >= %(since)s AND at < %(until)s
GROUP BY 1
"""


def quality(span: Span) -> By:
    """The part of clear verdicts on single subjects that are "met". Clause: krc-4-03."""
    return {month: (met / n, n) for month, met, n in rows_of(JUDGED, "at", span) if n}


def rows_of(statement: str, at: str, span: Span, more: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """What a statement finds in the span: `{month}` in it is the month of the moment `at`."""
    with connection.cursor() as cursor:
        cursor.execute(statement.format(month=MONTH.format(at=at)), {**span.params, **(more or {})})
        return list(cursor.fetchall())
