"""Operators placed by a supervisor: into a state, into another queue for a time; who listened is where he was."""

from __future__ import annotations

import datetime as dt

import pytest

from kindline.journal.queries import facts_of
from kindline.staff.models import Role
from kindline.standard import loader
from kindline.switchboard import agents, choosing, dispatcher, reassigning
from kindline.switchboard.choosing import Match
from kindline.switchboard.machine import events as e
from kindline.switchboard.models import Operator, Reassignment
from tests.switchboard.people import APP, Kept, at, employee, operator, waiting

pytestmark = pytest.mark.db
KRC = loader.load("krc")


def fresh(who: Operator) -> Operator:
    return Operator.objects.get(pk=who.pk)


def data_of(who: Operator, kind: str) -> list[dict[str, object]]:
    return [dict(fact.data) for fact in facts_of("employee", who.pk) if fact.kind == kind]


def test_a_state_that_a_supervisor_sets_names_him_until_the_next_one() -> None:
    anna, vera = operator(), employee("vera", Role.SUPERVISOR)
    agents.set_state(employee=anna.pk, state="paused", reason="meeting", now=at(10), by=vera.pk)
    assert (fresh(anna).state, fresh(anna).forced_by) == ("paused", vera)
    assert data_of(anna, "operator_state_forced") == [{"state": "paused", "reason": "meeting", "by": vera.pk}]
    agents.set_state(employee=anna.pk, state="ready", now=at(20))
    assert (fresh(anna).state, fresh(anna).forced_by) == ("ready", None)


def test_in_a_talk_the_state_comes_after_it_and_still_names_him() -> None:
    call = Kept("krc").arrives().plays_out()
    call.presses("0")
    anna, vera = operator(), employee("vera", Role.SUPERVISOR)
    call.after(5).dispatched()
    call.rings().after(3).answered()
    agents.set_state(employee=anna.pk, state="offline", reason="fire alarm", now=call.at, by=vera.pk)
    assert (fresh(anna).state, fresh(anna).wanted, fresh(anna).forced_by) == ("talking", "offline", vera)
    call.after(20).gone(call.state.channel)
    agents.end_wrap_up(employee=anna.pk, now=call.at)
    row = fresh(anna)
    assert (row.state, row.reason, row.forced_by) == ("offline", "fire alarm", vera)


@pytest.mark.parametrize(("state", "reason"), [("offline", ""), ("paused", "meeting"), ("ready", "")])
def test_who_listened_is_where_he_was(state: str, reason: str) -> None:
    call = Kept("krc").arrives().plays_out()
    call.presses("0")
    operator()
    call.after(5).dispatched()
    call.rings().after(3).answered()
    vera = operator("vera", state=state)
    Operator.objects.filter(pk=vera.pk).update(reason=reason)
    assert dispatcher.keep_supervisor(employee=vera.pk, contact=call.contact, now=call.at) == ""
    assert dispatcher.keep_supervisor(employee=vera.pk, contact=call.contact, now=call.at) == "busy"
    call.supervised(employee=vera.pk)
    assert (fresh(vera).state, str(fresh(vera).contact_id)) == ("watching", call.contact)
    call.asks(e.StopSupervision, vera.pk)
    row = fresh(vera)
    assert (row.state, row.reason, row.wanted, row.contact_id) == (state, reason, "", None)


def test_nobody_is_kept_to_listen_without_a_phone_or_with_open_work() -> None:
    away, busy = operator("away", registered=False), operator("busy", state="wrap_up")
    assert dispatcher.keep_supervisor(employee=away.pk, contact=str(away.pk), now=at(0)) == "no_phone"
    assert dispatcher.keep_supervisor(employee=busy.pk, contact=str(away.pk), now=at(0)) == "close_first"


def moved(
    who: Operator, *, only: bool = True, minutes: int = 30, queue: str = "billing", now_s: float = 0
) -> Reassignment:
    by = employee(f"vera{Reassignment.objects.count()}", Role.SUPERVISOR)
    until = at(now_s) + dt.timedelta(minutes=minutes)
    return reassigning.reassign(
        operator=who.pk, queue=queue, until=until, only=only, by=by, reason="peak", profile=KRC, now=at(now_s)
    )


def test_a_moved_operator_serves_the_other_queue_and_goes_back_by_himself() -> None:
    anna = operator(skills={"readings": 4})
    moved(anna)
    assert reassigning.over(dispatcher.own_levels(), at(60))[anna.pk] == {"billing": 1}
    assert reassigning.over(dispatcher.own_levels(), at(1801))[anna.pk] == {"readings": 4}, "no sweep was needed"
    assert reassigning.end_due(now=at(1801)) == 1
    assert reassigning.end_due(now=at(1802)) == 0
    [given], [back] = data_of(anna, "operator_reassigned"), data_of(anna, "operator_reassigned_back")
    assert (given["queue"], given["levels"], given["reason"]) == ("billing", ["billing:1"], "peak")
    assert back["reason"] == "time"


def test_beside_his_own_queues_he_keeps_his_levels() -> None:
    anna = operator(skills={"readings": 4, "billing": 3})
    moved(anna, only=False)
    assert reassigning.over(dispatcher.own_levels(), at(60))[anna.pk] == {"readings": 4, "billing": 3}


def test_the_last_word_holds_and_he_can_be_brought_back() -> None:
    anna = operator()
    moved(anna)
    moved(anna, queue="readings", now_s=10)
    assert Reassignment.objects.filter(ended_at=None).count() == 1
    assert reassigning.bring_back(operator=anna.pk, by=employee("nina"), now=at(20)) == 1
    assert [one["reason"] for one in data_of(anna, "operator_reassigned_back")] == ["replaced", "by_hand"]
    assert reassigning.in_force(at(21)) == {}


def test_the_dispatcher_gives_a_moved_operator_calls_of_the_other_queue() -> None:
    contact, anna = waiting("billing"), operator(skills={"readings": 4})
    needs = {"billing": choosing.need(["billing"])}
    assert dispatcher.match(app=APP, needs=needs, now=at(5)) == []
    moved(anna)
    assert dispatcher.match(app=APP, needs=needs, now=at(5)) == [Match(contact, anna.pk)]


@pytest.mark.parametrize(
    ("queue", "minutes", "code"),
    [("nowhere", 5, "unknown_queue"), ("billing", 0, "wrong_end"), ("billing", 800, "wrong_end")],
)
def test_what_cannot_be_is_refused_and_changes_nothing(queue: str, minutes: int, code: str) -> None:
    anna = operator()
    with pytest.raises(reassigning.ReassignError) as refused:
        moved(anna, queue=queue, minutes=minutes)
    assert refused.value.code == code
    assert not Reassignment.objects.exists()
