"""Who takes which call, and that nobody is ever given two."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Mapping

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from kindline.journal.models import Fact
from kindline.journal.queries import facts_of
from kindline.switchboard import agents, choosing, dispatcher, extensions, waits, watch
from kindline.switchboard.agents import Change
from kindline.switchboard.choosing import Caller, Idle, Match, Need, pair
from kindline.switchboard.models import Call, Operator, Reservation
from tests.switchboard.people import APP, Kept, at, operator, waiting

clause = pytest.mark.clause
NOW = at(0)
MOMENT = NOW.timestamp()


# --- pairing, without rows ---
def idle(*numbers: int, **levels: int) -> list[Idle]:
    return [Idle(number, levels) for number in numbers]


def test_the_first_caller_gets_who_is_idle_longest() -> None:
    found = pair([Caller("a", "q"), Caller("b", "q")], idle(7, 3, 5), {}, MOMENT)
    assert found == [Match("a", 7), Match("b", 3)]


def test_a_caller_whom_nobody_can_serve_does_not_hold_up_the_next() -> None:
    needs = {"hard": Need({"law": 1})}
    assert pair([Caller("a", "hard"), Caller("b", "easy")], idle(1), needs, MOMENT) == [Match("b", 1)]


@pytest.mark.parametrize(("level", "served"), [(2, False), (3, True), (5, True)])
def test_a_queue_may_ask_for_a_level(level: int, served: bool) -> None:
    needs = {"bills": choosing.need(["billing:3"])}
    assert bool(pair([Caller("a", "bills")], idle(1, billing=level), needs, MOMENT)) is served


def test_every_skill_that_a_queue_names_is_needed() -> None:
    wanted = choosing.need(["billing", "law:2"])
    assert wanted == Need({"billing": 1, "law": 2})
    assert not wanted.met_by({"billing": 5})
    assert wanted.met_by({"billing": 1, "law": 2, "heat": 1})


@pytest.mark.parametrize(("ago_s", "asked"), [(19, False), (20, True)])
def test_who_did_not_take_a_call_is_left_alone_for_a_while(ago_s: float, asked: bool) -> None:
    refused = {1: MOMENT - ago_s}
    assert bool(pair([Caller("a", "q", refused)], idle(1), {}, MOMENT)) is asked
    assert pair([Caller("a", "q", {1: MOMENT})], idle(1, 2), {}, MOMENT) == [Match("a", 2)]


@pytest.mark.parametrize(
    ("position", "handling_s", "operators", "wait_s"), [(3, 60, 2, 90.0), (1, None, 2, None), (1, 60, 0, None)]
)
def test_the_wait_is_expected_only_from_what_is_known(
    position: int, handling_s: float | None, operators: int, wait_s: float | None
) -> None:
    assert waits.expected_wait_s(position, handling_s, operators) == wait_s


# --- with rows ---
def match(
    now: dt.datetime = NOW, *, app: str = APP, skills: Mapping[str, list[str]] | None = None
) -> list[tuple[str, int]]:
    needs = {queue: choosing.need(wanted) for queue, wanted in (skills or {}).items()}
    return [(one.contact, one.employee) for one in dispatcher.match(app=app, needs=needs, now=now)]


@pytest.mark.db
@clause("krc-2-50")
def test_priority_goes_before_the_longest_wait() -> None:
    waiting("general", since_s=-500)
    urgent = waiting("outages", since_s=-1, priority=10)
    assert match() == []
    anna = operator()
    assert match() == [(urgent, anna.pk)]


@pytest.mark.db
@clause("krc-2-50")
def test_one_operator_of_several_queues_serves_who_waits_longest_in_any_of_them() -> None:
    anna = operator(skills={"billing": 3, "readings": 3})
    second, first = waiting("billing", since_s=-30), waiting("readings", since_s=-40)
    waiting("law", since_s=-90)
    queues = {"billing": ["billing"], "readings": ["readings"], "law": ["law"]}
    assert match(skills=queues) == [(first, anna.pk)]
    agents.apply([Change(anna.pk, "ready", "", first, at(1))], wrap_up_s=None)
    Call.objects.filter(pk=first).update(state="ended", ended_at=at(1))
    assert match(at(2), skills=queues) == [(second, anna.pk)]


@pytest.mark.db
@clause("krc-2-50")
def test_the_longest_idle_with_the_skill_is_chosen() -> None:
    operator("idle_but_unskilled", idle_s=-900)
    operator("learner", idle_s=-800, skills={"billing": 1})
    chosen = operator("skilled", idle_s=-700, skills={"billing": 4})
    operator("skilled_but_later", idle_s=-10, skills={"billing": 4})
    contact = waiting("billing")
    assert match(skills={"billing": ["billing:2"]}) == [(contact, chosen.pk)]


@pytest.mark.db
@pytest.mark.parametrize(
    ("state", "registered"),
    [("ready", False), *((state, True) for state in ("offline", "ringing", "talking", "hold", "wrap_up", "paused"))],
)
def test_only_who_is_ready_at_a_phone_is_asked(state: str, registered: bool) -> None:
    operator(state=state, registered=registered)
    waiting()
    assert match() == []
    assert not Reservation.objects.exists()


@pytest.mark.db
def test_a_switchboard_gives_out_its_own_calls_only() -> None:
    operator()
    waiting(app="sb-other")
    assert match() == []
    assert len(match(app="sb-other")) == 1


@pytest.mark.db
def test_a_match_is_a_reservation_a_state_and_a_fact() -> None:
    anna, contact = operator(), waiting()
    match()
    kept = Reservation.objects.get()
    anna.refresh_from_db()
    assert (anna.state, str(anna.contact_id), anna.epoch) == ("ringing", contact, 1)
    assert (kept.operator_id, str(kept.call_id), kept.role, kept.epoch) == (anna.pk, contact, "operator", 1)
    assert kept.lease_until == at(dispatcher.LEASE_S)
    [fact] = facts_of("employee", anna.pk)
    assert (fact.kind, fact.data["state"], fact.data["contact"]) == ("operator_state_changed", "ringing", contact)
    assert match(at(1)) == []


@pytest.mark.db
@clause("krc-2-52")
def test_a_call_waits_in_its_queue_until_somebody_can_take_it_and_is_then_led_to_him() -> None:
    call = Kept("krc").arrives().plays_out()
    call.presses("12")
    assert call.dispatched() == []
    row = Call.objects.get(pk=call.contact)
    assert (row.state, row.queue) == ("queued", "readings")
    operator("other", skills={"billing": 5}, idle_s=-500)
    anna = operator("anna", skills={"readings": 3})
    assert call.after(5).dispatched() == [Match(call.contact, anna.pk)]
    call.rings().after(3).answered()
    assert Call.objects.get(pk=call.contact).state == "talking"
    assert Fact.objects.get(subject_id=call.contact, kind="queue_entered").data["queue"] == "readings"
    assert Operator.objects.get(pk=anna.pk).state == "talking"


@pytest.mark.db
@clause("yumek-9.1-01")
def test_all_departments_of_yumek_serve_one_queue_and_keep_one_journal() -> None:
    sales = operator("sales", unit="sales", idle_s=-20)
    service = operator("service", unit="service", idle_s=-30)
    first, second = Kept("yumek"), Kept("yumek")
    second.after(1)  # else chance would say who came first
    for call in (first, second):
        call.arrives().plays_out()
        call.presses("0")
    found = {one.contact: one.employee for one in first.after(60).dispatched()}
    assert found == {first.contact: service.pk, second.contact: sales.pk}
    queues = Call.objects.filter(pk__in=[first.contact, second.contact]).values_list("queue", flat=True)
    assert set(queues) == {"general"}
    changed = Fact.objects.filter(kind="operator_state_changed").values_list("subject_id", flat=True)
    assert set(changed) == {str(sales.pk), str(service.pk)}


@pytest.mark.db
@clause("yumek-9.1-02")
def test_several_calls_are_served_at_once_and_none_is_turned_away() -> None:
    for n in range(3):
        operator(f"operator{n}", idle_s=-n)
    served = [Kept("yumek") for _ in range(5)]
    for call in served:
        call.arrives().plays_out()
        call.presses("0")
    found = {one.contact: one.employee for one in dispatcher.match(app=APP, needs={}, now=at(60))}
    assert len(set(found.values())) == 3
    for call in served:
        if call.contact in found:
            call.offered(found[call.contact]).rings().answered()
    states = Counter(Call.objects.filter(ended_at=None).values_list("state", flat=True))
    assert states == {"talking": 3, "queued": 2}


# --- reservations ---
@pytest.mark.db
def test_the_database_itself_refuses_a_second_call_and_a_second_operator() -> None:
    anna, boris = operator("anna"), operator("boris")
    first, second = waiting(), waiting()
    dispatcher.reservation(anna, first, NOW).save()
    for who, contact in ((anna, second), (boris, first)):
        with pytest.raises(IntegrityError), transaction.atomic():
            dispatcher.reservation(who, contact, NOW).save()
    dispatcher.reservation(boris, first, NOW, role="third").save()
    Reservation.objects.filter(operator=anna).update(released_at=NOW)
    dispatcher.reservation(anna, second, NOW).save()


@pytest.mark.db(transaction=True)
@pytest.mark.parametrize("round_", range(4))
def test_dispatchers_at_once_never_give_anybody_twice(round_: int) -> None:
    staff = {operator(f"operator{n}", idle_s=-n).pk for n in range(4)}
    calls = {waiting(since_s=-n) for n in range(6)}
    start = threading.Barrier(3)
    found: list[tuple[str, int]] = []

    def dispatch() -> None:
        try:
            start.wait(10)
            for _ in range(4):
                try:
                    found.extend(match())
                except IntegrityError:
                    continue  # the other one was quicker; nothing of this round is kept
        finally:
            connection.close()

    threads = [threading.Thread(target=dispatch) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert sorted(found) == sorted(
        (str(r.call_id), r.operator_id) for r in Reservation.objects.filter(released_at=None)
    )
    assert {employee for _, employee in found} == staff
    assert len({contact for contact, _ in found} & calls) == len(found) == 4
    held = {(str(one.contact_id), one.pk) for one in Operator.objects.filter(state="ringing")}
    assert held == set(found)


@pytest.mark.db
def test_a_lease_that_ran_out_frees_the_operator_and_the_caller_is_asked_for_again() -> None:
    anna, contact = operator(), waiting()
    match()
    assert watch.free_forgotten(now=at(1)) == 0
    assert watch.free_forgotten(now=at(dispatcher.LEASE_S + 1)) == 2
    anna.refresh_from_db()
    assert (anna.state, anna.contact_id) == ("ready", None)
    assert match(at(dispatcher.LEASE_S + 2)) == [(contact, anna.pk)]


@pytest.mark.db
def test_a_talk_is_not_ended_by_its_lease() -> None:
    anna, contact = operator(), waiting()
    match()
    Call.objects.filter(pk=contact).update(state="talking")
    assert watch.free_forgotten(now=at(dispatcher.LEASE_S + 1)) == 0
    assert Operator.objects.get(pk=anna.pk).state == "ringing"
    Call.objects.filter(pk=contact).update(state="ended", ended_at=at(200))
    assert watch.free_forgotten(now=at(201)) == 2


@pytest.mark.db
def test_who_asked_for_a_pause_gets_it_when_his_call_is_forgotten() -> None:
    anna, contact = operator(), waiting()
    match()
    agents.set_state(employee=anna.pk, state="paused", reason="lunch", now=at(1))
    Call.objects.filter(pk=contact).update(state="ended", ended_at=at(2))
    watch.free_forgotten(now=at(30))
    anna.refresh_from_db()
    assert (anna.state, anna.reason, anna.wanted) == ("paused", "lunch", "")


@pytest.mark.db
def test_late_news_of_another_call_is_refused() -> None:
    anna, old = operator(), waiting()
    match()
    agents.apply([Change(anna.pk, "ready", "declined", old, at(5))], wrap_up_s=None)
    Call.objects.filter(pk=old).update(state="ended", ended_at=at(5))
    new = waiting(since_s=6)
    assert match(at(10)) == [(new, anna.pk)]
    before = Operator.objects.get(pk=anna.pk)
    assert agents.apply([Change(anna.pk, "wrap_up", "", old, at(11))], wrap_up_s=60) == []
    after = Operator.objects.get(pk=anna.pk)
    assert (after.state, str(after.contact_id), after.epoch) == ("ringing", new, before.epoch)
    assert Reservation.objects.get(operator=anna, released_at=None).epoch == after.epoch


# --- colleagues and outgoing calls ---
@pytest.mark.db
@pytest.mark.parametrize(
    ("state", "registered", "why"),
    [
        ("ready", True, ""), ("paused", True, ""), ("offline", True, "absent"), ("ready", False, "absent"),
        ("talking", True, "busy"), ("wrap_up", True, "busy"),
    ],
)  # fmt: skip
def test_a_colleague_is_kept_beside_the_operator_or_it_is_said_why_not(state: str, registered: bool, why: str) -> None:
    colleague, contact = operator("boris", state=state, registered=registered), waiting()
    assert dispatcher.keep_colleague(employee=colleague.pk, contact=contact, now=NOW) == why
    assert Reservation.objects.filter(operator=colleague, role="third").count() == (0 if why else 1)


@pytest.mark.db
def test_an_operator_who_calls_out_himself_is_not_offered_a_call() -> None:
    anna = operator(state="wrap_up")
    outgoing = waiting(app="sb-other")
    assert dispatcher.keep_for_outgoing(employee=anna.pk, contact=outgoing, now=NOW) == ""
    assert dispatcher.keep_for_outgoing(employee=anna.pk, contact=outgoing, now=NOW) == "busy"
    assert dispatcher.keep_for_outgoing(employee=anna.pk + 1, contact=outgoing, now=NOW) == "no_phone"
    waiting()
    assert match() == []


@pytest.mark.db
@pytest.mark.parametrize("ending", ["ready", "wrap_up"])
@pytest.mark.parametrize(("state", "reason"), [("ready", ""), ("paused", "lunch"), ("offline", "")])
@pytest.mark.parametrize("way", ["asked", "calls out"])
def test_who_is_asked_or_calls_out_is_afterwards_where_he_was(way: str, state: str, reason: str, ending: str) -> None:
    anna, contact = operator(state=state), waiting()
    Operator.objects.filter(pk=anna.pk).update(reason=reason)
    keep = dispatcher.keep_colleague if way == "asked" else dispatcher.keep_for_outgoing
    if why_not := keep(employee=anna.pk, contact=contact, now=NOW):
        assert (way, state, why_not) == ("asked", "offline", "absent")
        return
    agents.apply([Change(anna.pk, ending, "declined", contact, at(5))], wrap_up_s=None)
    if ending == "wrap_up":
        agents.end_wrap_up(employee=anna.pk, now=at(6))
    row = Operator.objects.get(pk=anna.pk)
    assert (row.state, row.reason, row.wanted) == (state, reason, "")


@pytest.mark.db
@clause("krc-5.6.5-33")
@pytest.mark.parametrize("by_phone", [False, True])
def test_a_call_out_of_ones_work_on_the_last_one_ends_that_work(by_phone: bool) -> None:
    anna, first, second = operator(state="wrap_up"), waiting(), waiting(app="sb-other")
    Operator.objects.filter(pk=anna.pk).update(
        contact_id=first, wanted="paused", reason="lunch", since=NOW, until=at(20)
    )
    if by_phone:
        extensions.keep_dialler(employee=anna.pk, contact=second, inside=False, now=at(30))
    else:
        dispatcher.keep_for_outgoing(employee=anna.pk, contact=second, now=at(30))
    [ended] = [fact for fact in facts_of("contact", first) if fact.kind == "wrap_up_ended"]
    assert (ended.data["duration_s"], ended.data["overrun"], ended.at) == (30.0, True, at(30))
    agents.apply([Change(anna.pk, "ready", "", second, at(40))], wrap_up_s=None)
    row = Operator.objects.get(pk=anna.pk)
    assert (row.state, row.reason) == ("paused", "lunch"), "the pause that he asked for is still to come"


# --- two switchboards in two processes (T5) ---
DISPATCHER = """
import sys
import django
django.setup()
from django.db import IntegrityError
from kindline.switchboard import dispatcher
print("here", flush=True)
sys.stdin.readline()
for _ in range(30):
    try:
        for one in dispatcher.match_now(app=sys.argv[1], needs={}):
            print(one.contact, one.employee, flush=True)
    except IntegrityError:
        pass
