"""Kamailio before an engine, as `kindline sip-proxy` sets it up (ADR 68): floods, strangers, engines that are full."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from kindline.runtime import ports
from kindline.runtime.asterisk import layout
from kindline.runtime.benches import sip
from kindline.runtime.benches.sip import BadLine, Flood
from kindline.runtime.kamailio import Front, trial
from tests.plugins.postgres import Server
from tests.switchboard import rig as rigs
from tests.switchboard.rig import Rig, Telephones, until
from tests.switchboard.test_rough import heard_throughout, served, stranger

pytestmark = [pytest.mark.asterisk, pytest.mark.fault("T10")]
PROXY, FLOODING, STRANGER, OTHER = "127.0.0.5", "127.0.0.2", "127.0.0.3", "127.0.0.4"
CALLS_MAX = 12
POURED_S, RATE = 8, 10 * CALLS_MAX
SHARE = 0.5


@dataclass(frozen=True)
class House:
    """An engine that is reached through a Kamailio, with two operators' telephones that registered through it."""

    rig: Rig
    phones: Telephones
    front: Front
    folder: Path
    second: str
    """Another place whence the engine takes calls: of a second Kamailio."""
    running: contextlib.ExitStack

    def start(self) -> None:
        """Start the Kamailio, or start it anew."""
        self.running.close()
        self.running.enter_context(trial.running(self.folder, self.front))


