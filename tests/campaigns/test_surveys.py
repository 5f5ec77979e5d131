"""Surveys by operators: who has not agreed is not called, and what is answered is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kindline.campaigns import actions, calling, errors, following, purposes, queries, surveys
from kindline.campaigns.models import Campaign, Target
from kindline.clients import wishes
from kindline.clients.models import BarredNumber, Client
from kindline.conversations.models import Contact
from kindline.journal import actions as journal
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.profile import Profile

pytestmark = pytest.mark.db
Person = Callable[..., Client]
Made = Callable[..., Campaign]


@pytest.fixture
def taken(person: Person, survey: Made, operator: Employee, krc: Profile, now: dt.datetime) -> Target:
    """A consumer who has agreed, on the operator's screen."""
    person("+79270000001", survey_consent=True)
    found = surveys.take_next(campaign=survey(), employee=operator, profile=krc, now=now)
    assert found is not None
    return found


def opened(target: Target, krc: Profile, operator: Employee, now: dt.datetime) -> Target:
    return surveys.open_call(target=target, profile=krc, employee=operator, now=now)


def kinds(contact: object) -> list[str]:
    return [fact.kind for fact in facts_of("contact", contact)]


@pytest.mark.clause("krc-5.5.2-06", "krc-5.5.2-07", "krc-5.5.2-08")
def test_every_purpose_of_the_standard_is_there_and_no_other(krc: Profile) -> None:
    assert {code: one.clause for code, one in purposes.of(krc).items()} == {
        "survey_additional_services": "krc-5.5.2-06",
        "survey_service_development": "krc-5.5.2-07",
        "survey_satisfaction": "krc-5.5.2-08",
    }
    assert all(set(one.title) == {"uk", "ru", "en"} and one.phrase for one in purposes.of(krc).values())
    assert purposes.of(loader.load("court")) == {}, "no norm, no survey"


@pytest.mark.clause("krc-5.5.2-06", "krc-5.5.2-07", "krc-5.5.2-08")
def test_a_call_is_led_by_the_guide_and_its_answers_are_kept(
    taken: Target, krc: Profile, operator: Employee, now: dt.datetime
) -> None:
    target = opened(taken, krc, operator, now)
    contact = Contact.objects.get(pk=str(target.contact_id))
    assert (contact.direction, contact.called, contact.client) == ("out", target.phone, target.client)
    assert contact.guide["script"] == "survey"
    told = kinds(contact.pk)
    assert told.index("survey_opened") < told.index("survey_permission_checked") < told.index("guide_started")
    done = surveys.record_answers(
        target=target, answers={0: "да", 1: " Быстрее отвечать. "}, ending="answered", country="RU", employee=operator,
        now=now,
    )  # fmt: skip
    assert (done.state, done.outcome, done.answers) == ("reached", "answered", {"0": "да", "1": "Быстрее отвечать."})
    kept = facts_of("contact", contact.pk).get(kind="survey_answered")
    assert (kept.data["questions"], kept.data["answered"]) == (2, 2)
    tallies = list(queries.tallies(done.campaign))
    assert tallies[0].answers == [("да", 1), ("нет", 0)]
    assert tallies[1].given == 1


@pytest.mark.clause("krc-5.5.2-06", "krc-5.5.2-07", "krc-5.5.2-08")
@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"survey_consent": False, "do_not_call": False}, "no_consent"),
        ({"survey_consent": True, "do_not_call": True}, "do_not_call"),
    ],
)
def test_without_permission_nobody_is_called_and_the_refusal_is_a_fact(
    taken: Target, krc: Profile, operator: Employee, now: dt.datetime, wish: dict[str, bool], reason: str
) -> None:
    assert taken.client is not None
    wishes.set_call_wishes(client=taken.client, via="desk", employee_id=None, actor="system", now=now, **wish)
    with pytest.raises(errors.NotPermittedError) as refused:
        opened(taken, krc, operator, now)
    assert (refused.value.reason, refused.value.clauses) == (reason, ("krc-5.5.2-08",))
    contact = Contact.objects.get()
    assert (contact.outcome, contact.closed_at) == ("refused", now)
    fact = facts_of("contact", contact.pk).get(kind="action_refused")
    assert (fact.data, fact.clauses) == ({"action": "survey_call", "reason": reason}, ["krc-5.5.2-08"])
    checked = facts_of("contact", contact.pk).get(kind="survey_permission_checked")
    assert checked.data == {"purpose": "survey_satisfaction", "permitted": False, "reason": reason}
    taken.refresh_from_db()
    assert (taken.state, taken.reason) == ("skipped", reason)
    with pytest.raises(errors.NotNowError):
        opened(taken, krc, operator, now)


