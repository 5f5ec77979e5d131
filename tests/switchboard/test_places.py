"""Kept places in the dispatcher: in the common order, given once, let go when nothing came of them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from kindline.clients.models import Client, ContactPoint
from kindline.conversations import actions as conversations
from kindline.conversations.models import Callback
from kindline.standard import loader
from kindline.switchboard import afterwards, calling_hours, choosing, dispatcher, places
from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.state import CallState
from kindline.switchboard.models import Operator, OperatorState
from tests.switchboard.people import APP, Kept, at, operator, waiting

pytestmark = pytest.mark.db
KRC = loader.load("krc")
PHONE = "+79001112233"


def kept(since_s: float = 0, **more: Any) -> Callback:
    """A client who asked to be called, and waits since then."""
    contact = conversations.open_contact(profile=KRC, channel="phone", caller=PHONE, now=at(since_s))
    said: dict[str, Any] = {"phone": PHONE, "queue": "general", "priority": 0} | more
    return conversations.keep_place(profile=KRC, contact=contact.pk, since=at(since_s), now=at(since_s), **said)


def match(now_s: float = 100, **needs: choosing.Need) -> list[choosing.Match]:
    return dispatcher.match(app=APP, needs=needs, now=at(now_s))


def calls_made(found: list[choosing.Match]) -> list[int]:
    return [one.callback for one in found if isinstance(one, places.Given)]


@pytest.mark.clause("krc-5.4.1-23", "krc-5.5.2-09")
@pytest.mark.parametrize(("since_s", "first"), [(5, True), (15, False)])
def test_a_place_counts_from_the_moment_since_which_the_client_waits(since_s: float, first: bool) -> None:
    one, caller = kept(since_s), waiting(since_s=10)
    operator("anna")
    found = match()
    assert calls_made(found) == ([one.pk] if first else [])
    assert [one.contact for one in found] == [found[0].contact if first else caller]


def test_a_call_keeps_the_operator_and_the_place_is_given_only_once() -> None:
    one = kept()
    anna, berta = operator("anna"), operator("berta")
    [given] = match()
    assert isinstance(given, places.Given)
    assert (given.number, given.queue, given.since) == (PHONE, "general", at(0))
    assert {given.employee} < {anna.pk, berta.pk}
    assert match() == []
    row = Operator.objects.get(pk=given.employee)
    assert (row.state, str(row.contact_id)) == (OperatorState.RINGING, given.contact)
    one.refresh_from_db()
    assert str(one.call) == given.contact


def test_skills_refusals_and_the_pause_between_tries_hold_for_places_too() -> None:
    one = kept(queue="billing")
    clerk = operator("anna", skills={"billing": 1})
    operator("berta")
    needs = {"billing": choosing.Need({"billing": 1})}
    Callback.objects.filter(pk=one.pk).update(refused={str(clerk.pk): at(95).isoformat()})
    assert match(100, **needs) == []
    Callback.objects.filter(pk=one.pk).update(try_after=at(200))
    assert match(150, **needs) == []
    assert [found.employee for found in match(200, **needs)] == [clerk.pk]


def test_who_waits_before_a_caller_is_known_to_the_board() -> None:
    kept(5)
    kept(7, phone="+79001112244", priority=1)
    assert places.promised(at(10)) == [
        ("general", at(5).timestamp()), ("general", at(7).timestamp() - choosing.POINT_S),
    ]  # fmt: skip


def test_a_place_whose_call_never_was_is_let_go() -> None:
    one = kept()
    operator("anna")
    [given] = match(100)
    assert places.let_go(at(110)) == 0, "it may be under way"
    assert places.let_go(at(116)) == 1
    one.refresh_from_db()
    assert one.call is None
    assert given.contact


def test_a_promise_is_written_with_the_call_that_it_was_made_in() -> None:
    call = Kept().arrives().plays_out().presses("0").fires("callback").plays_out()
    call.presses("11").plays_out()
    [made] = Callback.objects.filter(contact_id=call.contact)
    assert (made.phone, made.queue, made.priority) == (PHONE, "general", 0)
    assert made.contact.outcome == "callback"
    assert made.contact.closed_at is not None


# --- what follows from what happened ---
def state(caller: str = PHONE, **more: Any) -> CallState:
    contact = conversations.open_contact(profile=KRC, channel="phone", caller=caller, now=at(0))
    return CallState(str(contact.pk), "c", at(0), caller=caller, **more)


def left(wait_s: float, outcome: str = "abandoned") -> c.Note:
    return c.Note("queue_left", at(wait_s), {"queue": "general", "outcome": outcome, "wait_s": wait_s})


@pytest.mark.clause("krc-5.4.1-23", "krc-5.5.2-09")
@pytest.mark.parametrize(
    ("wait_s", "profile", "noted"), [(19, "krc", 0), (20, "krc", 1), (19, "voe", 0), (20, "voe", 1), (20, "court", 1)]
)
def test_who_gave_up_is_called_back_where_the_organisation_does_so(wait_s: float, profile: str, noted: int) -> None:
    afterwards.gave_up(loader.load(profile), [(state(), left(wait_s))])
    assert Callback.objects.filter(origin="abandoned").count() == noted


def test_only_giving_up_has_that_consequence() -> None:
    assert afterwards.matters(left(30))
    assert not afterwards.matters(left(30, "answered"))
    assert not afterwards.matters(c.Note("prompt_played", at(0), {}))


def test_who_is_answered_is_dropped_from_the_list() -> None:
    kept()
    who = operator("anna").employee_id
    note = c.Note("call_answered", at(30), {"employee": who})
    afterwards.answered(KRC, [(state("89001112233"), note)])
    assert Callback.objects.get().state == "cancelled"


@pytest.mark.parametrize(("tried", "again"), [(0, True), (1, True), (2, False)])
def test_who_is_not_reached_is_called_again_as_the_queue_says(tried: int, again: bool) -> None:
    one = kept()
    Callback.objects.filter(pk=one.pk).update(attempts=tried, call=uuid.uuid4())
    note = c.Note("client_dial_ended", at(60), {"employee": operator("anna").pk, "outcome": "no_answer"})
    afterwards.dialled(KRC, [(state(direction="out", called=PHONE, callback=one.pk), note)])
    one.refresh_from_db()
    assert one.attempts == tried + 1
    assert one.try_after == (at(60) + dt.timedelta(seconds=300) if again else None)
    assert (one.waits_since is not None) is again


def test_an_operator_who_hangs_up_gives_the_place_back() -> None:
    one = kept()
    called = state(direction="out", callback=one.pk)
    Callback.objects.filter(pk=one.pk).update(call=called.contact)
    afterwards.dialled(KRC, [(called, c.Note("client_dial_ended", at(60), {"employee": 0, "outcome": "cancelled"}))])
    one.refresh_from_db()
    assert (one.call, one.attempts) == (None, 0)
    Callback.objects.filter(pk=one.pk).update(call=called.contact)
    afterwards.not_taken(KRC, [(called, c.Note("callback_not_taken", at(60), {"employee": 7, "reason": "declined"}))])
    one.refresh_from_db()
    assert (one.call, one.refused) == (None, {"7": at(60).isoformat()})


def test_a_call_that_nobody_took_is_closed_at_once() -> None:
    one, who = kept(), operator("anna")
    call = Kept()
    call.state.channel = "out"
    call.happens(
        e.DialOut(at=call.at, employee=who.pk, endpoint="op1s", number=PHONE, callback=one.pk, queue="general")
    )
    call.fires("ring")
    from kindline.conversations.models import Contact

    row = Contact.objects.get(pk=call.contact)
    assert (row.direction, row.outcome) == ("out", "not_taken")
    assert row.closed_at is not None


def test_places_that_may_not_be_called_now_hide_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "AT_ONCE", 2)
    east = [kept(number, phone=f"+7423222111{number}") for number in range(3)]  # Vladivostok: long past the hours
    west = [kept(10 + number, phone=f"+7401222111{number}") for number in range(3)]  # Kaliningrad
    evening = at(0).replace(hour=14, minute=30)
    found = places.callers([], evening, calling_hours.of(KRC))
    assert [row.pk for _, row in found.values()] == [one.pk for one in west[:2]], "the first who may, no more at once"
    assert len(places.callers([], evening)) == 2
    assert east


def test_a_place_is_not_called_at_night_by_its_clients_clock_but_known_to_the_house() -> None:
    one = kept()
    operator("anna")
    hours = calling_hours.of(KRC)
    night, morning = (at(0).replace(hour=hour, minute=0) for hour in (2, 7))
    assert places.promised(night, hours) == []
    assert dispatcher.match(app=APP, needs={}, now=night, hours=hours) == []
    assert places.numbers() == {PHONE}
    assert len(places.promised(morning, hours)) == 1
    assert calls_made(dispatcher.match(app=APP, needs={}, now=morning, hours=hours)) == [one.pk]


@pytest.mark.parametrize("by_number", [True, False], ids=["his number", "known in the talk"])
def test_a_place_is_called_by_the_clock_of_the_zone_on_its_clients_card(by_number: bool) -> None:
    one, hours, noon = kept(), calling_hours.of(KRC), at(0).replace(hour=9, minute=0)
    evening_there = noon.replace(hour=13)
    assert len(places.promised(evening_there, hours)) == 1
    client = Client.objects.create(time_zone="Asia/Vladivostok", created_at=noon, changed_at=noon)
    if by_number:
        ContactPoint.objects.create(client=client, kind="phone", value=PHONE)
    else:
        Callback.objects.update(client=client)
    assert places.promised(evening_there, hours) == []
    assert places.callers([], evening_there, hours) == {}
    assert len(places.promised(noon, hours)) == 1
    assert [row.pk for _, row in places.callers([], noon, hours).values()] == [one.pk]