@pytest.fixture(scope="module")
def house(pg: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    inside, second, port = (ports.choose(udp=True) for _ in range(3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINDLINE_CALLS_MAX", str(CALLS_MAX))
        patch.setenv("KINDLINE_TRUNK_ADDRESSES", f"{PROXY}:{inside},{PROXY}:{second}")
        rig = rigs.build(tmp_path_factory.mktemp("behind"), pg)
    engine = f"127.0.0.1:{rig.engine.values.sip_port}"
    exchanges = ("127.0.0.1", FLOODING, OTHER)
    front = Front(exchanges, f"{PROXY}:{port}", f"{PROXY}:{inside}", (engine,), CALLS_MAX, share=SHARE)
    rig.start()
    rig.front = (PROXY, port)
    until(lambda: len(rig.passwords()) == 2)
    folder = tmp_path_factory.mktemp("kamailio")
    with contextlib.ExitStack() as running:
        running.enter_context(trial.running(folder, front))
        with rig.telephones(1, 2) as phones:
            yield House(rig, phones, front, folder, f"{PROXY}:{second}", running)
    rigs.end(rig)


@contextlib.contextmanager
def flooding(flood: Flood, method: str, rate: int) -> Iterator[None]:
    """Somebody floods while the block lasts, and for some seconds at least."""
    pouring = threading.Thread(target=flood.pour, args=(method, POURED_S * rate, rate), daemon=True)
    pouring.start()
    try:
        yield
    finally:
        pouring.join(60)


def test_t10_who_floods_is_told_when_to_come_again_and_others_get_through(house: House) -> None:
    rig = house.rig
    with heard_throughout(rig, house.phones), stranger(rig, FLOODING) as enemy, stranger(rig, OTHER) as other:
        flood = Flood(enemy, held=[])
        with flooding(flood, "INVITE", RATE):
            until(lambda: flood.said[503] > RATE, 20, "the flood is not refused")
            with BadLine(other, loss=0, jitter_s=0, number="+79005550077").talking():
                rig.becomes(rig.contact_of("+79005550077"), "queued")
        flood.drain(1)
        assert len(flood.held or []) <= SHARE * CALLS_MAX
        assert flood.said[503] > 0.8 * flood.sent, flood.said
        assert flood.advised[503] == flood.said[503]
        flood.let_go()
        flood.drain(1)
        served(rig, house.phones)


def test_t10_a_flood_of_registrations_is_told_when_to_come_again_and_keeps_nobody_out(house: House) -> None:
    rig = house.rig
    with heard_throughout(rig, house.phones), stranger(rig, STRANGER) as enemy:
        flood = Flood(enemy)
        with flooding(flood, "REGISTER", 300):
            until(lambda: flood.said[503] > 300, 20, "the flood is not refused")
            served(rig, house.phones)
        flood.drain(1)
    assert flood.said[200] == 0
    assert flood.advised[503] == flood.said[503] > 0.8 * flood.sent
    assert {"op1s", "op2s"} <= set(rig.health()["phones"])


def test_t10_when_all_engines_are_full_each_is_told_when_to_come_again(house: House) -> None:
    rig = house.rig
    with contextlib.ExitStack() as after:
        floods = [Flood(after.enter_context(stranger(rig, one)), held=[]) for one in (FLOODING, OTHER)]
        for flood in floods:
            flood.pour("INVITE", int(SHARE * CALLS_MAX), 5)
            until(lambda flood=flood: flood.drain(0.1) or len(flood.held or []) == SHARE * CALLS_MAX)  # type: ignore[misc]
        call, last = "full", after.enter_context(stranger(rig, "127.0.0.1"))
        last.send(last.request("INVITE", "direct", call=call, body=sip.sdp("127.0.0.1", 9)))
        answer = last.answer(call)
        sip.end_call(last, answer, bye=False)
        assert sip.status(answer) == 503
        assert int(sip.header(answer, "Retry-After")) > 0
        for flood in floods:
            flood.let_go()
            flood.drain(0.5)
    served(rig, house.phones)


@pytest.mark.parametrize("method", ["REGISTER", "INVITE"])
def test_t9_behind_it_nobody_passes_for_an_exchange_or_learns_who_is_there(house: House, method: str) -> None:
    with stranger(house.rig, STRANGER) as caller:
        told = set()
        for user in ("op1s", "op2w", "op4711s", "trunk", "nobody", "+79001234567"):
            call, body = caller.word(), sip.sdp(STRANGER, 9) if method == "INVITE" else ""
            to = "" if method == "REGISTER" else "direct"
            caller.send(caller.request(method, to, sender=user, call=call, body=body))
            answer = caller.answer(call)
            told.add("\n".join(sip.shape(answer)))
            assert sip.status(answer) == 401, answer
            if method == "INVITE":
                sip.end_call(caller, answer, bye=False)
        assert len(told) == 1, told


def test_what_is_no_call_of_an_engine_is_led_nowhere(house: House) -> None:
    """Who makes up a call that goes on gets nothing passed on to a machine of his choice."""
    with stranger(house.rig, STRANGER) as caller, stranger(house.rig, OTHER) as victim:
        host, port = house.rig.door
        route = f"Route: <sip:{host}:{port};lr>\r\n"
        request = caller.request("OPTIONS", "x", to_tag="made-up", more=route)
        caller.send(request.replace(f"x@{host}:{port}".encode(), f"x@{OTHER}:{victim.own}".encode(), 1))
        caller.send(caller.request("OPTIONS", "x", call="after"))
        assert caller.answer("after"), "the proxy is silent"
        assert victim.answer("", 0.2) == b""
        victim.socket.settimeout(0.1)
        with pytest.raises(TimeoutError):
            victim.socket.recv(65535)


def test_a_restart_of_the_proxy_cuts_no_call(house: House) -> None:
    rig = house.rig
    with heard_throughout(rig, house.phones):  # it is ended by the client, which goes through the proxy
        house.start()
    until(lambda: rig.rows("SELECT 1 FROM switchboard_call WHERE ended_at IS NULL") == [], 20, "a call is left")


def test_a_telephone_behind_it_that_falls_silent_is_seen_as_gone(house: House) -> None:
    rig, run = house.rig, layout.run_folder(house.phones.exchange.folder)
    process = int((run / "asterisk.pid").read_text(encoding="ascii"))
    os.kill(process, signal.SIGSTOP)
    try:
        until(lambda: rig.health()["phones"] == [], 30, "dead telephones are there")
    finally:
        os.kill(process, signal.SIGCONT)
    until(lambda: {"op1s", "op2s"} <= set(rig.health()["phones"]), 30, "the telephones do not come back")
    served(rig, house.phones)


def test_an_engine_that_is_silent_is_passed_over(house: House, tmp_path: Path) -> None:
    port = ports.choose(udp=True)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent, contextlib.ExitStack() as after:
        silent.bind(("127.0.0.1", 0))
        engines = (f"127.0.0.1:{silent.getsockname()[1]}", *house.front.engines)
        front = replace(house.front, listen=f"{PROXY}:{port}", inside=house.second, engines=engines)
        after.enter_context(trial.running(tmp_path, front))
        for number in range(4):
            caller = after.enter_context(contextlib.closing(sip.Caller(port, OTHER, host=PROXY)))
            line = BadLine(caller, loss=0, jitter_s=0, number=f"+7900555010{number}")
            after.enter_context(line.talking())
    served(house.rig, house.phones)
