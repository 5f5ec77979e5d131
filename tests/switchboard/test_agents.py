"""Operators: each change of state is a row and a fact, a pause has a reason, a wrap-up the profile's limit."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kindline.conversations import actions as conversations
from kindline.journal.models import Fact
from kindline.journal.queries import facts_of
from kindline.staff.models import Role
from kindline.standard import loader
from kindline.switchboard import agents, dispatcher, phones, watch
from kindline.switchboard.agents import Change
from kindline.switchboard.committing import Desk
from kindline.switchboard.machine import events as e
from kindline.switchboard.models import Operator, Reservation
from tests.switchboard.people import APP, Kept, at, employee, operator, waiting

pytestmark = pytest.mark.db
clause = pytest.mark.clause


def said(who: Operator) -> list[tuple[str, str]]:
    """The facts of somebody's states, in their order."""
    return [(f.data["state"], f.data["reason"]) for f in facts_of("employee", who.pk) if "state" in f.data]


def fresh(who: Operator) -> Operator:
    return Operator.objects.get(pk=who.pk)


def kept(who: Operator, state: str = "talking") -> str:
    """A call that holds the operator."""
    contact = waiting()
    dispatcher.reservation(who, contact, at(0)).save()
    Operator.objects.filter(pk=who.pk).update(state=state, contact_id=contact, since=at(0), idle_since=None)
    return contact


# --- what the operator asks for ---
@clause("krc-2-51")
def test_every_change_of_state_is_a_row_and_a_fact() -> None:
    anna = operator(state="offline")
    agents.set_state(employee=anna.pk, state="ready", now=at(10))
    agents.set_state(employee=anna.pk, state="paused", reason="lunch", now=at(20))
    agents.set_state(employee=anna.pk, state="offline", now=at(30))
    assert said(anna) == [("ready", ""), ("paused", "lunch"), ("offline", "")]
    row = fresh(anna)
    assert (row.state, row.since, row.idle_since, row.epoch) == ("offline", at(30), None, 3)
    assert [fact.at for fact in facts_of("employee", anna.pk)] == [at(10), at(20), at(30)]


@clause("krc-2-51")
def test_the_states_of_a_whole_call_are_tracked() -> None:
    call = Kept("krc").arrives().plays_out()
    call.presses("0")
    anna = operator(state="ready")
    call.after(5).dispatched()
    call.rings().after(3).answered()
    assert fresh(anna).state == "talking"
    call.asks(e.HoldCaller, anna.pk, consent=True, announced=True)
    assert fresh(anna).state == "hold"
    call.asks(e.Resume, anna.pk)
    call.after(20).gone(call.state.channel)
    row = fresh(anna)
    assert (row.state, str(row.contact_id)) == ("wrap_up", call.contact)
    assert [state for state, _ in said(anna)] == ["ringing", "talking", "hold", "talking", "wrap_up"]
    assert not Reservation.objects.filter(released_at=None).exists()


@pytest.mark.parametrize(
    ("state", "reason"), [("paused", ""), ("paused", "  "), ("talking", ""), ("wrap_up", ""), ("", "")]
)
def test_a_pause_needs_a_reason_and_only_three_states_can_be_asked_for(state: str, reason: str) -> None:
    anna = operator()
    with pytest.raises(agents.UnknownStateError):
        agents.set_state(employee=anna.pk, state=state, reason=reason, now=at(1))
    assert (fresh(anna).state, fresh(anna).epoch) == ("ready", 0)
    assert said(anna) == []


def test_somebody_without_a_place_is_told_so() -> None:
    nobody = employee("director", Role.DIRECTOR)
    with pytest.raises(agents.NotAnOperatorError):
        agents.set_state(employee=nobody.pk, state="ready", now=at(1))
    with pytest.raises(agents.NotAnOperatorError):
        agents.end_wrap_up(employee=nobody.pk, now=at(1))