def test_two_operators_never_get_the_same_person(
    person: Person, survey: Made, operator: Employee, supervisor: Employee, krc: Profile, now: dt.datetime
) -> None:
    person("+79270000001", survey_consent=True)
    campaign = survey()

    def take(who: Employee, at: dt.datetime) -> Target | None:
        return surveys.take_next(campaign=campaign, employee=who, profile=krc, now=at)

    first = take(operator, now)
    assert first is not None
    assert take(operator, now) == first, "he stays on the screen"
    assert take(supervisor, now) is None
    with pytest.raises(errors.NotNowError):
        opened(first, krc, supervisor, now)
    later = now + dt.timedelta(seconds=surveys.TAKEN_S + 1)
    assert take(supervisor, later) == first, "who leaves his screen leaves the person to others"


def test_nobody_is_asked_at_night_or_while_the_survey_rests(
    taken: Target, krc: Profile, operator: Employee, supervisor: Employee, now: dt.datetime
) -> None:
    with pytest.raises(errors.NotNowError):
        opened(taken, krc, operator, now.replace(hour=20))
    actions.pause_campaign(campaign=taken.campaign, employee=supervisor, now=now)
    assert surveys.take_next(campaign=taken.campaign, employee=operator, profile=krc, now=now) is None
    with pytest.raises(errors.NotNowError):
        opened(taken, krc, operator, now)


@pytest.mark.clause("krc-5.5.2-08")
def test_a_wish_not_to_be_called_holds_from_then_on(
    taken: Target, krc: Profile, operator: Employee, now: dt.datetime
) -> None:
    target = opened(taken, krc, operator, now)
    surveys.record_answers(target=target, answers={}, ending="do_not_call", country="RU", employee=operator, now=now)
    target.refresh_from_db()
    assert (target.state, target.reason) == ("skipped", "do_not_call")
    assert target.client is not None
    client = Client.objects.get(pk=target.client.pk)
    assert (client.do_not_call, client.survey_consent) == (True, False)
    assert BarredNumber.objects.get().phone == "+79270000001"
    assert wishes.hindrances(["+79270000001"], needs_consent=False) == {"+79270000001": "do_not_call"}


def test_who_asks_for_another_time_is_called_again(
    taken: Target, krc: Profile, operator: Employee, now: dt.datetime
) -> None:
    target = opened(taken, krc, operator, now)
    record = {"country": "RU", "employee": operator, "now": now}
    surveys.record_answers(target=target, answers={0: "да"}, ending="later", **record)  # type: ignore[arg-type]
    target.refresh_from_db()
    assert (target.state, target.next_at) == ("waiting", now + dt.timedelta(seconds=1800))
    assert target.answers["0"] == "да", "what was typed is not lost"
    with pytest.raises(ValidationError):
        surveys.record_answers(target=target, answers={0: "может быть"}, ending="answered", **record)  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        surveys.record_answers(target=target, answers={7: "да"}, ending="answered", **record)  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        surveys.record_answers(target=target, answers={}, ending="asleep", **record)  # type: ignore[arg-type]


@pytest.mark.parametrize(("over", "reason"), [("stopped", "stopped"), ("done", "over")])
def test_who_asks_for_another_time_of_a_survey_that_is_over_waits_for_nothing(
    taken: Target, krc: Profile, operator: Employee, now: dt.datetime, over: str, reason: str
) -> None:
    target = opened(taken, krc, operator, now)
    if over == "stopped":
        actions.stop_campaign(campaign=target.campaign, employee=None, now=now)
    else:
        Campaign.objects.update(state="done", ended_at=now)
    surveys.record_answers(
        target=target, answers={0: "да"}, ending="later", country="RU", employee=operator, now=now
    )  # fmt: skip
    target.refresh_from_db()
    assert (target.state, target.reason, target.next_at, target.outcome) == ("skipped", reason, None, "later")
    assert target.answers["0"] == "да"
    told = facts_of("campaign", target.campaign_id).filter(kind="campaign_outcome").order_by("-pk")[0]
    assert told.data["state"] == "skipped"