"""


def dispatching(app: str) -> subprocess.Popen[str]:
    """A process of its own that gives out the calls of a switchboard, on this test's database, once it is told to."""
    where = connection.settings_dict
    program = f"""
from django.conf import settings
settings.DATABASES["default"].update({ {k: where[k] for k in ("NAME", "HOST", "PORT", "USER", "PASSWORD")}!r})
{DISPATCHER}"""
    return subprocess.Popen(
        [sys.executable, "-c", program, app], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.db(transaction=True)
@pytest.mark.parametrize(("ours", "others"), [(APP, APP), (APP, "sb-other")])
def test_two_switchboards_give_no_operator_two_calls_and_no_call_two_operators(ours: str, others: str) -> None:
    staff = {operator(f"operator{n}", idle_s=-n).pk for n in range(12)}
    calls = {waiting(since_s=-n, app=app) for n in range(10) for app in (ours, others)}
    both = [dispatching(app) for app in (ours, others)]
    for one in both:
        assert one.stdout is not None
        assert one.stdout.readline() == "here\n"
    told = [one.communicate("go\n", timeout=60)[0].split() for one in both]
    assert [one.returncode for one in both] == [0, 0]
    found = [(words[n], int(words[n + 1])) for words in told for n in range(0, len(words), 2)]
    assert sorted(employee for _, employee in found) == sorted(staff)
    assert len({contact for contact, _ in found} & calls) == len(found) == 12
    kept = Reservation.objects.filter(released_at=None)
    assert sorted(found) == sorted((str(one.call_id), one.operator_id) for one in kept)
    epochs = dict(Operator.objects.values_list("pk", "epoch"))
    assert all(one.epoch == epochs[one.operator_id] for one in kept)


@pytest.mark.db
def test_leases_run_by_the_clock_of_the_database_however_wrong_that_of_the_machine_is() -> None:
    anna, contact = operator(), waiting()
    with time_machine.travel(dt.datetime(2001, 1, 1, tzinfo=dt.UTC), tick=False):
        assert dispatcher.match_now(app=APP, needs={}) == [Match(contact, anna.pk)]
        assert watch.free_by_the_database() == 0
    kept = Reservation.objects.get()
    assert kept.lease_until.year > 2020
    assert kept.lease_until - kept.made_at == dt.timedelta(seconds=dispatcher.LEASE_S)
    past = kept.made_at - dt.timedelta(days=1)
    Reservation.objects.update(lease_until=past)
    Operator.objects.update(since=past)
    assert watch.free_by_the_database() == 2


@pytest.mark.db
def test_callers_whom_nobody_ready_can_serve_hold_up_nobody_however_many() -> None:
    for n in range(dispatcher.AT_ONCE):
        waiting("law", since_s=-1000 - n)
    anna, contact = operator(skills={"billing": 3}), waiting("billing")
    assert match(skills={"law": ["law"], "billing": ["billing"]}) == [(contact, anna.pk)]


@pytest.mark.db
def test_a_point_of_priority_is_worth_a_minute_so_that_nobody_is_passed_for_ever() -> None:
    anna = operator()
    patient = waiting("general", since_s=-301)
    waiting("quality", since_s=0, priority=5)
    assert match() == [(patient, anna.pk)]
