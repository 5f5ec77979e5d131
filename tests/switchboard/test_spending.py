"""What the house calls by itself: so much an hour, and the alarm when a number is refused at the trunk (X6)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from kindline.conversations import actions as conversations
from kindline.journal.models import Fact
from kindline.standard import loader
from kindline.switchboard import choosing, committing, dial_alarms, dispatcher, places, spending
from kindline.switchboard.ari import Outcome
from kindline.switchboard.committing import Result
from kindline.switchboard.dialling_models import DialAlarm, OutsideCall
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
    profile = loader.load("krc")
    for number in range(3):
        phone = f"+7900111223{number}"
        contact = conversations.open_contact(profile=profile, channel="phone", caller=phone, now=NOW)
        conversations.keep_place(
            profile=profile, contact=contact.pk, since=NOW, now=NOW, phone=phone, queue="general", priority=0
        )
        operator(f"operator{number}")
    needs: dict[str, choosing.Need] = {}
    assert len(dispatcher.match(app=APP, needs=needs, now=at(10))) == 2
    assert dispatcher.match(app=APP, needs=needs, now=at(20)) == []
    assert [one.reason for one in DialAlarm.objects.all()] == ["too_many"]
    assert len(places.promised(at(20))) == 1, "he keeps his place"
    assert len(dispatcher.match(app=APP, needs=needs, now=at(3700))) == 1
    assert spending.left(at(3700)) == an_hour - 1


def test_calls_of_employees_are_counted_apart(an_hour: int) -> None:
    OutsideCall.objects.create(employee=operator("anna").employee, at=NOW)
    assert spending.left(NOW + dt.timedelta(seconds=1)) == an_hour
