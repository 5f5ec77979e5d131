"""An operator in a talk whose wire is really cut for ten seconds: no packet of his browser passes, of whatever kind.

The browser is on a machine of its own, and reaches the house as at work: by HTTPS through nginx, sound from the engine.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from kindline.runtime import instance as instances
from kindline.runtime import ports
from kindline.runtime.nginx import trial
from kindline.switchboard import sounds
from tests.desk import calling
from tests.desk.calling import Client, Desk, Town
from tests.desk.test_moving_browser import ends, kept, talks
from tests.desk.test_stranger import KEEP_CONNECTIONS, both_hear
from tests.plugins import product as products
from tests.plugins.product import Product
from tests.runtime.test_nginx import paired
from tests.switchboard import machines
from tests.switchboard.machines import Lan, Machine

pytestmark = [pytest.mark.browser, pytest.mark.asterisk, pytest.mark.timeout(900)]
CUT_S = 10
BACK_S = 15
"""So soon after the wire is whole both hear each other."""
SPOKEN_S = 10
"""So long it may take to say and hear what shows it (five seconds of speech)."""
PLUG, WAY = "the plug is pulled", "packets are lost on the way"
FORGOTTEN = "the connections are forgotten meanwhile"
ONE_MORE = "Холодные батареи"


@dataclass
class Work:
    """A product behind nginx, and the machine at which an operator sits."""

    product: Product
    machine: Machine
    url: str
    port: int
    """Nginx's."""

    @contextlib.contextmanager
    def cut(self, how: str) -> Iterator[None]:
        """Nothing of the browser passes."""
        (self.machine.cut if how == PLUG else self.machine.lose)()
        try:
            if how == FORGOTTEN:
                self.forget()
            yield
        finally:
            (self.machine.heal if how == PLUG else self.machine.find)()

    def forget(self) -> None:
        """Nobody knows the connections of the browser any more, and it is not told: who sends learns it."""
        words = ["ss", "-K", "-tn", "state", "established", "dst", self.machine.address, "sport", "=", f":{self.port}"]
        killed = subprocess.run(words, check=False, capture_output=True, text=True)
        if self.machine.address not in killed.stdout:
            pytest.skip(f"this kernel forgets no connection: {killed.stderr}")


@pytest.fixture(scope="module")
def lan() -> Iterator[Lan]:
    """A machine beside this one."""
    try:
        made = contextlib.ExitStack()
        found = made.enter_context(machines.lan(1))
    except machines.NoMachinesError as error:
        pytest.skip(str(error))
    with made:
        yield found


@pytest.fixture(scope="module")
def work(lan: Lan, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Work]:
    """The house behind nginx with a certificate, reached at an address of the bridge."""
    port, folder = ports.choose(), tmp_path_factory.mktemp("wired")
    place = f"{lan.address}:{port}"
    told = {
        "KINDLINE_SIP_ADDRESS": lan.address, "KINDLINE_TRUNK_ADDRESSES": lan.address, "KINDLINE_PROXIES": "1",
        "KINDLINE_HTTPS": "1", "KINDLINE_HOSTS": lan.address, "KINDLINE_ORIGINS": f"https://{place}",
        "KINDLINE_LIVE_URL": f"https://{place}/events", "KINDLINE_SOCKET_URL": f"wss://{place}/ws",
    }  # fmt: skip
    made = products.launch(folder / "product", "--profile", "krc", told=told)
    try:
        with trial.running(folder / "nginx", _before(made, folder, port, lan.address), port):
            yield Work(made, lan.machines[0], f"https://{place}", port)
    finally:
        made.stop()


