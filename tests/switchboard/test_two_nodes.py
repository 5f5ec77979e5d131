"""Two switchboards, each with an engine of its own, on one database; then one pair is gone at a blow.

The ledger is kept outside, by the telephones: whom they called, and whether they heard and were cut off.
"""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from kindline.runtime.demo_calls import handset, sound
from kindline.runtime.demo_calls.handset import Handset
from tests.plugins import faults
from tests.plugins.postgres import Server
from tests.switchboard import nodes
from tests.switchboard import rig as rigs
from tests.switchboard.nodes import Node
from tests.switchboard.rig import Rig, Telephones, until

pytestmark = pytest.mark.asterisk
SEED = faults.seed(20261128)
CALLED_BACK_S = 60
"""So soon after its engine died a client stands on the list of those who are called back (T6)."""


@dataclass
class Pair:
    """Two nodes at work, and the telephones that call each of them."""

    first: Rig
    second: Node


@pytest.fixture(scope="module")
def pair(pg: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two engines and two switchboards."""
    first = rigs.build(tmp_path_factory.mktemp("pair"), pg, operators=3)
    second = nodes.beside(first)
    first.start(KINDLINE_SWITCHBOARD="sb-first")
    second.start(KINDLINE_SWITCHBOARD="sb-second")
    until(lambda: len(first.passwords()) == 3)
    nodes.joined(first, second)
    yield Pair(first, second)
    rigs.end(first)
    second.engine.stop()


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


def test_who_is_cut_off_with_a_node_is_counted_and_called_back_and_nobody_else_loses_anything(pair: Pair) -> None:
    order = random.Random(SEED)
    first, second = pair.first, pair.second
    with first.telephones(1) as here, second.telephones(2) as there:
        first.ready(1)
        kept, operator, talk_here = here.talk(1)
        first.ready(2)
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
            promised = (
                "SELECT count(DISTINCT contact_id) FROM conversations_callback WHERE contact_id = ANY(%s::uuid[])"
            )
            until(lambda: first.rows(promised, doomed) == [(len(doomed),)], CALLED_BACK_S, "nobody is called back")
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
        until(lambda: first.rows("SELECT registered FROM switchboard_operator WHERE employee_id = 2") == [(False,)])
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


def owners(rig: Rig, *contacts: str) -> list[str]:
    return [rig.rows("SELECT owner FROM switchboard_call WHERE id = %s", contact)[0][0] for contact in contacts]


def test_a_node_that_comes_back_takes_calls_again(pair: Pair) -> None:
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
