"""Rough weather for the engine (T9, T10, T11): nonsense, floods and bad lines, while people talk."""

from __future__ import annotations

import contextlib
import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from kindline.runtime.benches import sip
from kindline.runtime.benches.sip import BadLine, Caller, Flood
from kindline.runtime.demo_calls import handset, sound
from tests.plugins import faults
from tests.plugins.postgres import Server
from tests.switchboard import rig as rigs
from tests.switchboard import torture
from tests.switchboard.rig import Rig, Telephones, until

pytestmark = pytest.mark.asterisk
SEED = faults.seed(20261128)
DAMAGED = 1500
GROWTH_KB = 12_000
CALLS_MAX = 12
"""Calls that this engine takes at once, so that a flood is many times as much."""
POURED_S = 10
"""So long a flood pours, in each second ten times what the engine takes at once."""
RECOVERED_S = 60
"""A machine that nothing else is wanted of takes under five; how long it takes is not what is tested."""
GAP_S = 2.0
"""A dead stretch, beside the delays of a machine on which other tests run."""
STRANGERS = itertools.count()
STRANGER = "127.0.0.2"
"""An address that is not the exchange's."""


@pytest.fixture(scope="module")
def rough(pg: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Rig, Telephones]]:
    """A house that takes few calls at once, with one operator's telephone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINDLINE_CALLS_MAX", str(CALLS_MAX))
        rig = rigs.build(tmp_path_factory.mktemp("rough"), pg)
    rig.start()
    until(lambda: len(rig.passwords()) == 2)
    with rig.telephones(1, 2) as phones:
        yield rig, phones
    rigs.end(rig)


@contextlib.contextmanager
def talk_that_goes_on(rig: Rig, phones: Telephones) -> Iterator[str]:
    """Operator 1 talks, and is heard before and after whatever happens meanwhile; the call is the same one."""
    rig.post("/operators/1/wrap-up/end")
    rig.ready(1)
    client, operator, contact = phones.talk(1)
    yield contact
    with client.hearing() as heard:
        operator.say(phones.sound(2))
    assert sound.audible_s(heard.file) > 1.5, "the talk is dead"
    client.hang_up()
    rig.comes(contact, "call_ended")
    assert rig.fact(contact, "call_ended")["by"] == "client"


def memory_kb(rig: Rig) -> int:
    """What the engine holds of the machine's memory."""
    process = rig.engine.process
    assert process is not None
    assert process.poll() is None, "the engine is dead"
    told = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in told if line.startswith("VmRSS"))


@contextlib.contextmanager
def heard_throughout(rig: Rig, phones: Telephones) -> Iterator[None]:
    """Operator 1 talks without a pause to a client of whom each packet is timed, whatever happens meanwhile."""
    rig.post("/operators/1/wrap-up/end")
    rig.ready(1)
    since = phones.line.mark()
    with stranger(rig, "127.0.0.1") as caller, BadLine(caller, loss=0, jitter_s=0).talking() as client:
        phone = phones.rung(1, since=since)
        contact = handset.header(phone, "X-Kindline-Contact")
        handset.answer(phone)
        rig.becomes(contact, "talking")
        phones.begin_to_say(phone, 120)
        until(lambda: client.loud > 100, what="the client hears nothing")
        began = client.loud
        yield
        heard = client.loud
        until(lambda: client.loud > heard + 50, what="the talk is dead")
        assert client.longest_gap_s(began) < GAP_S, f"{client.longest_gap_s(began):.2f} s of the talk are missing"
    rig.comes(contact, "call_ended")
    assert rig.fact(contact, "call_ended")["by"] == "client"


@contextlib.contextmanager
def stranger(rig: Rig, address: str = STRANGER) -> Iterator[Caller]:
    """Somebody who sends what he likes."""
    host, port = rig.door
    caller = Caller(port, address, random.Random(SEED + next(STRANGERS)), host)
    with contextlib.closing(caller):
        yield caller


def served(rig: Rig, phones: Telephones) -> None:
    """A call is taken as ever, at the latest after some seconds."""
    client, number = phones.call()
    contact = rig.contact_of(number)
    rig.becomes(contact, "queued")
    client.hang_up()
    rig.comes(contact, "call_ended")


@pytest.mark.fault("T9")
def test_t9_nonsense_ends_nothing_and_leaves_nothing(rough: tuple[Rig, Telephones]) -> None:
    rig, phones = rough
    process = rig.engine.process
    with talk_that_goes_on(rig, phones), stranger(rig) as caller, stranger(rig, "127.0.0.1") as trunk:
        torment(caller, 200)
        before = memory_kb(rig)
        torment(caller, DAMAGED)
        torment(trunk, 0)
        served(rig, phones)
        assert memory_kb(rig) - before < GROWTH_KB
    assert rig.engine.process is process
    assert rig.health()["ready"]


