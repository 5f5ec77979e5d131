"""The browser's phone in a real call: its microphone, its keypad, and the look at how loud it is."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from kindline.runtime.demo_calls import sound
from kindline.switchboard import sounds
from tests.desk import calling
from tests.desk.calling import Client, Desk, Town
from tests.desk.looking import check_everywhere
from tests.plugins.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.asterisk]
HEARD_S = 2
FIRST_BY_TCP = """
const Made = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Made {
  async setLocalDescription(...all) {
    await super.setLocalDescription(...all);
    void this.finds();
  }
  async finds() {
    for (let step = 0; step < 50; step++) await null;  // who waits for it listens by now, and nothing else has come
    const said = { candidate: "candidate:1 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active", sdpMid: "0" };
    this.dispatchEvent(new RTCPeerConnectionIceEvent("icecandidate", { candidate: new RTCIceCandidate(said) }));
  }
};
"""
"""The first address that a browser finds of itself is one of TCP, as on a busy machine: of no use to the engine."""


@pytest.fixture(scope="module")
def town(instance: Product) -> Iterator[Town]:
    """Telephones outside."""
    with calling.outside(instance) as made:
        yield made


@pytest.fixture(scope="module")
def desk(browser: Browser, instance: Product) -> Iterator[Desk]:
    """An operator whose microphone hears a steady tone."""
    made = calling.log_in(browser, instance, "operator1")
    yield made
    made.context.close()


@pytest.fixture(autouse=True)
def _left_as_found(town: Town, desk: Desk) -> Iterator[None]:
    desk.opens()
    yield
    town.at_rest(desk.employee)


def heard_s(town: Town, client: Client) -> float:
    """How much of two seconds of the operator a client hears, while he speaks himself."""
    speech = town.exchange.folder / "speech.wav"
    sounds.write(speech, [8000 if index // 10 % 2 else -8000 for index in range(8000 * HEARD_S)])
    with client.phone.hearing() as heard:
        client.phone.say(speech)
    return sound.audible_s(heard.file)


def test_a_microphone_that_is_switched_off_is_heard_by_nobody_until_it_is_on_again(town: Town, desk: Desk) -> None:
    desk.becomes("ready")
    client = town.calls()
    desk.answers()
    assert client.phone.listen(10), "the client does not hear the operator"
    assert heard_s(town, client) > HEARD_S / 2
    desk.page.keyboard.press("Alt+m")
    expect(desk.find(".call-flag")).to_be_visible()
    expect(desk.find(".call-buttons [aria-pressed=true]")).to_be_visible()
    check_everywhere(desk.page, "muted")
    assert heard_s(town, client) < 0.1, "who switched the microphone off is heard"
    desk.find(".call-buttons [aria-pressed=true]").click()
    expect(desk.find(".call-flag")).to_have_count(0)
    assert heard_s(town, client) > HEARD_S / 2, "the operator is not heard again"


def test_keys_of_the_keypad_are_heard_by_the_other_telephone(town: Town, desk: Desk) -> None:
    desk.becomes("ready")
    client = town.calls()
    desk.answers()
    since = town.line.mark()
    desk.page.keyboard.press("Alt+k")
    check_everywhere(desk.page, "keypad")
    for digit in "1#":
        desk.find(".keypad").get_by_role("button", name=digit, exact=True).click()

        def pressed(event: dict[str, object], wanted: str = digit) -> bool:
            return event["type"] == "ChannelDtmfReceived" and event["digit"] == wanted

        found = town.line.wait(pressed, 10, since=since)
        assert found is not None, f"{digit} does not arrive"
        assert found["channel"]["id"] == client.phone.channel


def test_before_a_call_the_operator_sees_how_loud_the_microphone_is(desk: Desk) -> None:
    desk.page.keyboard.press("Alt+v")
    expect(desk.find(".volume [data-level]")).to_have_attribute("style", re.compile(r"width: [1-9]\d*%"))
    check_everywhere(desk.page, "volume")
    desk.page.keyboard.press("Alt+v")
    expect(desk.find(".volume")).to_have_count(0)


def test_an_address_that_the_engine_cannot_use_is_not_answered_with(town: Town, desk: Desk) -> None:
    desk.context.add_init_script(FIRST_BY_TCP)
    desk.opens()
    desk.becomes("ready")
    client = town.calls()
    desk.answers()
    assert heard_s(town, client) > HEARD_S / 2, "the client does not hear the operator"
