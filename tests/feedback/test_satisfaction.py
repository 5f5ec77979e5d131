"""The index of satisfaction: by month and quarter of the organisation's zone, against a plain count."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import defaultdict
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from kindline.feedback import actions, satisfaction
from kindline.feedback.satisfaction import Score

MOSCOW = ZoneInfo("Europe/Moscow")
SINCE, UNTIL = dt.date(2026, 1, 15), dt.date(2026, 9, 10)
pytestmark = pytest.mark.db
FIGURE = st.integers(1, 5)
FIRST = dt.datetime(2025, 12, 1, tzinfo=dt.UTC)
MOMENT = st.integers(0, 334 * 24 * 60).map(lambda minutes: FIRST + dt.timedelta(minutes=minutes))


def _rate(number: int, answer: int, service: int, at: dt.datetime) -> None:
    actions.rate(subject_type="appeal", subject_id=number, answer=answer, service=service, words="", now=at)


def _by_hand(given_: list[tuple[int, int, dt.datetime]], months: int) -> list[Score]:
    found: dict[dt.date, list[tuple[int, int]]] = defaultdict(list)
    for answer, service, at in given_:
        day = at.astimezone(MOSCOW).date()
        if SINCE <= day <= UNTIL:
            found[dt.date(day.year, (day.month - 1) // months * months + 1, 1)].append((answer, service))
    return [
        Score(start, len(rows), statistics.fmean(a for a, _ in rows), statistics.fmean(s for _, s in rows),
              sum(s >= 4 for _, s in rows), len(rows))
        for start, rows in sorted(found.items())
    ]  # fmt: skip


class TestIndex(TestCase):
    @pytest.mark.clause("krc-3-02", "krc-4-05", "voe-1-02")
    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.tuples(FIGURE, FIGURE, MOMENT), max_size=12))
    def test_each_month_and_quarter_is_counted_as_by_hand(self, given_: list[tuple[int, int, dt.datetime]]) -> None:
        for number, (answer, service, at) in enumerate(given_):
            _rate(number, answer, service, at)
        for step, months in (("month", 1), ("quarter", 3)):
            found = satisfaction.scores(SINCE, UNTIL, step, MOSCOW)  # type: ignore[arg-type]
            wanted = _by_hand(given_, months)
            assert [(one.start, one.ratings, one.content) for one in found] == [
                (one.start, one.ratings, one.content) for one in wanted
            ]
            assert [(one.answer, one.service) for one in found] == [
                pytest.approx((one.answer, one.service)) for one in wanted
            ]


def test_the_whole_is_weighed_by_the_number_of_ratings(db: None) -> None:
    for number, (service, month) in enumerate([(5, 2), (5, 2), (5, 2), (1, 3)]):
        _rate(number, 4, service, dt.datetime(2026, month, 5, 12, tzinfo=dt.UTC))
    whole = satisfaction.whole(satisfaction.scores(SINCE, UNTIL, "month", MOSCOW))
    assert whole == Score(dt.date(2026, 2, 1), 4, 4.0, 4.0, 3, 4)
    assert whole.index == 0.75
    assert satisfaction.whole([]) is None


def test_a_day_is_that_of_the_organisation(db: None) -> None:
    _rate(1, 5, 5, dt.datetime(2026, 2, 28, 21, 30, tzinfo=dt.UTC))
    [score] = satisfaction.scores(SINCE, UNTIL, "month", MOSCOW)
    assert score.start == dt.date(2026, 3, 1)
