"""The figures that any centre of service is led by, by month: counted from facts and rows, like those of the goals.

Each follows the convention of the field, not one engine's (ADR 74). Every function takes a `Span` and gives
`{first day: (value, of how many)}`; a month without data is left out, never zero.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncMonth

from kindline.appeals import punctuality
from kindline.appeals.punctuality import Due
from kindline.conversations import queries as conversations
from kindline.feedback import satisfaction
from kindline.quality import scores
from kindline.quality.goal_figures import CHANNELS, By, Span, rows_of
from kindline.quality.scores import Mean
from kindline.standard import loader

OPERATOR_WITHIN_S = 2.0
"""The convention of outbound calls: who answers and has no operator by then was called for nothing."""
HALF_HOUR_S = 1800
READING_CHANNELS = ("phone", "office", "web", "account", "sms", "api", "file")


# --- answers on time ---
def on_time(span: Span) -> By:
    """Cases answered by their limit / cases due. Clause: krc-6.1-09."""
    return _due(span, lambda one: one.on_time / one.due)


def overdue_open(span: Span) -> By:
    """Cases due that are not answered yet."""
    return _due(span, lambda one: float(one.overdue_open))


def extended(span: Span) -> By:
    """Cases due whose limit had been put off."""
    return _due(span, lambda one: float(one.extended))


def repeated(span: Span) -> By:
    """Cases due with which the applicant came again."""
    return _due(span, lambda one: float(one.repeated))


def _due(span: Span, count: Callable[[Due], float]) -> By:
    profile = loader.load(span.profile)
    found = span.once("due", lambda: punctuality.by_month(profile, span.since, span.until, span.now))
    return {month: (count(one), one.due) for month, one in found.items()}


# --- settled at the first contact ---
SETTLED = """
SELECT {month}, count(*) FILTER (WHERE NOT EXISTS (
        SELECT 1 FROM conversations_contact AS later
        WHERE later.client_id = one.client_id AND later.topic_id = one.topic_id AND later.direction = 'in'
            AND later.channel = ANY(%(channels)s) AND later.id <> one.id
            AND later.started_at > one.started_at
            AND later.started_at < coalesce(one.ended_at, one.started_at) + make_interval(days => %(within_days)s))),
    count(*)
FROM conversations_contact AS one
WHERE profile = %(profile)s AND direction = 'in' AND started_at >= %(since)s AND started_at < %(until)s
    AND channel = ANY(%(channels)s) AND client_id IS NOT NULL AND topic_id IS NOT NULL
    AND outcome = ANY(%(settled)s)
GROUP BY 1
"""


def first_contact(span: Span) -> By:
    """Settled contacts after which the client did not come again with the topic within the days of the clause.

    Clause: krc-5.4.1-14. A contact whose days have not passed yet counts as it stands: see `goals.Series.is_final`.
    """
    more = {
        "channels": list(CHANNELS), "within_days": int(span.value["within_days"]),
        "settled": list(span.value["settled"]),
    }  # fmt: skip
    return {month: (stayed / n, n) for month, stayed, n in rows_of(SETTLED, "started_at", span, more) if n}


# --- callbacks ---
def callbacks_kept(span: Span) -> By:
    """Reached in the promised window / promised, of the promises that are decided."""
    rows = span.once("callbacks", lambda: _callbacks(span))
    return {month: (row["kept"] / row["due"], row["due"]) for month, row in rows}


def callbacks_cancelled(span: Span) -> By:
    """Promises that were cancelled."""
    rows = span.once("callbacks", lambda: _callbacks(span))
    return {month: (float(row["cancelled"]), row["due"]) for month, row in rows}


def _callbacks(span: Span) -> list[tuple[dt.date, Mapping[str, Any]]]:
    found = conversations.decided(span.params["since"], span.params["until"], span.now)
    months = found.filter(contact__profile=span.profile).annotate(month=TruncMonth("promised_at", tzinfo=span.zone))
    rows = months.values("month").annotate(
        due=Count("pk"), kept=Count("pk", filter=conversations.KEPT),
        cancelled=Count("pk", filter=conversations.CANCELLED),
    )  # fmt: skip
    return [(row["month"].date(), row) for row in rows.order_by("month")]


# --- satisfaction ---
def rated(span: Span) -> By:
    """Of those who were asked by telephone, who rated. Clause: krc-5.5.2-03."""
    found = satisfaction.responses(span.since, span.until - dt.timedelta(days=1), "month", span.zone)
    return {one.start: (one.rate, one.asked) for one in found}


# --- reviews ---
def review_score(span: Span) -> By:
    """The mean score of reviews; one with a critical error is 0."""
    return _reviews(span, lambda one: one.value)


def review_points(span: Span) -> By:
    """The same without the rule of critical errors."""
    return _reviews(span, lambda one: one.points)


def critical_reviews(span: Span) -> By:
    """The part of reviews with a critical error."""
    return _reviews(span, lambda one: one.with_critical / one.reviews)


def _reviews(span: Span, value: Callable[[Mean], float]) -> By:
    means = span.once("reviews", lambda: _means(span))
    return {month: (value(one), one.reviews) for month, one in means.items() if one is not None}


def _means(span: Span) -> dict[dt.date, Mean | None]:
    made: dict[dt.date, list[scores.Review]] = {}
    for one in scores.reviews(loader.load(span.profile), span.params["since"], span.params["until"]):
        made.setdefault(one.at.astimezone(span.zone).date().replace(day=1), []).append(one)
    return {month: scores.mean(several) for month, several in made.items()}


# --- the telephone ---
WRAPPED = """
SELECT {month}, sum((data->>'duration_s')::float), count(*) FROM journal_fact
WHERE kind = 'wrap_up_ended' AND at >= %(since)s AND at < %(until)s GROUP BY 1
"""


def wrap_up(span: Span) -> By:
    """Seconds from the end of a contact until the operator is ready: after-call work by itself."""
    return {month: (float(total) / n, n) for month, total, n in rows_of(WRAPPED, "at", span) if n}


ASKED_FOR_OPERATOR = """
SELECT {month}, count(*) FILTER (WHERE NOT EXISTS (
        SELECT 1 FROM journal_fact AS answer
        WHERE answer.subject_type = 'contact' AND answer.subject_id = ask.subject_id AND answer.kind = 'call_answered'
            AND answer.at >= ask.at AND answer.at <= ask.at + make_interval(secs => %(within_s)s))), count(*)