def ended(target: Target, *facts: tuple[str, dict[str, Any]]) -> None:
    subject = ("contact", target.contact_id, "switchboard")
    said = [*facts, ("call_ended", {"by": "client", "outcome": "no_answer"})]
    journal.record_many([journal.NewFact(kind, *subject, data) for kind, data in said])


@pytest.mark.db(transaction=True)
@pytest.mark.parametrize(("outcome", "state"), [("no_answer", "waiting"), ("busy", "waiting"), ("answered", "reached")])
def test_the_journal_says_whether_he_answered(
    taken: Target, krc: Profile, operator: Employee, now: dt.datetime, outcome: str, state: str
) -> None:
    target = opened(taken, krc, operator, now)
    ended(target, ("client_dial_ended", {"employee": operator.pk, "outcome": outcome, "rings": 3}))
    following.follow(profile=krc, now=now)
    target.refresh_from_db()
    assert target.state == state
    contact = Contact.objects.get(pk=str(target.contact_id))
    assert (contact.closed_at is None) == (outcome == "answered"), "the operator finishes what was answered"


@pytest.mark.db(transaction=True)
def test_an_operator_who_did_not_pick_up_his_own_phone_uses_up_no_try(
    taken: Target, krc: Profile, operator: Employee, now: dt.datetime
) -> None:
    target = opened(taken, krc, operator, now)
    ended(target)
    following.follow(profile=krc, now=now)
    target.refresh_from_db()
    assert (target.state, target.tries) == ("waiting", 0)
    assert Contact.objects.get(pk=str(target.contact_id)).outcome == "not_placed"


def test_a_call_that_the_switchboard_never_made_leaves_no_open_contact(
    taken: Target, krc: Profile, operator: Employee, now: dt.datetime
) -> None:
    target = opened(taken, krc, operator, now)
    calling.sweep(profile=krc, now=now + dt.timedelta(minutes=5))
    assert Contact.objects.get(pk=str(target.contact_id)).closed_at is not None


def test_however_many_sleep_who_is_awake_is_found_and_they_are_put_off_together(
    person: Person, survey: Made, krc: Profile, operator: Employee, now: dt.datetime
) -> None:
    awake = person("+79270000001", survey_consent=True)
    campaign = survey()
    campaign.targets.update(next_at=now)
    asleep = {"campaign": campaign, "zone": "America/New_York", "next_at": now - dt.timedelta(days=1)}
    Target.objects.bulk_create([Target(phone=f"+7927100{n:04}", **asleep) for n in range(150)])
    with CaptureQueriesContext(connection) as asked:
        found = surveys.take_next(campaign=campaign, employee=operator, profile=krc, now=now)
    assert found is not None
    assert found.client == awake
    assert len(asked) < 20
    assert campaign.targets.filter(next_at__gt=now).count() == 150


def test_nobody_is_asked_in_his_own_night(
    person: Callable[..., Client], survey: Callable[..., Campaign], krc: Profile, operator: Employee, now: dt.datetime
) -> None:
    asleep, awake = person("+79270000001", survey_consent=True), person("+79270000002", survey_consent=True)
    campaign = survey()
    campaign.targets.filter(client=asleep).update(zone="America/New_York")
    found = surveys.take_next(campaign=campaign, employee=operator, profile=krc, now=now)
    assert found is not None
    assert found.client == awake
    late = campaign.targets.get(client=asleep)
    assert late.next_at == dt.datetime(2026, 3, 2, 14, 0, tzinfo=dt.UTC), "at nine by his own clock"
    with pytest.raises(errors.NotNowError):
        surveys.open_call(target=late, profile=krc, employee=operator, now=now)