@pytest.mark.parametrize("state", ["ringing", "talking", "hold"])
def test_a_pause_asked_for_in_a_talk_comes_after_it(state: str) -> None:
    anna = operator()
    contact = kept(anna, state)
    agents.set_state(employee=anna.pk, state="paused", reason="doctor", now=at(5))
    assert (fresh(anna).state, fresh(anna).wanted) == (state, "paused")
    assert said(anna) == []
    agents.apply([Change(anna.pk, "wrap_up", "", contact, at(9))], wrap_up_s=None)
    agents.end_wrap_up(employee=anna.pk, now=at(20))
    row = fresh(anna)
    assert (row.state, row.reason, row.wanted, row.contact_id) == ("paused", "doctor", "", None)


def test_a_pause_that_was_taken_back_in_the_talk_does_not_come() -> None:
    anna = operator()
    contact = kept(anna)
    agents.set_state(employee=anna.pk, state="paused", reason="doctor", now=at(5))
    agents.set_state(employee=anna.pk, state="ready", now=at(6))
    agents.apply([Change(anna.pk, "ready", "", contact, at(9))], wrap_up_s=None)
    assert (fresh(anna).state, fresh(anna).wanted) == ("ready", "")


# --- wrap-up ---
@pytest.mark.parametrize("profile", loader.profile_ids())
def test_a_wrap_up_has_the_profile_s_limit_or_none(profile: str) -> None:
    standard = loader.load(profile)
    norm = standard.variables.get("wrap_up_s")
    anna = operator()
    contact = kept(anna)
    facts = agents.apply([Change(anna.pk, "wrap_up", "", contact, at(100))], wrap_up_s=Desk(APP, standard).wrap_up_s)
    until = None if norm is None else at(100 + float(norm))
    assert fresh(anna).until == until
    assert facts[0].data["until"] == until


def test_without_a_norm_a_wrap_up_is_never_over_by_itself() -> None:
    anna = operator()
    agents.apply([Change(anna.pk, "wrap_up", "", kept(anna), at(0))], wrap_up_s=None)
    assert watch.end_wrap_ups(now=at(86400)) == 0
    assert fresh(anna).state == "wrap_up"


@pytest.mark.parametrize(("seconds", "overrun"), [(299, False), (300, False), (301, True)])
def test_the_end_of_a_wrap_up_says_how_long_it_was_and_whether_too_long(seconds: int, overrun: bool) -> None:
    anna = operator()
    contact = kept(anna)
    agents.apply([Change(anna.pk, "wrap_up", "", contact, at(0))], wrap_up_s=300)
    agents.end_wrap_up(employee=anna.pk, now=at(seconds))
    [fact] = facts_of("contact", contact)
    assert (fact.kind, fact.data) == (
        "wrap_up_ended", {"employee": anna.pk, "duration_s": float(seconds), "overrun": overrun},
    )  # fmt: skip
    assert (fresh(anna).state, fresh(anna).idle_since) == ("ready", at(seconds))
    agents.end_wrap_up(employee=anna.pk, now=at(seconds + 1))
    assert len(facts_of("contact", contact)) == 1


@pytest.mark.parametrize(("closed", "ended"), [(False, 0), (True, 1)])
def test_at_its_limit_a_wrap_up_ends_only_when_the_contact_is_closed(closed: bool, ended: int) -> None:
    anna = operator()
    contact = kept(anna)
    opened = conversations.open_contact(
        profile=loader.load("krc"), channel="phone", contact_id=uuid.UUID(contact), now=at(-60)
    )
    if closed:
        conversations.close_unserved(contact=opened, outcome="answered", now=at(1))
    agents.apply([Change(anna.pk, "wrap_up", "", contact, at(0))], wrap_up_s=10)
    assert watch.end_wrap_ups(now=at(9)) == 0
    assert watch.end_wrap_ups(now=at(11)) == ended
    assert fresh(anna).state == ("ready" if closed else "wrap_up")


# --- turns ---
@pytest.mark.parametrize(("reason", "idle_since"), [("no_answer", at(-60)), ("declined", at(7))])
def test_who_was_only_rung_keeps_his_turn_and_who_declined_does_not(reason: str, idle_since: dt.datetime) -> None:
    anna, contact = operator(idle_s=-60), waiting()
    dispatcher.match(app=APP, needs={}, now=at(1))
    agents.apply([Change(anna.pk, "ready", reason, contact, at(7))], wrap_up_s=None)
    assert fresh(anna).idle_since == idle_since