FROM journal_fact AS ask
WHERE kind = 'announcement_ended' AND data->>'outcome' = 'to_operator' AND at >= %(since)s AND at < %(until)s
GROUP BY 1
"""


def outbound_abandonment(span: Span) -> By:
    """Of the people whom the machine called and who asked for an operator: who had none in two seconds."""
    found = rows_of(ASKED_FOR_OPERATOR, "ask.at", span, {"within_s": OPERATOR_WITHIN_S})
    return {month: (without / n, n) for month, without, n in found if n}


FORECAST = """
SELECT month, sum(abs(told - came)), sum(came), sum(apart), sum(n) FROM (
    SELECT {month} AS month, floor(extract(epoch FROM at) / %(interval_s)s) AS half_hour,
        sum((data->>'expected_wait_s')::float) AS told, sum((data->>'wait_s')::float) AS came,
        sum(abs((data->>'expected_wait_s')::float - (data->>'wait_s')::float)) AS apart, count(*) AS n
    FROM journal_fact
    WHERE kind = 'wait_forecast_compared' AND at >= %(since)s AND at < %(until)s
    GROUP BY 1, 2
) AS interval_of_day
GROUP BY 1
"""


def wait_wape(span: Span) -> By:
    """How far told waits were from those that came true, by half hour: sum of |told - came| / sum of what came."""
    return {month: (apart / came, int(n)) for month, apart, came, _each, n in _forecasts(span) if came}


def wait_wape_each(span: Span) -> By:
    """The same caller by caller: errors in one half hour do not make up for each other."""
    return {month: (each / came, int(n)) for month, _apart, came, each, n in _forecasts(span) if came}


def _forecasts(span: Span) -> list[tuple[Any, ...]]:
    return span.once("forecasts", lambda: rows_of(FORECAST, "at", span, {"interval_s": HALF_HOUR_S}))


# --- readings ---
READINGS = """
SELECT {month}, sent.data->>'channel',
    coalesce(sum((judged.data->>'count')::int) FILTER (WHERE judged.kind = 'reading_accepted'), 0),
    sum((judged.data->>'count')::int)
FROM journal_fact AS sent
JOIN journal_fact AS judged ON judged.subject_type = 'readings' AND judged.subject_id = sent.subject_id
    AND judged.kind IN ('reading_accepted', 'reading_asked_back', 'reading_refused')
    AND judged.at >= sent.at AND judged.at < sent.at + interval '1 day'
WHERE sent.kind = 'reading_sent' AND sent.at >= %(since)s AND sent.at < %(until)s
GROUP BY 1, 2
"""


def readings_at_once(span: Span, channel: str = "") -> By:
    """Readings accepted at once / received, on every channel or one; what stood already was not received anew.

    Clause: krc-5.7.3-06.
    """
    made: dict[dt.date, tuple[int, int]] = {}
    for month, by, accepted, n in span.once("readings", lambda: rows_of(READINGS, "sent.at", span)):
        before = made.get(month, (0, 0))
        made[month] = (before[0] + accepted, before[1] + n) if channel in ("", by) else before
    return {month: (accepted / n, n) for month, (accepted, n) in made.items() if n}


def by_channel() -> dict[str, Callable[[Span], By]]:
    """The same figure of each channel."""
    return {one: partial(readings_at_once, channel=one) for one in READING_CHANNELS}
