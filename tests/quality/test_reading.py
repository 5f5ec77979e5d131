"""What the page Standard, the reports and the reviewer see and do; recordings leave when their time is over."""

import datetime as dt
from collections.abc import Callable

import pytest

from kindline.conversations.models import Contact
from kindline.journal import actions as journal
from kindline.journal.queries import facts_of
from kindline.quality import judging, queries, reviews, statistics
from kindline.staff.models import Employee
from kindline.standard import loader
from tests.quality.conftest import NOW

pytestmark = pytest.mark.db
Call = Callable[..., str]
DAY = dt.timedelta(days=1)
RINGS = "krc-5.6.4-03"


@pytest.fixture
def contact(db: None) -> Contact:
    """A contact of krc."""
    return Contact.objects.create(profile="krc", version="1", channel="phone", started_at=NOW, ended_at=NOW)


class TestResults:
    """Counts of verdicts, where "not measurable" is a third answer."""

    @pytest.fixture(autouse=True)
    def _judged(self, call: Call, few_clauses: None) -> None:
        subjects = {("contact", call("krc", rings=rings)) for rings in (1, 2, 3, 5)}
        subjects |= {("contact", call("krc", rings=9, at=NOW - 40 * DAY))}
        judging.judge_subjects(subjects=subjects, now=NOW)

    def test_every_clause_stands_in_the_standards_order_with_its_counts(self) -> None:
        krc = loader.load("krc")
        results = queries.clause_results(krc, NOW - DAY, NOW + DAY)
        assert [one.clause.id for one in results] == list(krc.clauses)
        by_id = {one.clause.id: one for one in results}
        assert (by_id[RINGS].met, by_id[RINGS].not_met, by_id[RINGS].met_share) == (3, 1, 0.75)
        reviewed = by_id["krc-5.6.4-07"]
        assert (reviewed.not_measurable, reviewed.measured, reviewed.met_share) == (4, 0, None)
        assert by_id["krc-8-01"].last_at is None

    def test_verdicts_go_from_the_clause_down_to_the_moment(self) -> None:
        missed = queries.verdicts_of(RINGS, since=NOW - DAY, until=NOW + DAY, verdict="not_met").get()
        assert [fact.kind for fact in queries.evidence(missed)] == ["call_offered", "call_answered"]
        assert queries.verdicts_of(RINGS).count() == 5

    def test_days_are_local_days(self) -> None:
        rows = queries.daily(RINGS, NOW - 60 * DAY, NOW + DAY, loader.load("krc"))
        assert [(row["day"], row["met"], row["not_met"]) for row in rows] == [
            ((NOW - 40 * DAY).date(), 0, 1),
            (NOW.date(), 3, 1),
        ]


