"""Who may call which number outside, and who is kept for a call inside the house."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from kindline.clients import wishes
from kindline.clients.models import Client, ContactPoint
from kindline.conversations.models import Callback, Contact
from kindline.journal.queries import facts_of
from kindline.staff.models import Unit
from kindline.standard import loader
from kindline.switchboard import agents, dial_alarms, extensions, permits, promises
from kindline.switchboard.dialling_models import Extension, Mobile, OutsideCall
from kindline.switchboard.extensions import Dialler, Kept
from kindline.switchboard.machine import destinations
from kindline.switchboard.models import Operator
from kindline.switchboard.wanted import AskedError
from tests.switchboard.people import at, employee, operator

pytestmark = pytest.mark.db
KRC = loader.load("krc")
OPEN = destinations.of(KRC)
NUMBER, CONTACT = "+74951234567", "00000000-0000-4000-8000-000000000007"
NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=KRC.zone)
NIGHT = dt.datetime(2026, 3, 2, 23, 0, tzinfo=KRC.zone)


def ask(who: Operator, number: str = NUMBER, now: dt.datetime = NOON, *, by_hand: bool = True) -> str:
    return permits.ask(profile=KRC, destinations=OPEN, employee=who.pk, number=number, now=now, by_hand=by_hand)


def told(who: Operator, kind: str) -> list[dict[str, object]]:
    return [dict(fact.data) for fact in facts_of("employee", who.pk) if fact.kind == kind]


def promised(number: str, now: dt.datetime, **more: Any) -> Callback:
    contact = Contact.objects.create(profile="krc", version="1", channel="phone", started_at=now)
    return Callback.objects.create(contact=contact, phone=number, promised_at=now, due_at=now, **more)


def test_a_client_is_called_within_his_hours_and_not_against_his_wish() -> None:
    anna = operator()
    assert ask(anna) == ""
    assert ask(anna, now=NIGHT) == "off_hours"
    wishes.bar_number(phone=NUMBER, country="RU", via="desk", employee_id=None, actor="client", now=NOON)
    assert ask(anna) == "do_not_call"
    assert [one["reason"] for one in told(anna, "dial_refused")] == ["do_not_call", "off_hours"]
    assert NUMBER not in str(told(anna, "dial_refused")), "whose number it was is not kept"
    assert ask(anna, by_hand=False) == "", "on the screen the page has asked before"


@pytest.mark.parametrize(
    ("cards", "hour", "why_not"),
    [
        (["Asia/Vladivostok"], 12, ""),
        (["Asia/Vladivostok"], 16, "off_hours"),
        (["Asia/Vladivostok"], 2, ""),
        ([""], 16, ""),
        (["no/zone"], 16, ""),
        (["", "Asia/Vladivostok"], 16, "off_hours"),
        (["Europe/Kaliningrad", "Asia/Vladivostok"], 2, "off_hours"),
    ],
)
def test_the_hours_are_those_of_the_zone_on_the_clients_card(cards: list[str], hour: int, why_not: str) -> None:
    for zone in cards:
        client = Client.objects.create(time_zone=zone, created_at=NOON, changed_at=NOON)
        ContactPoint.objects.create(client=client, kind="phone", value=NUMBER)
    assert ask(operator(), now=NOON.replace(hour=hour)) == why_not


@pytest.mark.clause("krc-5.4.1-23", "krc-5.5.2-06")
@pytest.mark.parametrize(
    ("origin", "at_night", "against_his_wish"),
    [("promised", "", ""), ("queue", "", ""), ("site", "", ""), ("abandoned", "off_hours", "do_not_call")],
)
def test_a_call_that_is_awaited_outranks_hours_and_wish(origin: str, at_night: str, against_his_wish: str) -> None:
    anna = operator()
    promised(NUMBER, NOON, origin=origin, call=CONTACT)
    assert ask(anna, now=NIGHT) == at_night
    assert ask(anna) == "", "by day whoever hung up is called"
    wishes.bar_number(phone=NUMBER, country="RU", via="desk", employee_id=None, actor="client", now=NOON)
    assert ask(anna) == against_his_wish


def test_a_list_says_who_may_not_be_called_now_and_from_when_he_may() -> None:
    numbers = [NUMBER, "+74951234568", "+74951234569"]
    for number in numbers[:2]:
        promised(number, NOON, origin="abandoned")
    promised(numbers[2], NOON, origin="queue")
    wishes.bar_number(phone=numbers[1], country="RU", via="desk", employee_id=None, actor="client", now=NOON)
    barred = permits.HeldBack("do_not_call")
    assert permits.held_back(KRC, numbers, NOON) == {numbers[1]: barred}
    found = permits.held_back(KRC, numbers, NIGHT)
    morning = dt.datetime.combine(NIGHT.date() + dt.timedelta(days=1), dt.time(9), KRC.zone)
    assert found == {numbers[0]: permits.HeldBack("off_hours", morning), numbers[1]: barred}


# --- one call to one client ---
def test_the_promise_that_comes_first_is_kept_for_the_call_that_is_made() -> None:
    first = promised(NUMBER, NOON)
    promised(NUMBER, NOON + dt.timedelta(hours=1))
    assert promises.claim_of(NUMBER, CONTACT, NOON) == first.pk
    first.refresh_from_db()
    assert (str(first.call), first.given_at) == (CONTACT, NOON)
    assert promises.claim_of("+74950000000", CONTACT, NOON) is None


@pytest.mark.parametrize(("begun_s", "called"), [(2, True), (60, False)])
def test_a_client_whose_call_was_begun_a_moment_ago_is_not_called_by_another(begun_s: float, called: bool) -> None:
    promised(NUMBER, NOON, call=CONTACT, given_at=NOON - dt.timedelta(seconds=begun_s))
    if called:
        with pytest.raises(AskedError):
            promises.claim_of(NUMBER, CONTACT, NOON)
    else:
        assert promises.claim_of(NUMBER, CONTACT, NOON), "that call never came about"


def test_a_client_who_is_called_for_one_promise_is_not_called_for_another_of_his() -> None:
    promised(NUMBER, NOON, call=CONTACT, given_at=NOON)
    other = promised(NUMBER, NOON + dt.timedelta(hours=1))
    with pytest.raises(AskedError) as refused:
        promises.claim(other.pk, str(uuid.uuid4()), NOON)
    assert refused.value.said["error"] == promises.CALLED
    assert promises.claim(other.pk, CONTACT, NOON + dt.timedelta(minutes=5)) == NUMBER, "that call never came about"


@pytest.mark.fault("X6")
def test_x6_so_many_calls_an_hour_and_the_first_too_many_is_an_alarm() -> None:
    anna, boris = operator(), operator("boris")
    most = KRC.variable("dialling")["calls_an_hour_max"]
    for number in range(most):
        assert ask(anna, now=NOON + dt.timedelta(seconds=number)) == ""
    later = NOON + dt.timedelta(minutes=30)
    assert [ask(anna, now=later, by_hand=one) for one in (True, False)] == ["too_many", "too_many"]
    assert told(anna, "dial_alarm") == [{"reason": "too_many", "count": 1}], "said once"
    [alarm] = dial_alarms.waiting()
    assert (alarm.employee_id, alarm.reason, alarm.at) == (anna.pk, "too_many", later)
    assert ask(boris, now=later) == "", "it is counted for each employee"
    assert ask(anna, "112", later) == "", "an emergency is never refused"
    assert ask(anna, now=NOON + dt.timedelta(minutes=62)) == ""


@pytest.mark.fault("X6")
def test_x6_the_third_number_that_costs_extra_is_an_alarm_and_emergencies_pass() -> None:
    anna = operator()
    assert [ask(anna, one) for one in ("+442071234567", "+78091234567", "0900")] == ["abroad", "premium", "no_number"]
    assert told(anna, "dial_alarm") == []
    assert ask(anna, "+78091234567") == "premium"
    assert told(anna, "dial_alarm") == [{"reason": "premium", "count": 3}]
    assert ask(anna, "103", NIGHT) == ""


def test_what_was_counted_is_forgotten_after_a_day() -> None:
    ask(operator())
    permits.forget(NOON + dt.timedelta(hours=23))
    assert OutsideCall.objects.count() == 1
    permits.forget(NOON + dt.timedelta(hours=25))
    assert not OutsideCall.objects.exists()


# --- inside the house ---
def find(number: str, dialler: int = 0, tried: tuple[int, ...] = ()) -> Kept:
    return extensions.find(number=number, dialler=dialler, tried=tried, contact=CONTACT, now=at(9))


@pytest.mark.parametrize(("state", "reason"), [("ready", ""), ("paused", "lunch"), ("offline", "")])
def test_a_colleague_is_kept_and_is_afterwards_where_he_was(state: str, reason: str) -> None:
    anna = operator(state=state)
    anna.employee.number = 21
    anna.employee.save()
    Operator.objects.filter(pk=anna.pk).update(reason=reason)
    assert find("21") == Kept(anna.pk)
    assert find("21").why_not == "busy", "he is kept already"
    change = agents.Change(anna.pk, "ready", "", CONTACT, at(20))
    agents.apply([change], wrap_up_s=30)
    row = Operator.objects.get(pk=anna.pk)
    assert (row.state, row.reason, row.wanted) == (state, reason, "")


def test_who_is_not_there_has_a_mobile_or_is_absent_and_nobody_rings_himself() -> None:
    anna = operator(registered=False, state="offline")
    Extension.objects.create(number="500", employee=anna.employee)
    assert find("500").why_not == "absent"
    Mobile.objects.create(employee=anna.employee, number="+79161112233")
    assert find("500", dialler=anna.pk).why_not == "absent"
    assert find("500") == Kept(anna.pk, "tel:+79161112233")
    assert find("4711").why_not == "unknown"
    assert not extensions.exists("4711")
    assert not extensions.exists("+500")
    assert extensions.exists("500")


def test_a_department_rings_first_who_has_nothing_to_do_and_nobody_twice() -> None:
    away = operator("away", state="offline", registered=False, unit="claims")
    pause, ready = operator("pause", state="paused", unit="claims"), operator("ready", unit="claims")
    operator("busy", state="talking", unit="claims")
    operator("other", unit="bills")
    Extension.objects.create(number="77", unit=Unit.objects.get(code="claims"))
    assert find("77").employee == ready.pk
    assert find("77", tried=(ready.pk,)).employee == pause.pk
    assert find("77", tried=(ready.pk, pause.pk)).why_not == "busy"
    assert Operator.objects.get(pk=away.pk).state == "offline"


def test_who_dials_gets_no_call_of_a_queue_and_goes_on_with_his_work_afterwards() -> None:
    anna = operator()
    dialling: dict[str, Any] = {"employee": anna.pk, "contact": CONTACT, "now": at(5)}
    assert extensions.keep_dialler(inside=False, **dialling) == Dialler()
    assert Operator.objects.get(pk=anna.pk).state == "ringing"
    assert extensions.keep_dialler(inside=True, **dialling) == Dialler("busy")
    vera = operator("vera", state="wrap_up")
    assert extensions.keep_dialler(employee=vera.pk, contact=CONTACT, inside=True, now=at(5)) == Dialler()
    assert Operator.objects.get(pk=vera.pk).state == "wrap_up", "she asks a colleague about the call she writes up"
    oleg = operator("oleg", state="offline")
    assert not extensions.keep_dialler(employee=oleg.pk, contact=CONTACT, inside=False, now=at(5)).wraps_up
    assert extensions.keep_dialler(employee=0, contact=CONTACT, inside=True, now=at(5)) == Dialler("absent")


def test_colleagues_see_name_and_extension_and_no_name_can_break_the_line() -> None:
    anna = employee("anna", number=21, given_name='A"<1>\r\nX')
    assert extensions.shown(anna.pk) == '"Anna A1X" <21>'
    Extension.objects.create(number="300", employee=anna)
    assert extensions.shown(anna.pk).endswith("<300>")
    assert extensions.shown(0) == ""
