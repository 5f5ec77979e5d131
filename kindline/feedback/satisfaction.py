"""The index of satisfaction over time: what part of those who rated was content, and the averages beside it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Avg, Count, Q, QuerySet
from django.db.models.functions import TruncMonth, TruncQuarter

from kindline.feedback.models import Rating

Step = Literal["month", "quarter"]
CONTENT_FROM = 4
"""Of 5: who gives the service 4 or 5 is content, as customer satisfaction scores are counted in the field."""
TRUNC = {"month": TruncMonth, "quarter": TruncQuarter}


@dataclass(frozen=True, slots=True)
class Score:
    """The ratings of one month or quarter; the averages are from 1 to 5, `index` is a share from 0 to 1.

    Who rated by telephone was asked of the service alone: `answer` is the mean of the others, if any.
    """

    start: dt.date  # its first day, in the organisation's zone
    ratings: int
    answer: float | None
    service: float
    content: int
    answers: int
    """How many of them rated the answer."""

    @property
    def index(self) -> float:
        """The part of those who rated that was content with the service."""
        return self.content / self.ratings


def ratings(since: dt.date, until: dt.date, zone: ZoneInfo) -> QuerySet[Rating]:
    """Those of the days from `since` to `until`, both whole, the latest first."""
    start = dt.datetime.combine(since, dt.time(), zone)
    end = dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), zone)
    return Rating.objects.filter(made_at__gte=start, made_at__lt=end).order_by("-made_at", "-pk")


def scores(since: dt.date, until: dt.date, step: Step, zone: ZoneInfo) -> list[Score]:
    """The index by month or quarter, the earliest first; one without a rating has no index and is left out.

    Clause: krc-3-02, krc-4-05, voe-1-02.
    """
    rows = ratings(since, until, zone).order_by().annotate(start=TRUNC[step]("made_at", tzinfo=zone)).values("start")
    content = Count("pk", filter=Q(service__gte=CONTENT_FROM))
    found = rows.annotate(
        ratings=Count("pk"), a=Avg("answer"), s=Avg("service"), content=content, answers=Count("answer")
    ).order_by("start")
    return [
        Score(one["start"].date(), one["ratings"], one["a"], one["s"], one["content"], one["answers"]) for one in found
    ]


def whole(found: list[Score]) -> Score | None:
    """The same of all of them together; None where nobody has rated."""
    ratings = sum(one.ratings for one in found)
    if not ratings:
        return None
    answers = sum(one.answers for one in found)
    answer = sum((one.answer or 0.0) * one.answers for one in found) / answers if answers else None
    service = sum(one.service * one.ratings for one in found) / ratings
    return Score(found[0].start, ratings, answer, service, sum(one.content for one in found), answers)


ASKED = """
SELECT date_trunc(%(step)s, at AT TIME ZONE %(zone)s)::date, count(DISTINCT subject_id),
    count(DISTINCT subject_id) FILTER (WHERE EXISTS (
        SELECT 1 FROM feedback_rating AS given
        WHERE given.subject_type = 'contact' AND given.way = 'phone' AND given.subject_id = fact.subject_id))
FROM journal_fact AS fact
WHERE kind = 'rating_asked' AND at >= %(since)s AND at < %(until)s
GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Response:
    """How many were asked by telephone in a month or quarter, and how many of them rated, whenever they did."""

    start: dt.date
    asked: int
    rated: int

    @property
    def rate(self) -> float:
        """Rated / asked, from 0 to 1."""
        return self.rated / self.asked


def responses(since: dt.date, until: dt.date, step: Step, zone: ZoneInfo) -> list[Response]:
    """How many answer when they are asked, the earliest first; where nobody was asked there is no row.

    Only by telephone is anybody asked one by one: who rates on the page of his appeal is in no response rate.
    """
    start = dt.datetime.combine(since, dt.time(), zone)
    end = dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), zone)
    with connection.cursor() as cursor:
        cursor.execute(ASKED, {"step": step, "zone": str(zone), "since": start, "until": end})
        return [Response(*row) for row in cursor.fetchall()]


def response_whole(found: list[Response]) -> Response | None:
    """The same of all of them together; None where nobody was asked."""
    asked, rated = (sum(getattr(one, name) for one in found) for name in ("asked", "rated"))
    return Response(found[0].start, asked, rated) if asked else None
