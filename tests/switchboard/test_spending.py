"""What the house calls by itself: so much an hour, and the alarm when a number is refused at the trunk (X6)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from kindline.conversations import actions as conversations
from kindline.conversations.models import Callback
from kindline.journal.models import Fact
from kindline.standard import loader
from kindline.switchboard import afterwards, choosing, committing, dial_alarms, dispatcher, places, spending
from kindline.switchboard.ari import Outcome
from kindline.switchboard.committing import Result
from kindline.switchboard.dialling_models import DialAlarm, OutsideCall
from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine.state import CallState
from kindline.switchboard.models import Call, Intent
from tests.switchboard.people import APP, at, operator

pytestmark = [pytest.mark.db, pytest.mark.fault("X6")]
NOW = at(0)


@pytest.fixture
def an_hour(settings: Any) -> int:
    """The house calls by itself twice an hour."""
    settings.LINES = {**settings.LINES, "an_hour": 2}
    return 2


def intent() -> Intent:
    """A command to call somebody."""
    call = Call.objects.create(id=uuid.uuid4(), state="ringing_client", owner=APP, started_at=NOW, changed_at=NOW)
    made: Intent = Intent.objects.create(id=uuid.uuid4(), call=call, command="Dial", made_at=NOW)
    return made


@pytest.mark.parametrize("why", ["premium", "abroad", "no_number"])
def test_a_number_refused_at_the_trunk_raises_one_alarm_that_counts(why: str) -> None:
    intents = [intent() for _ in range(3)]
    for one in intents:
        committing.write_results([Result(str(one.pk), Outcome.REFUSED.value, why, NOW)])
    alarm = DialAlarm.objects.get()
    assert (alarm.employee, alarm.reason, alarm.count, alarm.settled_at) == (None, why, 3, None)
    fact = Fact.objects.get(kind="trunk_alarm")
    assert (fact.data["reason"], fact.data["contact"]) == (why, str(intents[0].call_id))


def test_what_the_engine_refuses_is_no_alarm() -> None:
    results = [Result(str(intent().pk), Outcome.REFUSED.value, "Allocation failed", NOW)]
    committing.write_results([*results, Result(str(intent().pk), Outcome.DONE.value, "", NOW)])
    assert not DialAlarm.objects.exists()


def test_once_settled_the_next_is_a_new_alarm(django_user_model: Any) -> None:
    boss = django_user_model.objects.create(username="boss", roles=["supervisor"])
    dial_alarms.of_the_house(reason="premium", now=NOW)
    dial_alarms.settle(alarm=DialAlarm.objects.get().pk, finding="A wrong list", employee=boss, now=NOW)
    dial_alarms.of_the_house(reason="premium", now=NOW)
    assert DialAlarm.objects.filter(settled_at=None).count() == 1
    settled = Fact.objects.get(kind="trunk_alarm_settled")
    assert (settled.data["reason"], settled.data["finding"]) == ("premium", "A wrong list")


def test_places_are_called_so_often_an_hour_and_the_others_keep_theirs(an_hour: int) -> None:
    for number in range(3):
        kept_place(number)
        operator(f"operator{number}")
    needs: dict[str, choosing.Need] = {}
    assert len(dispatcher.match(app=APP, needs=needs, now=at(10))) == 2
    assert dispatcher.match(app=APP, needs=needs, now=at(20)) == []
    assert [one.reason for one in DialAlarm.objects.all()] == ["too_many"]
    assert len(places.promised(at(20))) == 1, "he keeps his place"
    assert len(dispatcher.match(app=APP, needs=needs, now=at(3700))) == 1
    assert spending.left(at(3700)) == an_hour - 1


def test_the_alarm_is_raised_where_the_number_is_reached_and_once_an_hour(an_hour: int, django_user_model: Any) -> None:
    boss = django_user_model.objects.create(username="boss", roles=["supervisor"])
    spending.count(an_hour - 1, NOW)
    spending.tell(NOW)
    assert not DialAlarm.objects.exists()
    spending.count(1, NOW)
    for second in (1, 2):
        spending.tell(at(second))
    dial_alarms.settle(alarm=DialAlarm.objects.get().pk, finding="A great outage", employee=boss, now=at(60))
    spending.tell(at(120))
    spending.count(an_hour, at(3600))
    spending.tell(at(3605))
    assert Fact.objects.filter(kind="trunk_alarm").count() == 1, "settled within the hour"
    spending.tell(at(3665))
    assert Fact.objects.filter(kind="trunk_alarm").count() == 2


def test_of_two_switchboards_one_raises_the_alarm_and_both_count(monkeypatch: pytest.MonkeyPatch) -> None:
    dial_alarms.of_the_house(reason="premium", now=NOW)
    look, seen = dial_alarms._added, list[str]()

    def late(reason: str, count: int) -> bool:
        seen.append(reason)
        return len(seen) > 1 and look(reason, count)

    monkeypatch.setattr(dial_alarms, "_added", late)
    dial_alarms.of_the_house(reason="premium", now=NOW)
    assert DialAlarm.objects.get().count == 2
    assert Fact.objects.filter(kind="trunk_alarm").count() == 1


def test_campaigns_leave_a_share_of_the_hour_to_who_keeps_a_place(settings: Any) -> None:
    settings.LINES = {**settings.LINES, "an_hour": 10}
    spending.count(8, NOW)
    assert (spending.left_to_campaigns(NOW), spending.left(NOW)) == (0, 2)
    settings.LINES = {**settings.LINES, "an_hour": 1}
    assert spending.left_to_campaigns(at(3601)) == 1, "of one call an hour nothing is left aside"


def kept_place(number: int) -> None:
    """A client who keeps his place."""
    phone, profile = f"+7900111223{number}", loader.load("krc")
    contact = conversations.open_contact(profile=profile, channel="phone", caller=phone, now=NOW)
    conversations.keep_place(
        profile=profile, contact=contact.pk, since=NOW, now=NOW, phone=phone, queue="general", priority=0
    )


def test_an_offer_that_no_operator_took_is_not_spent(an_hour: int) -> None:
    kept_place(1)
    anna = operator("anna")
    [given] = dispatcher.match(app=APP, needs={}, now=at(10))
    assert spending.left(at(11)) == an_hour - 1
    state = CallState(given.contact, "out", at(10), direction="out", callback=Callback.objects.get().pk)
    note = c.Note("callback_not_taken", at(20), {"employee": anna.pk, "reason": "no_answer"})
    for _again in range(2):
        afterwards.not_taken(loader.load("krc"), [(state, note)])
    assert spending.left(at(21)) == an_hour


@pytest.mark.parametrize(("there", "spent"), [(False, 0), (True, 1)])
def test_a_place_whose_call_never_began_is_not_spent(an_hour: int, there: bool, spent: int) -> None:
    kept_place(1)
    operator("anna")
    [given] = dispatcher.match(app=APP, needs={}, now=at(10))
    if there:
        row = {"state": "ended", "owner": APP, "started_at": at(10), "changed_at": at(12), "ended_at": at(12)}
        Call.objects.create(id=given.contact, **row)
    assert places.let_go(at(10 + places.SETTLED_S + 1)) == 1
    assert spending.left(at(30)) == an_hour - spent


def test_calls_of_employees_are_counted_apart(an_hour: int) -> None:
    OutsideCall.objects.create(employee=operator("anna").employee, at=NOW)
    assert spending.left(NOW + dt.timedelta(seconds=1)) == an_hour