def torment(caller: Caller, damaged: int) -> None:
    """Send all of it; what is taken as a call after all is ended."""
    flood = Flood(caller)
    for message in torture.messages(caller, random.Random(SEED), damaged):
        caller.send(message)
        flood.drain(0.0015)
    flood.drain(0.3)


@pytest.mark.fault("T9")
@pytest.mark.parametrize("method", ["REGISTER", "INVITE", "OPTIONS", "SUBSCRIBE", "MESSAGE"])
def test_t9_a_scanner_does_not_learn_who_is_there(rough: tuple[Rig, Telephones], method: str) -> None:
    rig, _ = rough
    with stranger(rig) as caller:
        told = {}
        for user in ("op1s", "op2w", "op4711s", "trunk", "nobody", "kl-2"):
            for sender in (user, "scanner"):
                body = sip.sdp(STRANGER, 9) if method == "INVITE" else ""
                call, named = caller.word(), "" if method == "REGISTER" else user
                caller.send(caller.request(method, named, sender=sender, call=call, body=body))
                answer = caller.answer(call)
                assert answer, f"{method} of {user} is not answered"
                told[user, sender] = sip.shape(answer)
                if method == "INVITE":
                    sip.end_call(caller, answer, bye=False)
        kinds = {"\n".join(said) for said in told.values()}
        assert len(kinds) == 1, told


@pytest.mark.fault("T10")
def test_t10_a_flood_of_calls_is_refused_and_those_who_talk_hear_nothing_of_it(rough: tuple[Rig, Telephones]) -> None:
    rig, phones = rough
    with heard_throughout(rig, phones), stranger(rig, "127.0.0.1") as caller:
        flood = Flood(caller, held=[])  # who lets go at once is never many at a time on a fast machine
        flood.pour("INVITE", POURED_S * 10 * CALLS_MAX, 10 * CALLS_MAX)
        flood.drain(1)
        assert len(flood.held or []) < CALLS_MAX
        assert flood.said[503] >= 9 * CALLS_MAX * POURED_S, flood.said
        flood.let_go()
        until(lambda: calls_left(rig, flood) == 1, RECOVERED_S, "calls of the flood are left")
        served(rig, phones)
        refusals = "SELECT coalesce(sum((data->>'count')::int), 0) FROM journal_fact WHERE kind = 'calls_blocked'"
        until(lambda: rig.rows(refusals)[0][0] > 0.9 * flood.said[503], what="who was refused is not counted")


def calls_left(rig: Rig, flood: Flood) -> int:
    """How many calls go on, once those of the flood that were taken late are ended too."""
    flood.drain(0.05)
    return int(rig.rows("SELECT count(*) FROM switchboard_call WHERE ended_at IS NULL")[0][0])


@pytest.mark.fault("T10")
def test_t10_a_flood_of_registrations_lets_nobody_in_and_keeps_nobody_out(rough: tuple[Rig, Telephones]) -> None:
    rig, phones = rough
    with heard_throughout(rig, phones), stranger(rig) as caller:
        flood = Flood(caller)
        flood.pour("REGISTER", POURED_S * 500, 500)
        flood.drain(1)
        assert flood.said[200] == 0
        served(rig, phones)
    assert {"op1s", "op2s"} <= set(rig.health()["phones"])


@pytest.mark.fault("T11")
def test_t11_a_bad_line_is_survived_and_told(rough: tuple[Rig, Telephones]) -> None:
    rig, phones = rough
    rig.post("/operators/1/wrap-up/end")
    rig.ready(1)
    since = phones.line.mark()
    with stranger(rig, "127.0.0.1") as caller, BadLine(caller, loss=0.05, jitter_s=0.08).talking() as bad:
        phone = phones.rung(1, since=since)
        contact = handset.header(phone, "X-Kindline-Contact")
        handset.answer(phone)
        rig.becomes(contact, "talking")
        nonsense_at(bad, random.Random(SEED))
        before = bad.loud
        with phone.hearing() as heard:
            phone.say(phones.sound(8))
        assert bad.loud - before > 300, "the client does not hear the operator"
        assert sound.audible_s(heard.file) > 2, "the operator does not hear the client"
        until(lambda: bad.sent > 1600, 60)  # it is asked every ten seconds how sound comes through
    rig.comes(contact, "call_ended")
    rig.comes(contact, "media_measured")
    told = {data["leg"]: data for kind, data in rig.facts(contact) if kind == "media_measured"}
    assert 0.02 < told["client"]["loss_share"] < 0.10, told
    assert told["operator"]["loss_share"] < 0.02, told


def nonsense_at(bad: BadLine, order: random.Random) -> None:
    """Packets that are not of this call, at the port where its sound is taken: of other streams, encrypted, broken."""
    with contextlib.closing(Caller(bad.far[1], "127.0.0.3", order)) as other:
        for first in (0x80, 0x00, 0x01, 0x16, 0x17, 0x14, 0x40, 0xFF, 0xBF, 0x90):
            for size in (1, 11, 12, 13, 40, 172, 1400):
                other.send(bytes([first, *order.randbytes(size - 1)]))
