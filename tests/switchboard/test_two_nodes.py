"""Two switchboards, each with an engine of its own, on one database; then one pair is cut off, or gone at a blow.

Each pair is on a machine of its own where such can be made, the database on a third. The ledger is kept outside, by the
telephones of each node: whom they called, and whether they heard and were cut off.
"""

from __future__ import annotations

import contextlib
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from kindline.runtime.demo_calls import handset, sound
from kindline.runtime.demo_calls.handset import Handset
from kindline.switchboard.nodes import LOST_AFTER_S
from kindline.switchboard.pulse import ALL_BACK_S
from tests.plugins import faults, postgres
from tests.switchboard import machines, nodes
from tests.switchboard import rig as rigs
from tests.switchboard.machines import Lan
from tests.switchboard.nodes import Node
from tests.switchboard.rig import Rig, Telephones, Where, until

pytestmark = pytest.mark.asterisk
SEED = faults.seed(20261128)
REGISTERED = "SELECT registered FROM switchboard_operator WHERE employee_id = %s"
CALLED_BACK = "SELECT count(*) FROM conversations_callback WHERE contact_id = ANY(%s::uuid[])"
CALLED_BACK_S = 60
"""So soon after its engine died a client stands on the list of those who are called back (T6)."""


@dataclass
class Pair:
    """Two nodes at work, and the telephones that call each of them."""

    first: Rig
    second: Node
    lan: Lan | str
    """The machines; else why there is but one."""

    @contextlib.contextmanager
    def cut(self, *places: int) -> Iterator[None]:
        """These nodes reach neither each other nor the database; those who call them still reach them."""
        if isinstance(self.lan, str):
            pytest.skip(self.lan)
        wires = [self.lan.machines[place - 1] for place in places]
        for wire in wires:
            wire.cut()
        try:
            yield
        finally:
            for wire in wires:
                wire.heal()
        nodes.joined(self.first, self.second)

    def silent(self, seconds: float) -> bool:
        """Whether the second node has not been heard for so long."""
        query = "SELECT 1 FROM switchboard_switchboard WHERE node = '2' AND beat_at > now() - make_interval(secs => %s)"
        return not self.first.rows(query, seconds)


