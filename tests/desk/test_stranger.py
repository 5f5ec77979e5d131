"""A stranger at a browser's call (T11): he can neither take it by a DTLS greeting, nor end it, nor be heard in it."""

from __future__ import annotations

import os
import random
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from kindline.runtime import ports
from kindline.runtime.demo_calls import sound
from kindline.switchboard import sounds
from tests.desk import calling, stranger
from tests.desk.calling import Client, Desk, Town, until
from tests.desk.stranger import Stranger
from tests.plugins import faults
from tests.plugins.product import Product

SEED = faults.seed(20261129)
AUDIBLE_J = 0.01
"""Energy of what a browser hears (getStats) that silence never comes to and a second of a tone does."""
KEEP_CONNECTIONS = """
window.connections = [];
const Made = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Made {
  constructor(...all) { super(...all); window.connections.push(this); }
};
"""
STATS = """async () => {
  const found = [];
  (await window.connections.at(-1).getStats()).forEach((one) => found.push(one));
  return found;
}"""


@pytest.fixture(scope="module")
def town(instance: Product) -> Iterator[Town]:
    """Telephones outside."""
    with calling.outside(instance) as made:
        yield made


@pytest.fixture
def desk(browser: Browser, instance: Product, town: Town) -> Iterator[Desk]:
    """An operator whose page keeps its connections for us to look at; off, and nobody in a call, afterwards."""
    made = calling.log_in(browser, instance, "operator1")
    made.context.add_init_script(KEEP_CONNECTIONS)
    yield made
    town.at_rest(made.employee)
    made.context.close()


@pytest.fixture
def somebody() -> Iterator[Stranger]:
    """A stranger."""
    made = Stranger(random.Random(SEED))
    yield made
    made.close()


@pytest.mark.fault("T11")
@pytest.mark.browser
@pytest.mark.asterisk
def test_t11_a_stranger_takes_no_call_of_a_browser_and_is_not_heard_in_it(
    town: Town, desk: Desk, somebody: Stranger
) -> None:
    """ASVS 5.0: 17.2.2 ciphers, 17.2.3 authentication of SRTP, 17.2.4 malformed SRTP, 17.2.6 the ClientHello race."""
    first, last = town.product.instance.ports.rtp
    desk.opens()
    desk.becomes("ready")
    client = town.calls()
    with somebody.greeting(range(first, last + 1, 2)):
        desk.rings()
        desk.answers()
        both_hear(town, desk, client)
    line = line_of(desk.page)
    assert line["dtlsState"] == "connected"
    assert line["dtlsCipher"].endswith("GCM_SHA256"), line
    assert line["srtpCipher"] in ("SRTP_AES128_CM_HMAC_SHA1_80", "SRTP_AEAD_AES_128_GCM"), line

    torment(somebody, desk.page)
    both_hear(town, desk, client)
    torment(somebody, desk.page)
    both_hear(town, desk, client)
    assert line_of(desk.page)["dtlsState"] == "connected"
    assert somebody.answers == [], "the engine speaks with a stranger"
    client.phone.hang_up()
    told_of(town, client)
    desk.finishes("answered")


def line_of(page: Page) -> dict[str, Any]:
    """What the browser says of its transport."""
    return next(one for one in page.evaluate(STATS) if one["type"] == "transport")


def heard_j(page: Page) -> float:
    """The energy of all that this browser has heard in the call."""
    return sum(float(one["totalAudioEnergy"]) for one in page.evaluate(STATS) if one["type"] == "inbound-rtp")


def both_hear(town: Town, desk: Desk, client: Client) -> None:
    """The client hears the browser's microphone, and the browser the client."""
    before = heard_j(desk.page)
    with client.phone.hearing() as heard:
        client.phone.say(tone(town))
    assert (heard_s := sound.audible_s(heard.file)) > 2, f"the client does not hear the operator: {heard_s:.1f} s"
    until(lambda: heard_j(desk.page) - before > AUDIBLE_J, what="the operator does not hear the client")


def tone(town: Town) -> Path:
    """Five seconds that a client says: with the calls of `both_hear` the engine is asked how sound comes through."""
    path = town.exchange.folder / "stranger.wav"
    if not path.exists():
        sounds.write(path, [8000 if index // 10 % 2 else -8000 for index in range(8000 * 5)])
    return path


def torment(somebody: Stranger, page: Page) -> None:
    """Everything that is not of the call, to the port of the call; where we may, also in the browser's own name."""
    here, there, ssrc = ends_of(page)
    packets = [stranger.client_hello(somebody.order), stranger.alert(), *stranger.malformed(ssrc, somebody.order)]
    assert somebody.send(packets, [there]) > 900
    if os.geteuid() == 0:
        stranger.as_if_from(here, there, packets[2:])


def ends_of(page: Page) -> tuple[int, int, int]:
    """The browser's port, the engine's, and the mark of the stream that the browser sends."""
    told = {one["id"]: one for one in page.evaluate(STATS)}
    line = next(one for one in told.values() if one["type"] == "transport")
    pair = told[line["selectedCandidatePairId"]]
    sent = next(one for one in told.values() if one["type"] == "outbound-rtp")
    return told[pair["localCandidateId"]]["port"], told[pair["remoteCandidateId"]]["port"], sent["ssrc"]


def told_of(town: Town, client: Client) -> None:
    """The journal: one talk from its answer to the client's end, and how well it came through."""
    assert town.comes(client.contact, "call_ended")["by"] == "client"
    town.comes(client.contact, "media_measured", leg="operator")
    kinds = town.kinds(client.contact)
    assert kinds.count("call_answered") == 1
    assert "media_lost" not in kinds
    measured = [data for kind, data in town.facts(client.contact) if kind == "media_measured"]
    assert {data["leg"] for data in measured} == {"client", "operator"}
    assert all(data["received"] > 250 and data["loss_share"] < 0.05 for data in measured), measured


def test_the_greeting_is_one_that_a_server_of_dtls_answers(tmp_path: Path) -> None:
    """Else the stranger's would prove nothing."""
    key, certificate, port = tmp_path / "key.pem", tmp_path / "certificate.pem", ports.choose(udp=True)
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test", "-days", "2"]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    words = ["openssl", "s_server", "-dtls1_2", "-accept", f"127.0.0.1:{port}", "-cert", str(certificate)]
    server = subprocess.Popen(
        [*words, "-key", str(key), "-quiet"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as greeter:
            greeter.connect(("127.0.0.1", port))
            greeter.settimeout(5)
            asks = until(lambda: answer_to(greeter, stranger.client_hello(random.Random(SEED))))
            assert (asks[0], asks[13]) == (stranger.HANDSHAKE, stranger.HELLO_VERIFY_REQUEST)
            cookie = asks[stranger.RECORD + stranger.MESSAGE + 3 :]
            answer = answer_to(greeter, stranger.client_hello(random.Random(SEED), cookie))
    finally:
        server.kill()
        server.communicate()
    assert (answer[0], answer[13]) == (stranger.HANDSHAKE, stranger.SERVER_HELLO)


def answer_to(greeter: socket.socket, greeting: bytes) -> bytes:
    """What comes back; nothing where nobody listens yet."""
    try:
        greeter.send(greeting)
        return greeter.recv(4096)
    except ConnectionRefusedError:
        return b""