# --- who has a place ---
ROLES = [
    (Role.OPERATOR, True), (Role.COUNTER, True), (Role.SPECIALIST, True), (Role.SUPERVISOR, True),
    (Role.UNIT_HEAD, True), (Role.DIRECTOR, False), (Role.SITE_ADMINISTRATOR, False), (Role.SECURITY, False),
]  # fmt: skip


@clause("krc-5.5.1-02")
@pytest.mark.parametrize(("role", "has_place"), ROLES)
def test_the_phones_of_departments_are_places_as_those_of_operators(role: str, has_place: bool) -> None:
    who = employee("somebody", role, unit="billing")
    assert agents.enlist(at(0)) == int(has_place)
    assert agents.enlist(at(1)) == 0
    places = {phone.name: phone for phone in phones.all_phones(at(1))}
    assert set(places) == ({f"op{who.pk}s"} if has_place else set())
    if has_place:
        desk_phone = phones.settings_of(places[f"op{who.pk}s"], address="127.0.0.1", language="ru")
        kinds = {kind: fields for kind, name, fields in desk_phone if name == f"op{who.pk}s"}
        assert kinds["endpoint"]["transport"] == "udp"
        assert len(kinds["auth"]["password"]) >= 20


def test_who_has_left_gets_no_place() -> None:
    employee("former", Role.OPERATOR, is_active=False)
    assert agents.enlist(at(0)) == 0


def test_a_place_without_a_password_gets_one_and_the_others_keep_theirs() -> None:
    old, bare = operator("anna"), operator("boris")
    Operator.objects.filter(pk=bare.pk).update(sip_password="")
    agents.enlist(at(0))
    assert fresh(old).sip_password == "of-anna"
    assert len(fresh(bare).sip_password) >= 20


@clause("krc-2-09")
def test_remote_service_is_by_the_call_centre_and_by_the_employee_competent_in_the_question() -> None:
    call = Kept("krc").arrives().plays_out()
    call.presses("0")
    anna = operator("anna")
    call.after(5).dispatched()
    call.rings().answered()
    specialist = employee("specialist", Role.SPECIALIST, unit="billing")
    agents.enlist(at(9))
    agents.note_phones({specialist.pk: "op1w"})
    assert dispatcher.keep_colleague(employee=specialist.pk, contact=call.contact, now=at(10)) == "absent"
    agents.set_state(employee=specialist.pk, state="paused", reason="at the desk", now=at(11))
    assert dispatcher.keep_colleague(employee=specialist.pk, contact=call.contact, now=at(12)) == ""
    held = set(Reservation.objects.filter(released_at=None).values_list("operator_id", "role"))
    assert held == {(anna.pk, "operator"), (specialist.pk, "third")}


# --- phones ---
def test_who_is_ready_and_whose_phone_stays_away_is_taken_off() -> None:
    gone, there, paused = operator("gone"), operator("there"), operator("paused", state="paused")
    agents.note_phones({gone.pk: "", there.pk: f"op{there.pk}s", paused.pk: ""})
    agents.leave_without_phone([gone.pk, there.pk, paused.pk], at(20))
    assert [fresh(one).state for one in (gone, there, paused)] == ["offline", "ready", "paused"]
    assert said(gone) == [("offline", "no_phone")]
    assert Fact.objects.count() == 1


def test_news_of_phones_that_is_no_news_writes_nothing() -> None:
    anna = operator(registered=True)
    with CaptureQueriesContext(connection) as queries:
        agents.note_phones({anna.pk: f"op{anna.pk}s"})
    assert not [one for one in queries.captured_queries if one["sql"].startswith("UPDATE")]


def test_at_work_are_those_who_serve() -> None:
    for state in ("ready", "talking", "wrap_up", "paused", "offline"):
        operator(state, state=state)
    assert agents.at_work() == 3
