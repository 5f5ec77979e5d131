"""What follows from a fact follows from it though the switchboard died between the two, and once."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from kindline.conversations import actions as conversations
from kindline.conversations.models import Callback, Contact
from kindline.journal import actions as journal
from kindline.journal.queries import facts_of
from kindline.standard import loader
from kindline.switchboard import afterwards, undrawn
from kindline.switchboard.machine import commands as c
from kindline.switchboard.machine.state import CallState, as_json
from kindline.switchboard.models import Call
from kindline.switchboard.undrawn import BACK, SETTLED
from tests.switchboard.people import at, operator

pytestmark = pytest.mark.db
KRC = loader.load("krc")
PHONE = "+79001112233"
LATER = at(60) + SETTLED


def written(kind: str, data: dict[str, Any], *, phone: str = PHONE, **more: Any) -> tuple[CallState, c.Note]:
    """A call with a fact of it, at the sixtieth second; here the switchboard is killed."""
    out = more.get("direction") == "out"
    said: dict[str, Any] = {"called": phone} if out else {"caller": phone}
    contact = conversations.open_contact(
        profile=KRC, channel="phone", direction="out" if out else "in", contact_id=uuid.uuid4(), now=at(0), **said
    )
    state, note = CallState(str(contact.pk), "c", at(0), **said, **more), c.Note(kind, at(59), data)
    journal.record(kind=kind, subject_type="contact", subject_id=contact.pk, actor="switchboard", data=data, at=note.at)
    Call.objects.create(
        id=contact.pk, state="ended", data=as_json(state), owner="sb-dead", started_at=at(0), changed_at=note.at,
        ended_at=note.at,
    )  # fmt: skip
    return state, note


def gave_up(wait_s: float = 30.0, phone: str = PHONE) -> tuple[CallState, c.Note]:
    return written("queue_left", {"queue": "general", "outcome": "abandoned", "wait_s": wait_s}, phone=phone)


def cut() -> tuple[CallState, c.Note]:
    return written("node_lost", {"node": "2"})


def look(now: dt.datetime = LATER) -> int:
    """A switchboard starts, and looks at what it finds."""
    return undrawn.draw(KRC, since=now - BACK, until=now - SETTLED)


@pytest.mark.fault("T6")
@pytest.mark.clause("krc-5.4.1-23", "krc-5.5.2-09")
@pytest.mark.parametrize(("happened", "origin"), [(gave_up, "abandoned"), (cut, "promised")])
def test_who_was_cut_off_or_gave_up_is_called_back_though_the_switchboard_died_with_the_fact(
    happened: Callable[[], tuple[CallState, c.Note]], origin: str
) -> None:
    happened()
    assert [look(), look()] == [1, 0]
    made = Callback.objects.get()
    assert (made.phone, made.origin, made.state) == (PHONE, origin, "open")


@pytest.mark.parametrize("happened", [gave_up, cut])
def test_what_was_drawn_is_not_drawn_again(happened: Callable[[], tuple[CallState, c.Note]]) -> None:
    state, note = happened()
    afterwards.AFTER[note.kind](KRC, [(state, note)])
    assert look() == 0
    Callback.objects.update(state="kept", closed_at=at(70))
    assert look() == 0


def test_what_is_on_its_way_is_left_to_it_and_what_is_long_ago_to_people() -> None:
    gave_up()
    assert look(LATER - dt.timedelta(seconds=2)) == 0
    assert look(at(60) + BACK) == 0
    assert look(LATER) == 1


def test_who_waited_too_briefly_or_hid_his_number_is_not_called() -> None:
    gave_up(wait_s=3)
    gave_up(phone="anonymous")
    assert look() == 0


@pytest.mark.parametrize("direction", ["in", "out"])
def test_who_was_spoken_with_since_is_not_called(direction: str) -> None:
    gave_up()
    said: dict[str, Any] = {"caller": PHONE} if direction == "in" else {"called": PHONE}
    talk = conversations.open_contact(profile=KRC, channel="phone", direction=direction, now=at(65), **said)
    Contact.objects.filter(pk=talk.pk).update(answered_at=at(66))
    assert look() == 0


def test_a_call_that_is_owed_nothing_is_not_called_drawn() -> None:
    written("node_lost", {"node": "2"}, direction="out")
    assert look() == 0
    assert not Callback.objects.exists()


def test_two_calls_of_one_number_are_called_back_once() -> None:
    gave_up()
    gave_up()
    assert look() == 1
    Callback.objects.update(state="cancelled", closed_at=at(90))
    assert look() == 0


def test_a_promised_call_that_was_tried_counts_once_as_tried() -> None:
    first, _ = gave_up()
    afterwards.gave_up(KRC, [(first, c.Note("queue_left", at(59), {"queue": "general", "wait_s": 30}))])
    promise = Callback.objects.get()
    who = operator("anna").employee_id
    data = {"employee": who, "outcome": "no_answer", "ring_s": 20.0}
    state, note = written("client_dial_ended", data, direction="out", callback=promise.pk)
    Callback.objects.update(call=uuid.uuid4())
    assert look() == 0, "it is being tried again"
    Callback.objects.update(call=state.contact)
    assert [look(), look()] == [1, 0]
    promise.refresh_from_db()
    assert (promise.attempts, promise.call) == (1, None)
    [made] = facts_of("contact", promise.contact_id).filter(kind="callback_made")
    assert (made.at, made.data["outcome"]) == (note.at, "no_answer")


def tried(outcome: str, phone: str = PHONE) -> tuple[Callback, CallState, c.Note]:
    """A promise of the queue, and a call for it; its fact is written."""
    first, _ = gave_up(phone=phone)
    afterwards.gave_up(KRC, [(first, c.Note("queue_left", at(59), {"queue": "general", "wait_s": 30}))])
    promise = Callback.objects.get(phone=phone, origin="abandoned")
    data = {"employee": operator("anna").employee_id, "outcome": outcome, "ring_s": 20.0}
    state, note = written("client_dial_ended", data, direction="out", callback=promise.pk)
    Callback.objects.filter(pk=promise.pk).update(call=state.contact)
    return promise, state, note


def test_an_attempt_that_two_switchboards_count_at_once_is_one() -> None:
    promise, state, note = tried("no_answer")
    afterwards.dialled(KRC, [(state, note)])
    newer = uuid.uuid4()
    Callback.objects.update(call=newer)
    afterwards.dialled(KRC, [(state, note)])
    promise.refresh_from_db()
    assert (promise.attempts, promise.call) == (1, newer)
    assert facts_of("contact", promise.contact_id).filter(kind="callback_made").count() == 1


def test_a_call_under_way_stays_when_an_earlier_one_is_counted_late() -> None:
    promise, state, note = tried("no_answer")
    newer = uuid.uuid4()
    Callback.objects.update(call=newer)
    afterwards.dialled(KRC, [(state, note)])
    promise.refresh_from_db()
    assert (promise.attempts, promise.call) == (1, newer)


def test_who_was_reached_long_ago_may_stand_on_the_list_anew() -> None:
    """He asked at noon to be called again: what was not counted in the morning does not take him off."""
    promise, _, note = tried("answered")
    Callback.objects.update(state="kept", closed_at=note.at)
    gave_up()
    newer = conversations.keep_abandoned(
        profile=KRC, contact=promise.contact_id, caller=PHONE, queue="general", now=at(70)
    )
    assert newer
    look()
    newer.refresh_from_db()
    promise.refresh_from_db()
    assert (newer.state, promise.attempts) == ("open", 1)


def test_a_talk_that_was_taken_over_has_its_guide() -> None:
    state, _ = written("call_answered", {"employee": operator("anna").employee_id, "wait_s": 5.0, "ring_s": 2.0})
    assert [look(), look()] == [1, 0]
    assert "script" in Contact.objects.get(pk=state.contact).guide


def test_what_was_drawn_costs_a_few_questions_however_much_it_is(django_assert_max_num_queries: Any) -> None:
    """It is asked twice a minute, of a quarter of an hour, on the days on which most happens."""
    for n in range(6):
        state, note = gave_up(phone=f"+7900111223{n}")
        afterwards.gave_up(KRC, [(state, note)])
        state, note = cut()
        afterwards.nodes_lost(KRC, [(state, note)])
    Callback.objects.filter(origin="abandoned", phone__lt="+79001112233").update(state="kept", closed_at=at(70))
    _promise, state, note = tried("no_answer", phone="+79001112277")
    afterwards.dialled(KRC, [(state, note)])
    with django_assert_max_num_queries(16):
        assert look() == 0


def test_one_fact_that_cannot_be_read_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    bad, _ = gave_up(phone="+79005556677")
    gave_up()
    working = afterwards.gave_up

    def follow(profile: Any, happened: Any) -> None:
        if happened[0][0].contact == bad.contact:
            raise ValueError("this one cannot be followed")
        working(profile, happened)

    monkeypatch.setitem(undrawn.DRAWN, "queue_left", follow)
    assert look() == 1
    assert Callback.objects.get().phone == PHONE