class TestStatistics:
    """Numbers for reports come from facts."""

    @pytest.mark.clause("krc-2-35")
    def test_the_busy_hour_slides(self) -> None:
        def minutes(*offsets: int) -> list[dt.datetime]:
            return [NOW + dt.timedelta(minutes=offset) for offset in offsets]

        assert statistics.busiest_hour([]) is None
        assert statistics.busiest_hour(minutes(0, 70, 100, 115, 129, 131)) == (NOW + dt.timedelta(minutes=70), 4)
        assert statistics.busiest_hour(minutes(0, 60)) == (NOW, 1), "an hour later is another hour"

    def test_the_busy_hour_of_each_local_day(self, call: Call) -> None:
        zone = loader.load("krc").zone
        midnight = dt.datetime(2026, 3, 2, tzinfo=zone)
        for minute in (5, 10, 15):
            call("krc", at=midnight + dt.timedelta(minutes=minute))
        call("krc", at=midnight - dt.timedelta(minutes=1))
        sunday, monday = statistics.load(midnight.date() - DAY, midnight.date(), zone).days
        assert (sunday.busy, sunday.arrived) == ((midnight - dt.timedelta(minutes=1), 1), 1)
        assert (monday.busy, monday.arrived) == ((midnight + dt.timedelta(minutes=5), 3), 3)
        quiet = statistics.load(dt.date(2026, 1, 1), dt.date(2026, 1, 1), zone)
        assert (quiet.days, quiet.usual, set(quiet.hours)) == ((statistics.PhoneDay(dt.date(2026, 1, 1)),), None, {0.0})

    def test_the_usual_busy_hour_is_that_of_all_days_by_the_clock(self, call: Call) -> None:
        zone = loader.load("krc").zone
        at = dt.datetime(2026, 3, 2, 10, 50, tzinfo=zone)
        for begun in (at, at + DAY, at + DAY + dt.timedelta(minutes=20), at + DAY + dt.timedelta(hours=5)):
            call("krc", at=begun)
        found = statistics.load(at.date(), (at + DAY).date(), zone)
        assert found.usual == (dt.time(10, 50), 1.5), "three calls of two days"
        assert (found.hours[10], found.hours[11], found.hours[15]) == (1.0, 0.5, 0.5)

    @pytest.mark.clause("krc-2-54")
    def test_how_the_phone_was_served(self, call: Call) -> None:
        for _ in range(2):
            call("krc")
        ours = {"outcome": "answered"}
        journal.record_many(
            [
                journal.NewFact("call_arrived", "contact", "lost", at=NOW),
                journal.NewFact("call_ended", "contact", "lost", data={"outcome": "abandoned"}, at=NOW),
                journal.NewFact("call_ended", "contact", "a call of ours", data=ours, at=NOW),
            ]
        )
        zone = loader.load("krc").zone
        today = NOW.astimezone(zone).date()
        day = statistics.load(today, today, zone).days[0]
        assert (day.arrived, day.answered, day.abandoned, day.voicemail) == (3, 2, 1, 0)
        assert (day.wait_average_s, day.busy) == (10.0, (NOW, 3))


class TestReview:
    """A person's judgement of an item is a fact."""

    @pytest.fixture
    def reviewer(self, db: None) -> Employee:
        """Who reviews."""
        return Employee.objects.create(username="supervisor", number=1)

    def _review(self, contact: Contact, reviewer: Employee, **answers: reviews.Answer) -> int:
        return reviews.review_contact(contact=contact, form="call_review", answers=answers, reviewer=reviewer, now=NOW)

    def test_each_answer_is_kept_with_its_clause(self, contact: Contact, reviewer: Employee) -> None:
        items = loader.load("krc").forms["call_review"].items[:3]
        values = ("yes", "no", "na")
        answers = {item.id: reviews.Answer(value, "почему") for item, value in zip(items, values, strict=True)}
        assert self._review(contact, reviewer, **answers) == 3
        facts = list(facts_of("contact", contact.pk))
        assert [fact.data["verdict"] for fact in facts] == ["met", "not_met", "not_applicable"]
        assert [fact.data["clause"] for fact in facts] == [item.clause for item in items]
        assert {fact.actor for fact in facts} == {f"employee:{reviewer.pk}"}

    def test_what_is_left_open_stays_open(self, contact: Contact, reviewer: Employee) -> None:
        item = loader.load("krc").forms["call_review"].items[0]
        assert self._review(contact, reviewer, **{item.id: reviews.Answer("")}) == 0

    @pytest.mark.parametrize(("item", "value"), [("there-is-none", "yes"), ("first", "maybe")])
    def test_a_wrong_answer_keeps_nothing(self, contact: Contact, reviewer: Employee, item: str, value: str) -> None:
        items = loader.load("krc").forms["call_review"].items
        named = items[0].id if item == "first" else item
        answers = {items[1].id: reviews.Answer("yes"), named: reviews.Answer(value)}
        with pytest.raises(reviews.ReviewError) as refused:
            self._review(contact, reviewer, **answers)
        assert set(refused.value.wrong) == {named}
        assert not facts_of("contact", contact.pk).exists()

    def test_an_unknown_form_is_named(self, contact: Contact, reviewer: Employee) -> None:
        with pytest.raises(reviews.ReviewError, match="call_review"):
            reviews.review_contact(contact=contact, form="dance", answers={}, reviewer=reviewer, now=NOW)
