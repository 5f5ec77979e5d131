"""Several switchboards on one database: one order of callers, phones at several engines, what a lost engine leaves."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from typing import Any

import psycopg
import pytest
import time_machine
from django.db import connection

from kindline.journal import actions as journal
from kindline.journal import links as database_links
from kindline.journal.models import Fact
from kindline.switchboard import agents, asking, dispatcher, hearing, links, nodes, pulse, reconcile, true_time, watch
from kindline.switchboard.choosing import Need
from kindline.switchboard.machine.state import Leg
from kindline.switchboard.models import Call, Operator, Reservation, Switchboard
from kindline.switchboard.nodes import Peer
from kindline.switchboard.reconcile import Seen
from kindline.switchboard.true_time import Clock
from tests.switchboard.people import APP, at, operator, waiting

OTHER = "sb-other"


def board(app: str, *, node: str = "2", beat_s: float = 0, **more: Any) -> Switchboard:
    """A switchboard that beat so many seconds after the beginning."""
    told = {"serving": True, "sip": f"127.0.0.1:{5000 + int(node)}"} | more
    return Switchboard.objects.create(
        app=app, host="elsewhere", pid=1, started_at=at(-100), beat_at=at(beat_s), node=node, **told
    )


def given(app: str = APP, now_s: float = 1, **needs: Any) -> list[tuple[str, int]]:
    return [(one.contact, one.employee) for one in dispatcher.match(app=app, needs=needs, now=at(now_s))]


# --- one order ---
@pytest.mark.db
def test_an_operator_is_for_him_who_waits_longest_whoever_leads_his_call() -> None:
    board(APP, node="1")
    board(OTHER)
    first, second = waiting(since_s=-90, app=OTHER), waiting(since_s=-30)
    anna = operator()
    assert given(APP) == [], "the other's caller was passed over"
    assert given(OTHER) == [(first, anna.pk)]
    boris = operator("boris")
    assert given(APP) == [(second, boris.pk)]


@pytest.mark.db
def test_a_priority_counts_over_all_switchboards() -> None:
    board(OTHER)
    waiting(since_s=-90)
    urgent = waiting("outages", since_s=-1, priority=10, app=OTHER)
    anna = operator()
    assert given(APP) == []
    assert given(OTHER) == [(urgent, anna.pk)]


@pytest.mark.db
@pytest.mark.parametrize(("beat_s", "serving"), [(-6, True), (0, False)])
def test_who_cannot_give_out_calls_holds_up_nobody(beat_s: float, serving: bool) -> None:
    board(OTHER, beat_s=beat_s, serving=serving)
    waiting(since_s=-90, app=OTHER)
    mine, anna = waiting(since_s=-30), operator()
    assert given(APP, 0) == [(mine, anna.pk)]


@pytest.mark.db
def test_a_caller_of_others_whom_the_operator_cannot_serve_holds_up_nobody() -> None:
    board(OTHER)
    waiting("law", since_s=-90, app=OTHER)
    mine, anna = waiting(since_s=-30), operator()
    found = dispatcher.match(app=APP, needs={"law": Need({"law": 1})}, now=at(1))
    assert [(one.contact, one.employee) for one in found] == [(mine, anna.pk)]


@pytest.mark.db
def test_a_call_that_was_taken_over_meanwhile_is_not_given_out() -> None:
    contact = waiting()
    operator()
    assert dispatcher._still_ours(APP, [contact]) == {contact}
    Call.objects.filter(pk=contact).update(owner=OTHER)
    assert dispatcher._still_ours(APP, [contact]) == set()
    assert given(APP) == []
    assert not Reservation.objects.exists()


@pytest.mark.db(transaction=True)
def test_the_leader_of_the_longest_waiting_is_told_at_once() -> None:
    board(OTHER)
    waiting(since_s=-90, app=OTHER)
    operator()
    with psycopg.connect(**database_links.parameters(), autocommit=True) as line:
        line.execute(f"LISTEN {dispatcher.BELL}")
        assert given(APP) == []
        assert [one.channel for one in line.notifies(timeout=10, stop_after=1)] == [dispatcher.BELL]


@pytest.mark.db
def test_the_place_in_the_queue_counts_those_of_others() -> None:
    board(APP, node="1")
    board(OTHER)
    board("sb-dead", beat_s=-60)
    for app in (APP, OTHER, "sb-dead"):
        waiting("general", since_s=-60, priority=1, app=app)
    assert nodes.waiting_elsewhere(APP, nodes.living(at(1))) == [("general", at(-120).timestamp())]


# --- phones ---
@pytest.mark.db
def test_a_phone_is_there_as_long_as_any_engine_has_it() -> None:
    anna = operator(registered=False)
    agents.note_phones({anna.pk: "op1w"}, "2")
    agents.note_phones({anna.pk: ""}, "1")
    assert (fresh(anna).registered, fresh(anna).phones) == (True, ["op1w@2"])
    assert nodes.reach([anna.pk], "1") == {anna.pk: "op1w@kl-2"}
    assert nodes.reach([anna.pk], "2") == {}
    agents.note_phones({anna.pk: ""}, "2")
    assert (fresh(anna).registered, fresh(anna).phones) == (False, [])


@pytest.mark.db
def test_phones_at_an_engine_that_nobody_leads_are_not_there() -> None:
    board(OTHER, node="3")
    gone, kept = operator("gone", registered=False), operator("kept")
    agents.note_phones({gone.pk: "op1s"}, "2")
    agents.note_phones({kept.pk: "op2s"}, "3")
    assert nodes.forget_phones("1", nodes.living(at(1))) == [gone.pk]
    assert (fresh(gone).registered, set(fresh(kept).phones)) == (False, {f"op{kept.pk}s@1", "op2s@3"})
    assert nodes.forget_phones("1", nodes.living(at(1))) == []


def test_a_page_at_another_engine_is_still_a_page() -> None:
    assert Leg("c", 1, "op1w@kl-2", at(0)).in_browser
    assert not Leg("c", 1, "op1s@kl-2", at(0)).in_browser


def test_the_two_ends_of_a_link_know_each_other() -> None:
    here = {f"{type_}/{name}": fields for type_, name, fields in settings_of("1", "2")}
    there = {f"{type_}/{name}": fields for type_, name, fields in settings_of("2", "1")}
    shown, known = here["auth/kl-2-out"], there["auth/kl-1"]
    assert (shown["username"], shown["password"]) == (known["username"], known["password"])
    assert here["endpoint/kl-2"]["from_user"] == "kl-1"
    assert there["endpoint/kl-1"]["auth"] == "kl-1"
    assert links.secret("a") != links.secret("b")


def settings_of(node: str, peer: str) -> list[tuple[str, str, dict[str, Any]]]:
    return links.settings_of(Peer(peer, "127.0.0.1:5060"), node, token="t", address="127.0.0.1")


def fresh(one: Operator) -> Operator:
    return Operator.objects.get(pk=one.pk)


# --- the dead ---
@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """For how long the database has been there, which may be changed: an hour."""
    told = [3600.0]
    monkeypatch.setattr(watch, "heard_s", lambda: told[0])
    return told


def led(app: str, node: str) -> str:
    contact = waiting(app=app)
    Call.objects.filter(pk=contact).update(node=node)
    return contact


@pytest.mark.db
def test_calls_of_a_dead_switchboard_go_to_one_at_the_same_engine(heard: list[float]) -> None:
    board("sb-dead", node="1", beat_s=-10)
    contact = led("sb-dead", "1")
    assert not watch.left_behind("sb-far", at(0), "2")
    assert watch.adopt(app="sb-far", now=at(0), node="2") == []
    assert watch.left_behind(APP, at(0), "1")
    assert [(one.contact, one.node) for one in watch.adopt(app=APP, now=at(0), node="1")] == [(contact, "1")]


@pytest.mark.db
@pytest.mark.parametrize(("silent_s", "lost"), [(nodes.LOST_AFTER_S - 1, False), (nodes.LOST_AFTER_S + 1, True)])
def test_calls_of_an_engine_that_nobody_leads_are_lost_after_a_while(silent_s: float, lost: bool) -> None:
    board("sb-dead", beat_s=-silent_s, has_left=True)
    contact = led("sb-dead", "2")
    assert watch.left_behind(APP, at(0), "1") is lost
    found = watch.adopt(app=APP, now=at(0), node="1")
    assert [(one.contact, one.node) for one in found] == ([(contact, "2")] if lost else [])
    assert watch.adopt(app="sb-third", now=at(0), node="3") == [], "a call was taken twice"


@pytest.mark.db
def test_an_engine_with_a_second_switchboard_is_not_lost(heard: list[float]) -> None:
    board("sb-dead", beat_s=-60)
    board("sb-beside")
    led("sb-dead", "2")
    assert watch.adopt(app=APP, now=at(0), node="1") == []
    assert len(watch.adopt(app="sb-beside", now=at(0), node="2")) == 1


@pytest.mark.db
@pytest.mark.parametrize(("silent_s", "dead"), [(2.9, []), (3.1, [OTHER])])
def test_three_beats_missed_and_a_round_are_within_the_five_seconds(
    heard: list[float], silent_s: float, dead: list[str]
) -> None:
    """T1, where the peer runs on another machine and sees no process."""
    board(OTHER, node="1", beat_s=-silent_s)
    assert watch.dead(APP, at(0)) == dead
    assert watch.DEAD_AFTER_S + pulse.BEAT_S < 5


@pytest.mark.db
def test_a_database_that_was_away_itself_finds_nobody_dead(heard: list[float]) -> None:
    board(OTHER, node="1", beat_s=-60)
    heard[0] = 2.0
    assert watch.dead(APP, at(0)) == []
    heard[0] = 4.0
    assert watch.dead(APP, at(0)) == [OTHER]


@pytest.mark.db
def test_for_how_long_beats_were_heard_the_database_says() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::float8")
        up_s = cursor.fetchone()[0]
    assert 0 < up_s <= watch.heard_s() < up_s + 60


@pytest.mark.db
def test_a_call_that_is_led_on_says_so(heard: list[float]) -> None:
    board("sb-dead", node="1", beat_s=-4)
    contact = led("sb-dead", "1")
    watch.adopt(app=APP, now=at(0), node="1")
    fact = Fact.objects.get(kind="call_adopted", subject_id=contact)
    assert (fact.at, fact.data) == (at(0), {"former": "sb-dead", "silent_s": 4.0})
    watch.adopt(app=APP, now=at(1), node="1")
    assert Fact.objects.filter(kind="call_adopted").count() == 1


@pytest.mark.db
def test_who_talks_although_counted_as_lost_is_known_by_the_bridge() -> None:
    lost, ended = str(uuid.uuid4()), str(uuid.uuid4())
    journal.record(kind="node_lost", subject_type="contact", subject_id=lost, data={"node": "2"}, at=at(0))
    assert watch.were_lost([lost, ended]) == {lost}
    bridges = {"talk": frozenset({"client", "leg"}), "left": frozenset({"alone"}), "other": frozenset({"a", "b"})}
    seen = Seen(at(0), {}, bridges)
    assert reconcile.talking(seen, {"client", "alone"}) == {"client", "leg"}


@pytest.mark.db
def test_who_was_stopped_does_not_live_and_may_come_back() -> None:
    watch.enter(app=APP, now=at(0), place=watch.Place("2", "127.0.0.1:5060"))
    watch.leave(APP)
    assert watch.dead(OTHER, at(1)) == [APP]
    watch.enter(app=APP, now=at(2))
    assert watch.dead(OTHER, at(3)) == []


@pytest.mark.db
def test_who_was_given_up_enters_again_with_its_next_beat(heard: list[float]) -> None:
    entry = watch.enter(app=APP, now=at(0), place=watch.Place("2", "10.0.0.2:5060"))
    watch.asked_at(entry, "10.0.0.2:7002")
    entry.beat_at, entry.host = at(-60), "elsewhere"
    entry.save()
    watch.adopt(app=OTHER, now=at(0), node="1")
    assert nodes.living(at(0)) == []
    entry.beat_at, entry.serving = at(1), True
    watch.beat(entry)
    [back] = nodes.living(at(1))
    assert (back.app, back.node, back.sip, back.address) == (APP, "2", "10.0.0.2:5060", "10.0.0.2:7002")


# --- where the screens ask ---
@pytest.mark.db
def test_the_screens_ask_who_leads_the_call(settings: Any) -> None:
    settings.KINDLINE = {**settings.KINDLINE, "ports": {**settings.KINDLINE["ports"], "switchboard": 7001}}
    board(OTHER, address="10.0.0.2:7002")
    contact, own = waiting(app=OTHER), waiting()
    assert asking._addresses(f"/calls/{contact}/hold") == [("10.0.0.2", 7002), ("127.0.0.1", 7001)]
    assert asking._addresses(f"/calls/{own}/hold")[0] == ("127.0.0.1", 7001)
    assert asking._addresses("/operators/1/state") == [("127.0.0.1", 7001), ("10.0.0.2", 7002)]


@pytest.mark.db
def test_what_every_engine_must_know_is_told_to_each_switchboard_that_is_there(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.KINDLINE = {**settings.KINDLINE, "ports": {**settings.KINDLINE["ports"], "switchboard": 7001}}
    board(OTHER, address="10.0.0.2:7002")
    board("sb-dead", node="3", beat_s=-60, address="10.0.0.3:7003")
    board("sb-deaf", node="4", address="10.0.0.4:7004")
    asked = []

    def ask(addresses: list[tuple[str, int]], method: str, path: str, *_: object) -> dict[str, Any]:
        asked.append((*addresses, method, path))
        if addresses == [("10.0.0.4", 7004)]:
            raise asking.SwitchboardError(503, "unreachable", "")
        return {}

    monkeypatch.setattr(asking, "_ask_at", ask)
    with time_machine.travel(at(1), tick=False):
        assert asking.post_everywhere("/operators/1/phones") == 2
    places = [("127.0.0.1", 7001), ("10.0.0.4", 7004), ("10.0.0.2", 7002)]
    assert sorted(asked) == sorted((place, "POST", "/operators/1/phones") for place in places)


# --- the clock (C2) ---
@pytest.mark.parametrize("skew_s", [3600, -3600, 90, -90, 3])
def test_a_wrong_clock_is_put_right(skew_s: float) -> None:
    clock, true = Clock(), dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
    wrong = true + dt.timedelta(seconds=skew_s)
    clock.learn(true, wrong, wrong)
    assert clock.skew_s == pytest.approx(skew_s)
    with time_machine.travel(wrong, tick=False):
        assert clock.now() == true
        clock.learn_engine(int(wrong.timestamp()))
        assert abs((clock.of_engine(wrong) - true).total_seconds()) <= 1


def test_the_way_to_the_database_is_no_skew() -> None:
    clock, now = Clock(), dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
    clock.learn(now + dt.timedelta(seconds=0.2), now, now)
    clock.learn(now + dt.timedelta(seconds=4), now, now + dt.timedelta(seconds=5))
    assert clock.offset == dt.timedelta()


def test_an_engine_whose_clock_is_right_is_believed_to_the_millisecond() -> None:
    clock, now = Clock(), dt.datetime(2026, 3, 2, 10, 0, 0, 900_000, tzinfo=dt.UTC)
    with time_machine.travel(now, tick=False):
        clock.learn_engine(int(now.timestamp()))
    assert clock.of_engine(now) == now


def test_what_the_engine_tells_is_put_into_the_time_of_the_house(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    clock.engine = dt.timedelta(hours=-1)
    monkeypatch.setattr(true_time, "clock", clock)
    said = hearing.moment({"timestamp": "2026-03-02T11:00:00.000+0000"})
    assert said == dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)


@pytest.mark.db
@pytest.mark.parametrize(("skew_s", "alarms"), [(1.9, 0), (2.1, 1), (-90, 1)])
def test_a_wrong_clock_is_said_once(skew_s: float, alarms: int) -> None:
    put_aside: list[tuple[Any, ...]] = []

    async def aside(*what: Any) -> None:
        put_aside.append(what)

    async def look() -> None:
        for _ in range(3):
            await alarm.look(skew_s)

    alarm = true_time.Alarm(APP, aside)
    asyncio.run(look())
    for action, *values in put_aside:
        action(*values)
    assert Fact.objects.filter(kind="clock_skewed", subject_id=APP).count() == alarms


@pytest.mark.db
def test_the_beat_is_that_of_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(true_time, "clock", Clock())
    entry = board(APP, beat_s=-1000, node="1")
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)):
        assert pulse.beat(entry, True) == pytest.approx(3600, abs=5)
    with connection.cursor() as cursor:
        cursor.execute("SELECT abs(extract(epoch FROM clock_timestamp() - beat_at)) < 5 FROM switchboard_switchboard")
        assert cursor.fetchone() == (True,)
    assert Switchboard.objects.get(app=APP).skew_s == pytest.approx(3600, abs=5)


def test_a_contact_is_in_the_path() -> None:
    assert asking.CALL.match(f"/calls/{uuid.uuid4()}/hold")
    assert not asking.CALL.match("/calls/../operators")