def _before(product: Product, folder: Path, port: int, name: str) -> str:
    """What `kindline proxy` writes for this product."""
    secured = [f"--{word}={path}" for word, path in paired(folder).items()]
    places = [f"--listen={port}", "--plain=off", f"--cache={folder / 'cache'}", "--access-log=off"]
    words = [sys.executable, "-m", "kindline.runtime", "proxy", name, *secured, *places]
    environment = product.environment() | {instances.ENVIRONMENT: str(product.folder)}
    done = subprocess.run(words, cwd=products.ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture(scope="module")
def town(work: Work) -> Iterator[Town]:
    """Telephones outside."""
    with calling.outside(work.product) as made:
        yield made


@pytest.fixture(scope="module")
def far(work: Work, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser on that machine."""
    folder = tmp_path_factory.mktemp("far")
    program, tone = folder / "chromium", products.write_tone(folder / "tone.wav")
    program.write_text(f'#!/bin/sh\nexec ip netns exec {work.machine.name} {products.chromium()} "$@"\n')
    program.chmod(0o755)
    flag = f"--use-file-for-fake-audio-capture={tone}"
    made = products.launch_browser(browser.browser_type, flag, program=str(program))
    yield made
    made.close()


@pytest.fixture
def desk(far: Browser, work: Work, town: Town) -> Iterator[Desk]:
    """The operator at his screen; off, and nobody in a call, afterwards."""
    made = calling.log_in(far, work.product, "operator1", url=work.url)
    made.context.add_init_script(KEEP_CONNECTIONS)
    yield made
    town.at_rest(made.employee)
    made.context.close()


def speech(town: Town) -> Path:
    """What the client says for as long as the wire is cut."""
    path = town.exchange.folder / "cut.wav"
    if not path.exists():
        sounds.write(path, [8000 if index // 10 % 2 else -8000 for index in range(8000 * CUT_S)])
    return path


def steps(town: Town, client: Client) -> list[str]:
    return [str(said["step"]) for kind, said in town.facts(client.contact) if kind == "step_done"]


def appeals(town: Town, client: Client) -> int:
    found = town.rows("SELECT count(*) FROM appeals_appeal WHERE contact_id = %s", client.contact)
    return int(found[0][0])


def wants_to_register(desk: Desk) -> None:
    """The form of an appeal is filled in."""
    desk.page.keyboard.press("Alt+r")
    desk.find("#form-appeal > summary").click()
    desk.find("#form-appeal label.outcome").first.click()
    desk.find("#appeal-substance").fill(ONE_MORE)


@pytest.mark.fault("T8")
@pytest.mark.parametrize("how", [PLUG, WAY, FORGOTTEN])
def test_a_wire_that_is_cut_for_ten_seconds_costs_neither_the_caller_nor_what_was_clicked(
    work: Work, town: Town, desk: Desk, how: str
) -> None:
    client = talks(town, desk)
    waiting = town.calls()
    before = steps(town, client)
    wants_to_register(desk)
    with work.cut(how):
        desk.find("#register-appeal").click()
        desk.find("#tab-guide").click()
        desk.says()  # shown at once, though nobody hears of it
        client.phone.say(speech(town))
        expect(desk.find(".notice-place .alert-danger, .trouble").first).to_be_visible()
        assert (steps(town, client), appeals(town, client)) == (before, 0), "the wire is not cut"
        assert town.kinds(client.contact, "media_lost") == ["media_lost"]
    whole_at = time.monotonic()
    town.comes(client.contact, "media_reattached", BACK_S)
    both_hear(town, desk, client)
    assert time.monotonic() - whole_at < BACK_S + SPOKEN_S, "sound is late"
    desk.shows("talking")
    expect(desk.find(".phone-on")).to_be_visible(timeout=calling.SOON_MS)
    expect(desk.find(".trouble")).to_have_count(0, timeout=calling.SOON_MS)
    kept(town, client)
    goes_on_working(town, desk, client, before)
    assert "call_offered" not in town.kinds(waiting.contact), "an operator who was out of reach is given a call"
    ends(town, desk, client)
    complete(town, client)
    desk.find(".result .btn-success").click()
    desk.answers()
    assert town.comes(waiting.contact, "call_offered")["employee"] == desk.employee
    both_hear(town, desk, waiting)


@pytest.mark.fault("T8")
def test_what_arrives_while_its_answer_is_lost_is_entered_once(work: Work, town: Town, desk: Desk) -> None:
    client = talks(town, desk)
    before = steps(town, client)
    wants_to_register(desk)
    work.machine.lose(answers_alone=True)
    try:
        desk.find("#register-appeal").click()
        desk.find("#tab-guide").click()
        desk.says()
        calling.until(lambda: appeals(town, client) and len(steps(town, client)) > len(before), what="nothing arrives")
        expect(desk.find(".trouble")).to_be_visible(timeout=calling.SOON_MS)
    finally:
        work.machine.find()
    expect(desk.find(".trouble")).to_have_count(0, timeout=calling.SOON_MS)
    desk.shows("talking")
    both_hear(town, desk, client)
    kept(town, client)
    goes_on_working(town, desk, client, before)
    ends(town, desk, client)


def goes_on_working(town: Town, desk: Desk, client: Client, before: list[str]) -> None:
    """What was clicked without a wire is there once, and so is what is clicked now."""
    calling.until(lambda: len(steps(town, client)) > len(before), what="the step is lost")
    desk.says()
    calling.until(lambda: len(steps(town, client)) > len(before) + 1, what="no step is written any more")
    found = steps(town, client)
    assert len(set(found)) == len(found) == len(before) + 2, "a step is entered twice"
    desk.page.keyboard.press("Alt+r")
    expect(desk.find("#appeal-substance")).to_have_value(ONE_MORE)
    desk.find("#register-appeal").click()
    expect(desk.find("#form-appeal .badge")).to_have_text(re.compile(r"^[^,]+$"), timeout=calling.SOON_MS)
    assert appeals(town, client) == 1, "an appeal is registered twice"


def complete(town: Town, client: Client) -> None:
    """The whole talk is written down: the gap, both sides of its recording, how it ended."""
    town.comes(client.contact, "recording_stored", 60)
    kinds = town.kinds(client.contact)
    for once in ("media_lost", "media_reattached", "call_answered", "call_ended", "contact_closed"):
        assert kinds.count(once) == 1, (once, kinds)
    gap_s = next(said["gap_s"] for kind, said in town.facts(client.contact) if kind == "media_reattached")
    assert 0 < gap_s < CUT_S + BACK_S
