"""The key figures by month, each counted by hand beside it; a month without data has no figure."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from typing import Any

import pytest

from kindline.appeals.models import Appeal
from kindline.clients.models import Client
from kindline.conversations.models import Callback, Contact, Topic
from kindline.feedback.models import Rating
from kindline.journal import actions as journal
from kindline.journal.actions import NewFact
from kindline.quality import indicators, scores
from kindline.quality.goals import Series
from kindline.quality.scores import Judged, Score
from kindline.staff.models import Employee, Unit
from kindline.standard import loader

clause = pytest.mark.clause
pytestmark = pytest.mark.db
KRC = loader.load("krc")
MARCH = dt.date(2026, 3, 1)
NOON = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 4, 15, 9, 0, tzinfo=dt.UTC)
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
DAYS = KRC.clauses["krc-5.4.1-14"].value["within_days"]


def series(name: str, now: dt.datetime = NOW, months: int = 3) -> Series:
    (found,) = [one for part in indicators.follow(KRC, now, months) for one in part.series if one.figure.name == name]
    return found


def march(name: str, now: dt.datetime = NOW) -> tuple[float | None, int]:
    (found,) = [(value, of) for month, value, of in series(name, now).months if month == MARCH]
    return None if found[0] is None else round(found[0], 6), found[1]


def fact(kind: str, subject: object, at: dt.datetime = NOON, subject_type: str = "contact", **data: Any) -> None:
    journal.record_many([NewFact(kind, subject_type, str(subject), "system", data, at)])


def contact(at: dt.datetime = NOON, **more: Any) -> Contact:
    known = {"profile": "krc", "version": "1", "channel": "phone", "outcome": "answered", "ended_at": at}
    return Contact.objects.create(**{**known, "started_at": at, "closed_at": at, **more})


def person(surname: str = "Ёлкин") -> Client:
    return Client.objects.create(surname=surname, created_at=NOON, changed_at=NOON)


def topic(code: str = "bill") -> Topic:
    return Topic.objects.create(profile="krc", code=code, title=code)


def test_where_nothing_happened_no_figure_is_told() -> None:
    for part in indicators.follow(KRC, NOW, 3):
        for one in part.series:
            assert [(value, of) for _month, value, of in one.months] == [(None, 0)] * 3, one.figure.name


@clause("krc-6.1-09")
def test_answers_on_time_are_those_of_the_cases_that_were_due() -> None:
    for number, answered in enumerate((NOON, NOON + 9 * DAY, None, None)):
        Appeal.objects.create(
            profile="krc", version="1", number=f"K-{number}", kind="application", channel="web", substance="…",
            received_at=NOON - 90 * DAY, registered_at=NOON - 90 * DAY, limit_at=NOON + DAY, answered_at=answered,
        )  # fmt: skip
    assert (march("on_time"), march("overdue_open")) == ((0.25, 4), (2.0, 4))


@clause("krc-5.4.1-14")
def test_settled_at_the_first_contact_looks_forward_over_every_channel() -> None:
    client, bill = person(), topic()
    contact(client=client, topic=bill)  # comes again by another channel
    contact(NOON + DAYS * DAY - HOUR, client=client, topic=bill, channel="email", outcome="letter")
    contact(client=client, topic=topic("debt"))  # another topic: nobody came again with it
    contact(client=person("Иванов"), topic=bill)  # another client
    contact(client=person("Петров"), topic=bill, outcome="callback")  # nothing was settled
    contact(topic=bill)  # nobody knows whose it was
    contact(NOON + HOUR, client=person("Сидоров"), topic=bill, direction="out")
    assert march("first_contact") == (round(2 / 3, 6), 3)


@clause("krc-5.4.1-14")
@pytest.mark.parametrize(("later", "stays"), [(DAYS * DAY - HOUR, 0.0), (DAYS * DAY, 1.0), (-DAY, 1.0)])
def test_only_who_comes_within_the_days_comes_again(later: dt.timedelta, stays: float) -> None:
    client, bill = person(), topic()
    contact(client=client, topic=bill)
    contact(NOON + later, client=client, topic=bill, outcome="callback")
    assert march("first_contact") == (stays, 1)


@clause("krc-5.4.1-14")
def test_settled_at_the_first_contact_agrees_with_a_diary_read_by_eye() -> None:
    dice, bill = random.Random(7), topic()
    diaries: list[list[tuple[int, bool]]] = []
    for number in range(12):
        client = person(f"К{number}")
        diary = sorted({dice.randrange(0, 100): dice.random() < 0.6 for _n in range(dice.randrange(1, 6))}.items())
        diaries.append(diary)
        for day, settled in diary:
            outcome = "answered" if settled else "callback"
            contact(NOON + (day - 20) * DAY, client=client, topic=bill, outcome=outcome)
    told, alone = 0, 0
    for diary in diaries:
        days = [day for day, _settled in diary]
        for day, settled in diary:
            if settled and 19 <= day < 50:  # the second of March is day 20
                told += 1
                alone += not any(day + ahead in days for ahead in range(1, DAYS))
    assert march("first_contact") == (round(alone / told, 6), told)


@clause("krc-5.4.1-14")
def test_a_month_is_not_final_before_its_days_have_passed() -> None:
    one = series("first_contact")
    last = dt.date(2026, 4, 1) + dt.timedelta(days=DAYS)
    assert [one.is_final(MARCH, day) for day in (dt.date(2026, 4, 1), last - DAY, last)] == [False, False, True]
    assert series("on_time").is_final(MARCH, dt.date(2026, 4, 1))


def test_what_several_figures_need_is_read_once(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(16):
        indicators.follow(KRC, NOW, 6)


def test_where_the_standard_does_not_say_after_how_many_days_nothing_is_counted() -> None:
    (part,) = [one for one in indicators.follow(loader.load("voe"), NOW, 3) if one.name == "first_contact"]
    assert (part.series, part.without) == ((), ("first_contact",))


def test_a_cancelled_promise_was_a_promise_and_one_that_may_still_be_kept_is_not_decided() -> None:
    of = contact()
    known: dict[str, Any] = {"contact": of, "promised_at": NOON, "due_at": NOON + HOUR}
    several: list[dict[str, Any]] = [
        {"state": "kept", "closed_at": NOON + HOUR},
        {"state": "kept", "closed_at": NOON + 2 * HOUR},
        {"state": "missed"},
        {"state": "cancelled", "closed_at": NOON},
        {"state": "open", "due_at": NOW + HOUR},
        {"state": "missed", "origin": "abandoned"},  # who gave up waiting was promised nothing
        {"state": "cancelled", "closed_at": NOON, "origin": "abandoned"},
    ]
    for number, more in enumerate(several):
        Callback.objects.create(**{**known, "phone": f"+7927000000{number}", **more})
    assert (march("callbacks_kept"), march("callbacks_cancelled")) == ((0.25, 4), (1.0, 4))


def test_the_response_rate_is_of_those_who_were_asked() -> None:
    talks = [uuid.uuid4() for _n in range(4)]
    for talk in talks:
        fact("rating_asked", talk, employee=1)
    fact("rating_asked", talks[0], NOON + HOUR, employee=1)
    Rating.objects.create(subject_type="contact", subject_id=str(talks[0]), service=2, way="phone", made_at=NOON)
    Rating.objects.create(subject_type="appeal", subject_id="1", answer=5, service=5, made_at=NOON)
    assert march("rated") == (0.25, 4)


@pytest.mark.parametrize(
    ("items", "points", "value"),
    [
        ("", None, None),
        ("..", None, None),
        ("++++", 1.0, 1.0),
        ("+++-", 0.75, 0.75),
        ("+++-....", 0.75, 0.75),
        ("+++!", 0.75, 0.0),
        ("!", 0.0, 0.0),
        ("+P", 1.0, 1.0),
    ],
)
def test_a_critical_error_makes_the_score_nothing_and_the_points_stay(
    items: str, points: float | None, value: float | None
) -> None:
    """Plus: met, P: a critical one met, minus: not met, !: a critical one not met, dot: does not apply."""
    kinds = {
        "+": Judged("met", critical=False), "P": Judged("met", critical=True), "-": Judged("not_met", critical=False),
        "!": Judged("not_met", critical=True), ".": Judged("not_applicable", critical=True),
    }  # fmt: skip
    found = scores.score(kinds[one] for one in items)
    assert (found.points, found.value) == (points, value)


def judge(of: Contact, item: str, verdict: str, at: dt.datetime = NOON, **more: Any) -> None:
    fact("item_judged", of.pk, at, form="call_review", item=item, verdict=verdict, reviewer=1, **more)


def test_reviews_are_scored_by_the_latest_judgement_and_told_by_operator_and_unit() -> None:
    unit = Unit.objects.create(name="Отдел")
    anna, boris = (Employee.objects.create(username=name, unit=unit) for name in ("anna", "boris"))
    first, second = contact(employee=anna), contact(employee=boris)
    judge(first, "a", "not_met", critical=True)
    judge(first, "a", "met", NOON + HOUR, critical=True)
    judge(first, "b", "not_met", NOON + HOUR, critical=False)
    judge(second, "a", "not_met", critical=True)
    judge(second, "b", "met", critical=False)
    judge(second, "c", "not_applicable", critical=False)
    judge(contact(profile="court", employee=anna), "a", "not_met", critical=False)
    assert (march("review_score"), march("review_points")) == ((0.25, 2), (0.5, 2))
    assert march("critical_reviews") == (0.5, 2)
    found = scores.reviews(KRC, NOON - DAY, NOON + DAY)
    by = {key: (one.reviews, one.value, one.points) for key, one in scores.by(found, "employee").items()}
    assert by == {anna.pk: (1, 0.5, 0.5), boris.pk: (1, 0.0, 0.5)}
    assert {key: one.value for key, one in scores.by(found, "unit").items()} == {unit.pk: 0.25}
    assert scores.mean([]) is None


def test_of_an_older_judgement_the_form_says_whether_the_item_is_critical() -> None:
    form = KRC.forms["visit_review"]
    gross = next(item.id for item in form.items if item.critical)
    of = contact(channel="office")
    fact("item_judged", of.pk, form=form.id, item=gross, verdict="not_met", reviewer=1)
    (found,) = scores.reviews(KRC, NOON, NOON + DAY)
    assert found.score == Score(0, 1, 1)


def test_work_after_the_contact_stands_by_itself() -> None:
    for duration in (30.0, 90.0):
        fact("wrap_up_ended", uuid.uuid4(), employee=1, duration_s=duration, overrun=False)
    fact("call_ended", uuid.uuid4(), by="client", outcome="answered", talk_s=900.0)
    assert march("wrap_up") == (60.0, 2)


def test_who_asked_the_autoinformer_for_an_operator_and_waited_longer_than_two_seconds_is_abandoned() -> None:
    for after_s in (1.5, 2.0, 2.5, None):
        called = uuid.uuid4()
        fact("announcement_ended", called, about="x", outcome="to_operator", times=1)
        if after_s is not None:
            fact("call_answered", called, NOON + dt.timedelta(seconds=after_s), employee=1, rings=1)
    fact("announcement_ended", uuid.uuid4(), about="x", outcome="heard", times=1)
    assert march("outbound_abandonment") == (0.5, 4)


def test_errors_of_told_waits_within_one_half_hour_make_up_for_each_other_and_between_them_do_not() -> None:
    for minute, told, came in ((0, 100, 60), (20, 20, 60), (40, 30, 80)):
        at = NOON + dt.timedelta(minutes=minute)
        fact("wait_forecast_compared", uuid.uuid4(), at, queue="q", expected_wait_s=told, wait_s=came, error_s=0)
    assert march("wait_wape") == (round(50 / 200, 6), 3)
    assert march("wait_wape_each") == (round(130 / 200, 6), 3)


@clause("krc-5.7.3-06")
def test_readings_accepted_at_once_are_told_of_all_channels_and_of_each() -> None:
    for sending, (channel, accepted, asked, refused) in enumerate((("web", 3, 1, 0), ("file", 10, 0, 6)), 1):
        at: dict[str, Any] = {"at": NOON, "subject_type": "readings"}
        fact("reading_sent", sending, **at, channel=channel, count=accepted + asked + refused + 5)
        for kind, count in (("accepted", accepted), ("asked_back", asked), ("refused", refused), ("known", 5)):
            if count:
                fact(f"reading_{kind}", sending, **at, count=count, codes=[])
        fact("reading_confirmed", sending, NOON + HOUR, "readings", reading=1, channel=channel)
    assert march("readings_at_once") == (0.65, 20)
    assert (march("readings_web"), march("readings_file"), march("readings_sms")) == (
        (0.75, 4), (0.625, 16), (None, 0),
    )  # fmt: skip
