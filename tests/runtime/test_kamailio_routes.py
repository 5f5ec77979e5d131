"""What a real Kamailio lets through, and from which of its ports; a socket plays the engine (ADR 68)."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kindline.runtime import ports
from kindline.runtime.benches import sip
from kindline.runtime.benches.sip import Caller, Flood
from kindline.runtime.kamailio import REQUESTS, Front, trial

pytestmark = pytest.mark.fault("T10")
PROXY, ENGINE, EXCHANGE = "127.0.0.5", "127.0.0.1", "127.0.0.2"
STRANGER, OTHER, TELEPHONE = "127.0.0.3", "127.0.0.4", "127.0.0.6"
OWN = "own-telephone"
COPIES = 4
"""Of a request that nobody answers the fourth copy comes 3.5 s after the first: an engine that asks whether a telephone
is there has given it up by then."""


@dataclass
class Engine:
    """It says that it is there, lets one telephone register, and keeps what else it hears, with whence it came."""

    caller: Caller
    heard: list[tuple[bytes, tuple[str, int]]] = field(default_factory=list)
    asked: threading.Event = field(default_factory=threading.Event)

    def listen(self) -> None:
        """Until an empty message comes."""
        while True:
            message, whence = self.caller.socket.recvfrom(65535)
            if not message:
                return
            if message.startswith(b"OPTIONS") and b"sip:proxy@" in message:
                self.caller.socket.sendto(sip.reply(message), whence)
                self.asked.set()
                continue
            self.heard.append((message, whence))
            if message.startswith(b"REGISTER"):
                code = "200 OK" if OWN in sip.header(message, "From") else "401 Unauthorized"
                self.caller.socket.sendto(sip.reply(message, code), whence)

    def of(self, call: str) -> list[tuple[bytes, tuple[str, int]]]:
        """What it heard of a call."""
        return [(message, whence) for message, whence in self.heard if sip.header(message, "Call-ID") == call]

    @property
    def at(self) -> str:
        return f"{self.caller.address}:{self.caller.own}"


@dataclass(frozen=True)
class House:
    """A Kamailio that does one thing after the other, and the engine behind it."""

    front: Front
    engine: Engine

    @property
    def port(self) -> int:
        return int(self.front.listen.rpartition(":")[2])

    @contextlib.contextmanager
    def caller(self, address: str) -> Iterator[Caller]:
        """Somebody who sends to the proxy."""
        with contextlib.closing(Caller(self.port, address, host=PROXY)) as caller:
            yield caller

    def has_done_it(self) -> None:
        """What came before is done with: the proxy has answered what came after."""
        with self.caller(EXCHANGE) as asking:
            asking.send(asking.request("OPTIONS", "", call="done"))
            assert sip.status(asking.answer("done")) == 200


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    port, inside = ports.choose(udp=True), ports.choose(udp=True)
    with contextlib.closing(Caller(port, ENGINE, host=PROXY)) as own:
        engine = Engine(own)
        listening = threading.Thread(target=engine.listen, daemon=True)
        listening.start()
        front = Front((EXCHANGE,), f"{PROXY}:{port}", f"{PROXY}:{inside}", (engine.at,), 10, children=1)
        with trial.running(tmp_path, front):
            assert engine.asked.wait(20)
            yield House(front, engine)
        own.socket.sendto(b"", (ENGINE, own.own))
        listening.join(10)


def within(house: House, caller: Caller, *routes: str, target: str = "", method: str = "OPTIONS") -> str:
    """Send a request that says it belongs to a call; its Call-ID."""
    call, more = caller.word(), "".join(f"Route: <{one}>\r\n" for one in routes)
    request = caller.request(method, "x", call=call, to_tag="made-up", more=more)
    caller.send(led_to(target or house.engine.at, request))
    return call


def led_to(place: str, request: bytes) -> bytes:
    """The request with another place in its first line."""
    first, rest = request.split(b"\r\n", 1)
    method, _, version = first.split(b" ")
    return b" ".join([method, f"sip:x@{place}".encode(), version]) + b"\r\n" + rest


def nothing_came(caller: Caller) -> None:
    caller.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        caller.socket.recv(65535)


@pytest.mark.parametrize(
    ("routes", "target"),
    [
        (("{listen};lr", "{victim};lr"), "{engine}"),
        (("{victim};lr",), "{engine}"),
        (("{listen};lr", "{victim}"), "{engine}"),
        (("{listen};lr", "{engine};lr", "{victim};lr"), "{engine}"),
        (("{listen};lr;r2=on", "{inside};lr;r2=on", "{victim};lr"), "{engine}"),
        (("{listen};lr",), "{victim}"),
        (("{listen};lr",), "{engine};maddr={victim_host}"),
    ],
)  # fmt: skip
def test_nobody_sends_through_it_to_a_place_of_his_choice(house: House, routes: tuple[str, ...], target: str) -> None:
    with house.caller(STRANGER) as caller, house.caller(OTHER) as victim:
        names = {
            "listen": house.front.listen, "inside": house.front.inside, "engine": house.engine.at,
            "victim": f"{OTHER}:{victim.own}", "victim_host": OTHER,
        }  # fmt: skip
        within(house, caller, *(f"sip:{one.format(**names)}" for one in routes), target=target.format(**names))
        house.has_done_it()
        nothing_came(victim)


def test_no_name_is_looked_up_for_a_stranger(house: House) -> None:
    """Who owns a name could let it mean the engine when it is tried, and another machine when it is sent to."""
    with house.caller(STRANGER) as caller:
        call = within(house, caller, f"sip:{house.front.listen};lr", target=f"localhost:{house.engine.caller.own}")
        house.has_done_it()
        assert house.engine.of(call) == []


@pytest.mark.parametrize(("who", "inside"), [(STRANGER, False), (EXCHANGE, True)])
def test_whence_the_engine_hears_a_request_is_not_the_senders_choice(house: House, who: str, inside: bool) -> None:
    with house.caller(who) as caller:
        for routes in (("listen",), ("listen", "inside")):
            places = [f"sip:{getattr(house.front, one)};lr{';r2=on' * (len(routes) - 1)}" for one in routes]
            call = within(house, caller, *places)
            house.has_done_it()
            (_, (host, port)), *_ = house.engine.of(call)
            assert f"{host}:{port}" == (house.front.inside if inside else house.front.listen), routes


def test_a_telephone_that_is_silent_is_not_answered_for(house: House) -> None:
    """The engine takes any answer to its question, also a refusal, for a telephone that is there."""
    engine = house.engine
    with house.caller(TELEPHONE) as phone:
        place, call = f"{TELEPHONE}:{phone.own}", "still-there"
        asked = engine.caller.request("OPTIONS", "x", call=call)
        engine.caller.send(led_to(place, asked))
        heard_out(phone)
        assert engine.of(call) == []


def test_an_engine_that_is_slow_within_a_call_is_not_answered_for(house: House) -> None:
    with house.caller(EXCHANGE) as caller:
        call = within(house, caller, f"sip:{house.front.listen};lr", method="INFO")
        until = time.monotonic() + 20
        while len(house.engine.of(call)) < COPIES and time.monotonic() < until:
            assert caller.answer(call, 0.1) == b""
        assert len(house.engine.of(call)) >= COPIES


def heard_out(phone: Caller) -> None:
    """Hear every copy of a request, and answer none."""
    phone.socket.settimeout(10)
    for _ in range(COPIES):
        assert phone.socket.recv(65535)


def flooded(house: House, *strangers: Caller) -> None:
    """Strangers have used up what all of them may have this second."""
    for stranger in strangers:
        flood = Flood(stranger)
        flood.pour("REGISTER", 3 * REQUESTS, 10_000)
        flood.drain(0.05)
        assert flood.said[503], flood.said


def test_a_flood_of_strangers_does_not_tell_an_exchange_that_nobody_is_there(house: House) -> None:
    with house.caller(STRANGER) as one, house.caller(OTHER) as two, house.caller(EXCHANGE) as exchange:
        for call in "abc":
            flooded(house, one, two)
            exchange.send(exchange.request("OPTIONS", "", call=call))
            assert sip.status(exchange.answer(call)) == 200


def test_a_flood_of_strangers_keeps_no_telephone_from_registering_anew(house: House) -> None:
    with house.caller(STRANGER) as one, house.caller(OTHER) as two, house.caller(TELEPHONE) as phone:
        phone.send(phone.request("REGISTER", "", sender=OWN, call="first"))
        assert sip.status(phone.answer("first")) == 200
        for call in "abc":
            flooded(house, one, two)
            phone.send(phone.request("REGISTER", "", sender=OWN, call=call))
            assert sip.status(phone.answer(call)) == 200