@pytest.fixture(scope="module")
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two engines and two switchboards."""
    here: Where = contextlib.nullcontext
    there: Where = contextlib.nullcontext
    with contextlib.ExitStack() as stack:
        lan: Lan | str
        try:
            lan = stack.enter_context(machines.lan(2))
        except machines.NoMachinesError as error:
            lan, server = str(error), request.getfixturevalue("pg")
        else:
            server = postgres.launch(tmp_path_factory.mktemp("own"), address=lan.address)
            stack.callback(server.stop, signal.SIGQUIT)
            here, there = (one.inside for one in lan.machines)
        with here():
            first = rigs.build(tmp_path_factory.mktemp("pair"), server, operators=3)
        stack.callback(rigs.end, first)
        with there():
            second = nodes.beside(first)
        stack.callback(second.engine.stop)
        first.where, second.where = here, there
        first.start(KINDLINE_SWITCHBOARD="sb-first")
        second.start(KINDLINE_SWITCHBOARD="sb-second")
        until(lambda: len(first.passwords()) == 3)
        nodes.joined(first, second)
        yield Pair(first, second, lan)


def at_work(rig: Rig, employee: int) -> None:
    """An operator is ready, whatever he has still to finish."""
    rig.post(f"/operators/{employee}/wrap-up/end")
    rig.ready(employee)


def waits(rig: Rig, phones: Telephones) -> tuple[Handset, str]:
    """Somebody calls a node and waits there; the telephone and the contact."""
    client, number = phones.call()
    contact = rig.contact_of(number)
    rig.becomes(contact, "queued")
    return client, contact


def test_one_order_over_both_and_a_phone_at_one_rings_for_a_call_at_the_other(pair: Pair) -> None:
    with pair.first.telephones(1) as here, pair.second.telephones() as there:
        far, longest = waits(pair.second, there)
        near, later = waits(pair.first, here)
        since = here.line.mark()
        pair.first.ready(1)
        phone = here.rung(1, since=since)
        assert handset.header(phone, "X-Kindline-Contact") == longest, "the order is not common"
        handset.answer(phone)
        pair.first.becomes(longest, "talking")
        with far.hearing() as heard:
            phone.say(here.sound(2))
        assert sound.audible_s(heard.file) > 1, "the client does not hear the operator"
        with phone.hearing() as heard:
            far.say(there.sound(2))
        assert sound.audible_s(heard.file) > 1, "the operator does not hear the client"
        assert pair.first.state(later) == "queued"
        assert owners(pair.first, longest, later) == ["sb-second", "sb-first"]
        mark = here.line.mark()
        far.hang_up()
        pair.first.comes(longest, "call_ended")
        assert pair.first.fact(longest, "call_ended")["outcome"] == "answered"
        pair.first.post("/operators/1/wrap-up/end")
        phone = here.rung(1, since=mark)
        assert handset.header(phone, "X-Kindline-Contact") == later
        near.hang_up()
        pair.first.comes(later, "call_ended")
        assert pair.first.fact(later, "call_ended")["outcome"] == "abandoned"
        until(lambda: pair.first.operators()[1] == "ready", what=str(pair.first.operators()))


def test_a_name_of_the_house_is_refused_also_at_another_engine(pair: Pair) -> None:
    taken = pair.second.spawn(KINDLINE_SWITCHBOARD="sb-first", KINDLINE_SWITCHBOARD_PORT="0")
    try:
        assert taken.wait(180) == 3, pair.first.log()
    finally:
        pair.first.processes.remove(taken)


@pytest.mark.fault("T14")
def test_a_wire_that_is_out_for_some_seconds_costs_nobody_anything(pair: Pair) -> None:
    first, second = pair.first, pair.second
    with first.telephones(1) as here, second.telephones(2, 3) as there:
        at_work(first, 1)
        _, _, talk_here = here.talk(1)
        at_work(first, 2)
        _, operator, talk_there = there.talk(2)
        far, longest = waits(second, there)
        near, later = waits(first, here)
        mark_here, mark_there = here.line.mark(), there.line.mark()
        with pair.cut(2):
            until(lambda: pair.silent(8), what="it is heard")
            assert first.rows(REGISTERED, 2) == [(False,)], "a phone that cannot be reached is offered calls"
        assert owners(first, talk_here, later, talk_there, longest) == [*["sb-first"] * 2, *["sb-second"] * 2]
        assert [first.state(one) for one in (talk_here, talk_there)] == ["talking", "talking"]
        assert [first.state(one) for one in (longest, later)] == ["queued", "queued"]
        assert rings(here, mark_here) + rings(there, mark_there) == 0
        until(lambda: first.rows(REGISTERED, 2) == [(True,)], what="the phones of the node are not found again")
        with far.hearing() as heard:
            at_work(first, 3)
            phone = there.rung(3, since=mark_there)
            assert handset.header(phone, "X-Kindline-Contact") == longest
            handset.answer(phone)
            first.becomes(longest, "talking")
            phone.say(there.sound(2))
        assert sound.audible_s(heard.file) > 1
        for client, contact in ((far, longest), (near, later)):
            client.hang_up()
            first.comes(contact, "call_ended")
        operator.hang_up()
        first.comes(talk_there, "call_ended")
        assert first.fact(talk_there, "call_ended")["outcome"] == "answered"
        assert first.rows(CALLED_BACK, [talk_here, talk_there, longest, later]) == [(0,)]


@pytest.mark.fault("T14")
def test_with_the_database_out_of_reach_for_all_nobody_takes_the_other_for_lost(pair: Pair) -> None:
    first, second = pair.first, pair.second
    with first.telephones(1) as here, second.telephones(2) as there:
        at_work(first, 1)
        kept, _, talk_here = here.talk(1)
        far, longest = waits(second, there)
        near, later = waits(first, here)
        with pair.cut(1, 2):
            until(lambda: pair.silent(LOST_AFTER_S + 2), 60, "it is heard")
        settled = time.monotonic() + ALL_BACK_S + 2
        until(lambda: time.monotonic() > settled, 60)
        assert [first.state(one) for one in (talk_here, longest, later)] == ["talking", "queued", "queued"]
        assert first.rows(CALLED_BACK, [talk_here, longest, later]) == [(0,)]
        for client, contact in ((kept, talk_here), (far, longest), (near, later)):
            assert "call_adopted" not in first.kinds(contact)
            client.hang_up()
            first.comes(contact, "call_ended")
            assert first.fact(contact, "call_ended")["by"] == "client"
        first.post("/operators/1/wrap-up/end")


@pytest.mark.fault("T14")
def test_who_is_cut_off_for_longer_is_counted_once_and_nobody_rings_twice(pair: Pair) -> None:
    first, second = pair.first, pair.second
    with first.telephones(1) as here, second.telephones(2) as there:
        at_work(first, 1)
        kept, _, talk_here = here.talk(1)
        at_work(first, 2)
        client, answering, talk_there = there.talk(2)
        far, given_up = waits(second, there)
        near, stays = waits(first, here)
        mark_here, mark_there = here.line.mark(), there.line.mark()
        with pair.cut(2):
            for contact in (talk_there, given_up):
                first.comes(contact, "call_ended", CALLED_BACK_S)
                assert first.fact(contact, "call_ended")["by"] == "node"
            until(lambda: first.rows(CALLED_BACK, [talk_there, given_up]) == [(2,)], CALLED_BACK_S)
            fresh, number = there.call()
            there.begin_to_say(fresh, 30)
            assert first.state(stays) == "queued"
            serve_the_rest(first, here, kept, talk_here, [(near, stays)])
            until(second.spooled, 60, "the dialplan alone takes no message")
            fresh.hang_up()
        assert far.ended(60), "who was given up waits for nothing"
        with client.hearing() as heard:
            answering.say(there.sound(2))
        assert sound.audible_s(heard.file) > 1, "those who talked all the while are cut off"
        client.hang_up()
        assert answering.ended(60)
        first.comes(first.contact_of(number), "recording_stored")
        for contact in (talk_there, given_up):
            kinds = first.kinds(contact)
            assert (kinds.count("call_ended"), kinds.count("node_lost")) == (1, 1), kinds
        assert first.rows(CALLED_BACK, [talk_there, given_up, stays, talk_here]) == [(2,)]
        assert (rings(here, mark_here), rings(there, mark_there)) == (1, 0)
        until(lambda: first.rows(REGISTERED, 2) == [(True,)], what="the phones of the node are not found again")
        at_work(first, 2)
        last, _, contact = there.talk(2)
        last.hang_up()
        first.comes(contact, "call_ended")


@pytest.mark.fault("T6")
def test_who_is_cut_off_with_a_node_is_counted_and_called_back_and_nobody_else_loses_anything(pair: Pair) -> None:
    order = random.Random(SEED)
    first, second = pair.first, pair.second
    with first.telephones(1) as here, second.telephones(2) as there:
        at_work(first, 1)
        kept, operator, talk_here = here.talk(1)
        at_work(first, 2)
        _, _, talk_there = there.talk(2)
        places = [rig for rig in (first, second) for _ in range(2)]
        order.shuffle(places)
        callers = [(rig, *waits(rig, here if rig is first else there)) for rig in places]
        stay = [(client, contact) for rig, client, contact in callers if rig is first]
        doomed = [talk_there, *(contact for rig, _, contact in callers if rig is second)]
        with kept.hearing() as heard:
            died_at = second.die()
            for contact in doomed:
                first.comes(contact, "call_ended", CALLED_BACK_S)
            until(lambda: first.rows(CALLED_BACK, doomed) == [(len(doomed),)], CALLED_BACK_S, "nobody is called back")
            assert time.monotonic() - died_at < CALLED_BACK_S
            operator.say(here.sound(2))
        assert sound.audible_s(heard.file) > 1, "the survivor's talk is dead"
        for contact in doomed:
            assert first.fact(contact, "call_ended")["by"] == "node"
            assert first.fact(contact, "node_lost")["node"] == "2"
        for _, contact in stay:
            assert first.state(contact) == "queued", "a caller of the survivor lost his place"
        assert first.state(talk_here) == "talking"
        until(lambda: first.operators()[2] in ("wrap_up", "offline"), what=str(first.operators()))
        until(lambda: first.rows(REGISTERED, 2) == [(False,)])
        serve_the_rest(first, here, kept, talk_here, stay)
    assert first.rows("SELECT 1 FROM switchboard_reservation WHERE released_at IS NULL") == []


def serve_the_rest(first: Rig, here: Telephones, kept: Handset, talk: str, waiting: list[tuple[Handset, str]]) -> None:
    """The survivor goes on: the talk ends, those who waited are served in their order."""
    kept.hang_up()
    first.comes(talk, "call_ended")
    for client, contact in waiting:
        since = here.line.mark()
        first.post("/operators/1/wrap-up/end")
        phone = here.rung(1, since=since)
        assert handset.header(phone, "X-Kindline-Contact") == contact
        handset.answer(phone)
        first.becomes(contact, "talking")
        client.hang_up()
        first.comes(contact, "call_ended")
        assert first.fact(contact, "call_ended")["outcome"] == "answered"


def rings(phones: Telephones, since: int) -> int:
    """How often the operators' phones there were called."""
    events = phones.line.since(since)
    return sum(one["type"] == "StasisStart" and (one.get("args") or [""])[0].startswith("op") for one in events)


def owners(rig: Rig, *contacts: str) -> list[str]:
    return [rig.rows("SELECT owner FROM switchboard_call WHERE id = %s", contact)[0][0] for contact in contacts]


def test_a_node_that_comes_back_takes_calls_again(pair: Pair) -> None:
    with pair.second.where():
        pair.second.engine.start()
    pair.second.start(KINDLINE_SWITCHBOARD="sb-second")
    nodes.joined(pair.first, pair.second)
    with pair.first.telephones(1) as here, pair.second.telephones() as there:
        client, contact = waits(pair.second, there)
        pair.first.post("/operators/1/wrap-up/end")
        since = here.line.mark()
        pair.first.ready(1)
        phone = here.rung(1, since=since)
        assert handset.header(phone, "X-Kindline-Contact") == contact
        client.hang_up()
        pair.first.comes(contact, "call_ended")
    pair.second.kill(pair.second.processes[-1], signal.SIGTERM)
