"""The goals of the standard by month, each counted by hand beside it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from typing import Any

import pytest

from kindline.clients.models import Client
from kindline.conversations.models import Contact, Topic
from kindline.feedback import actions as feedback
from kindline.journal import actions as journal
from kindline.journal.actions import NewFact
from kindline.quality import goals
from kindline.quality.goals import Goal, Series
from kindline.quality.models import Measurement
from kindline.staff.models import Employee
from kindline.standard import loader

clause = pytest.mark.clause
pytestmark = pytest.mark.db
KRC = loader.load("krc")
FEBRUARY, MARCH, APRIL = dt.date(2026, 2, 1), dt.date(2026, 3, 1), dt.date(2026, 4, 1)
NOON = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def _goal(metric: str) -> Goal:
    (found,) = [one for one in goals.follow(KRC, APRIL, 3) if one.metric == metric]
    return found


def _march(metric: str) -> dict[str, tuple[float | None, int]]:
    return {
        one.figure.name: (round(value, 6) if value is not None else None, of)
        for one in _goal(metric).series
        for month, value, of in one.months
        if month == MARCH
    }


def _contact(at: dt.datetime = NOON, talk_s: int | None = 120, **more: Any) -> Contact:
    answered = at + dt.timedelta(seconds=30) if talk_s is not None else None
    ended = (answered or at) + dt.timedelta(seconds=talk_s or 0)
    known = {"profile": "krc", "version": "1", "channel": "phone", "answered_at": answered, "ended_at": ended}
    return Contact.objects.create(**{**known, "started_at": at, "closed_at": ended, **more})


def _fact(kind: str, subject: object, at: dt.datetime = NOON, subject_type: str = "contact", **data: Any) -> None:
    journal.record_many([NewFact(kind, subject_type, str(subject), "system", data, at)])


@pytest.fixture
def client() -> Client:
    """Somebody who comes more than once."""
    return Client.objects.create(surname="Ёлкин", created_at=NOON, changed_at=NOON)


@pytest.fixture
def topic() -> Topic:
    """What he comes for."""
    return Topic.objects.create(profile="krc", code="bill", title="Квитанция")


@clause("krc-2-03", "krc-3-06")
def test_service_time_is_the_average_of_talks_and_visits_by_month_of_the_organisation() -> None:
    _contact(talk_s=100)
    _contact(talk_s=300, channel="office")
    _contact(talk_s=None)
    _contact(talk_s=50, profile="court")
    _contact(dt.datetime(2026, 2, 28, 20, 59, tzinfo=dt.UTC), talk_s=600)
    _contact(dt.datetime(2026, 2, 28, 21, 1, tzinfo=dt.UTC), talk_s=200)
    goal = _goal("service_time_s")
    assert [one.id for one in goal.clauses] == ["krc-2-03", "krc-3-06"]
    (series,) = goal.series
    assert series.months == ((FEBRUARY, 600.0, 1), (MARCH, 200.0, 3), (APRIL, None, 0))
    assert series.change(APRIL) == -400.0
    assert series.improved(APRIL) is True, "a shorter time is the better"
    assert series.change(MARCH) is None, "the month is not over yet"


@clause("krc-3-03")
def test_efficiency_is_occupancy_handling_time_and_contacts_an_hour() -> None:
    person = Employee.objects.create(username="operator1")
    states = (
        ("ready", 0),
        ("talking", 600),
        ("wrap_up", 1500),
        ("paused", 1800),
        ("ready", 3000),
        ("watching", 4800),
        ("offline", 9000),
    )
    for state, after_s in states:
        at = NOON + dt.timedelta(seconds=after_s)
        _fact("operator_state_changed", person.pk, at, "employee", state=state, reason="")
    _fact(
        "operator_state_changed", person.pk, NOON + dt.timedelta(seconds=9000), "employee", state="offline", reason=""
    )
    call = uuid.uuid4()
    _fact("call_answered", call, employee=person.pk, rings=1, ring_s=4.0, wait_s=9.0)
    _fact("call_ended", call, by="client", outcome="answered", talk_s=900.0)
    _fact("wrap_up_ended", call, employee=person.pk, duration_s=300.0, overrun=False)
    _fact("call_ended", uuid.uuid4(), by="client", outcome="abandoned", talk_s=0.0)
    assert _march("internal_efficiency") == {
        "occupancy": (round(1200 / 3600, 6), 1), "handling_time": (1200.0, 1), "contacts_an_hour": (1.0, 1),
    }  # fmt: skip


@clause("krc-3-04")
def test_effort_is_how_often_one_comes_for_a_matter_and_what_it_costs_him(client: Client, topic: Topic) -> None:
    for days in (0, 1, 2):
        _contact(NOON + dt.timedelta(days=days), talk_s=70, client=client, topic=topic)
    other = Topic.objects.create(profile="krc", code="debt", title="Долг")
    _contact(talk_s=170, client=client, topic=other)
    _contact(talk_s=900, client=None, topic=other)
    assert _march("client_effort") == {"contacts_a_matter": (2.0, 2), "time_a_matter": (250.0, 2)}


@clause("krc-5.4.1-14")
def test_a_visit_is_a_repeat_one_within_the_days_of_the_clause(client: Client, topic: Topic) -> None:
    visit: dict[str, Any] = {"channel": "office", "client": client, "topic": topic}
    within = KRC.clauses["krc-5.4.1-14"].value["within_days"]
    _contact(NOON - dt.timedelta(days=within + 3), **visit)  # in January or February: nobody counts it
    _contact(NOON, **visit)
    _contact(NOON + dt.timedelta(days=5), **visit)
    _contact(NOON + dt.timedelta(days=6), client=client, topic=topic)
    another = Client.objects.create(surname="Иванов", created_at=NOON, changed_at=NOON)
    _contact(NOON + dt.timedelta(days=7), **{**visit, "client": another})
    assert _march("repeat_contact_share") == {
        "repeat_visits": (round(1 / 3, 6), 3), "repeat_contacts": (0.5, 4), "first_contact": (None, 0),
    }  # fmt: skip


@clause("krc-3-05")
def test_several_services_in_one_contact_are_counted_by_their_kinds() -> None:
    one, two, three = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    _fact("topic_set", one, topic="bill", competence="own")
    _fact("topic_set", one, topic="bill", competence="own")
    _fact("topic_set", two, topic="bill", competence="own")
    _fact("readings_taken", two, sending=1, count=2)
    _fact("topic_set", three, topic="bill", competence="own")
    _fact("topic_set", three, topic="debt", competence="own")
    _fact("call_arrived", three, line="main")
    assert _march("services_per_contact") == {
        "several_services": (round(2 / 3, 6), 3), "services_a_contact": (round(5 / 3, 6), 3),
    }  # fmt: skip


@clause("krc-3-07")
def test_a_visit_in_which_nothing_needed_the_person_could_have_been_spared() -> None:
    _contact()
    visits = [_contact(channel="office") for _ in range(3)]
    _fact("documents_checked", visits[0].pk, service="recalculation", complete=True)
    _fact("answer_given", visits[1].pk, basis="known", article="")
    assert _march("personal_visit_share") == {
        "visits": (0.75, 4), "visits_for_remote": (round(2 / 3, 6), 3),
    }  # fmt: skip


def _rate(*marks: int) -> None:
    for number, service in enumerate(marks):
        feedback.rate(subject_type="appeal", subject_id=number, answer=4, service=service, words="", now=NOON)


@clause("krc-3-02")
def test_the_index_of_satisfaction_is_the_one_of_its_own_page() -> None:
    _rate(5, 4, 3, 1)
    assert _march("satisfaction_index") == {"satisfied": (0.5, 4)}


@clause("krc-2-15", "krc-4-01")
def test_loyalty_is_promoters_less_detractors_beside_who_reached_an_operator() -> None:
    _rate(5, 5, 5, 4, 3, 1)
    for number, outcome in enumerate(("answered", "answered", "answered", "abandoned", "overflow")):
        _fact("queue_left", f"c{number}", queue="general", outcome=outcome, wait_s=5.0)
    assert _march("loyalty_index") == {"loyalty": (round(1 / 6, 6), 6), "reached": (0.75, 4)}
    assert [one.id for one in _goal("loyalty_index").clauses] == ["krc-2-15", "krc-4-01"]


@clause("krc-4-03")
def test_quality_is_the_share_of_met_verdicts_and_its_change() -> None:
    said = [(MARCH, "met"), (MARCH, "met"), (MARCH, "met"), (MARCH, "not_met"), (MARCH, "not_measurable"),
            (FEBRUARY, "met"), (FEBRUARY, "not_met")]  # fmt: skip
    for number, (month, verdict) in enumerate(said):
        at = dt.datetime.combine(month, dt.time(12), KRC.zone)
        Measurement.objects.create(
            profile="krc", clause="krc-5.6.4-03", version="1", subject_type="contact", subject_id=str(number),
            verdict=verdict, at=at, judged_at=at,
        )  # fmt: skip
    (series,) = _goal("quality_score_trend").series
    assert series.months == ((FEBRUARY, 0.5, 2), (MARCH, 0.75, 4), (APRIL, None, 0))
    assert (series.change(APRIL), series.improved(APRIL)) == (0.25, True)


def test_a_standard_without_such_clauses_has_no_goals_and_no_norm_no_figure() -> None:
    assert goals.follow(loader.load("court"), MARCH) == []
    silent = dataclasses.replace(KRC.clauses["krc-5.4.1-14"], value={"metric": "repeat_contact_share"})
    bare = dataclasses.replace(KRC, clauses={"krc-5.4.1-14": silent})
    assert goals.metrics_of(bare) == {}, "the clause does not say within how many days"


@pytest.mark.parametrize(("values", "improved"), [((1.0, 1.0), None), ((1.0, 2.0), False), ((2.0,), None)])
def test_a_trend_needs_two_whole_months(values: tuple[float, ...], improved: bool | None) -> None:
    figure = goals.METRICS["service_time_s"][0]
    months = zip((FEBRUARY, MARCH), values, strict=False)
    assert Series(figure, tuple((month, value, 1) for month, value in months)).improved(APRIL) is improved
