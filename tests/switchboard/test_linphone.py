"""A real telephone reads the settings that the product writes for it: Debian's linphonec, by its own provisioning."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kindline.runtime.benches.sip import BadLine, Caller
from kindline.runtime.demo_calls import sound
from kindline.switchboard import sounds
from tests.plugins.postgres import Server
from tests.switchboard import rig as rigs
from tests.switchboard.rig import Rig, until

pytestmark = pytest.mark.asterisk
FETCH = """
from pathlib import Path
from django.utils import timezone
from kindline.staff.models import Employee
from kindline.switchboard import phone_setups
by = Employee.objects.get(pk=1)
_, secret = phone_setups.make_setup(employee=1, kind="linphone", by=by, now=timezone.now())
_, text = phone_setups.fetch_setup(secret=secret, address="127.0.0.1", now=timezone.now())
Path({path!r}).write_text(text, encoding="utf-8")
"""


@pytest.fixture(scope="module")
def house(pg: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A house whose first operator has no telephone yet."""
    rig = rigs.build(tmp_path_factory.mktemp("linphone"), pg)
    rig.start()
    until(lambda: len(rig.passwords()) == 2)
    yield rig
    rigs.end(rig)


@dataclass
class Linphone:
    """A running linphonec without a sound card: it plays a file and writes what it hears into another."""

    process: subprocess.Popen[str] = field(repr=False)
    kept: Path
    said: Path

    def order(self, words: str) -> None:
        """A line as its user would type it."""
        assert self.process.stdin is not None
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()


@contextlib.contextmanager
def linphone(folder: Path) -> Iterator[Linphone]:
    """The telephone of this folder, which answers by itself, until the end of the block."""
    for name in (".local/share/linphone", ".config", ".cache"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    words = ["linphonec", "-a", "-c", str(folder / "rc"), "-d", "5", "-l", str(folder / "linphone.log")]
    with (folder / "said.txt").open("w") as said:
        process = subprocess.Popen(
            words, env=os.environ | {"HOME": str(folder)}, cwd=folder, stdin=subprocess.PIPE, stdout=said,
            stderr=said, text=True,
        )  # fmt: skip
    found = Linphone(process, folder / "rc", folder / "said.txt")
    try:
        found.order("soundcard use files")
        yield found
        found.order("quit")
        process.wait(15)
    finally:
        process.kill()
        process.wait(10)
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            process.stdin.close()


@contextlib.contextmanager
def told_once(text: str) -> Iterator[str]:
    """An address that gives the text to who asks first, and to nobody else."""
    left = [text.encode()]

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = left.pop() if left else b""
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "application/xml; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing is written."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/linphone.xml"
        server.shutdown()


def registered(rig: Rig) -> bool:
    return "op1s" in rig.health().get("phones", [])


def test_a_real_telephone_reads_its_settings_registers_and_talks(house: Rig, tmp_path: Path) -> None:
    house.manage("shell", "-v", "0", "-c", FETCH.format(path=str(tmp_path / "told.xml")))
    tone = tmp_path / "tone.wav"
    sounds.write(tone, [8000 if index // 10 % 2 else -8000 for index in range(8000 * 30)])
    with told_once((tmp_path / "told.xml").read_text(encoding="utf-8")) as address:
        (tmp_path / "rc").write_text(f"[misc]\nconfig-uri={address}\n[sip]\nsip_port=-1\n", encoding="ascii")
        with linphone(tmp_path) as phone:
            until(lambda: registered(house), 30, "it does not register")
            phone.order(f"play {tone}")
            phone.order(f"record {tmp_path / 'heard.wav'}")
            talks(house)
            dials(house, phone)
        assert sound.audible_s(tmp_path / "heard.wav") > 1, "the operator does not hear the client"
        until(lambda: not registered(house), 30, "it does not sign off")
        with linphone(tmp_path):  # it is started anew: the address opens no more
            until(lambda: registered(house), 30, "it does not register again")
    assert "config-uri" not in (tmp_path / "rc").read_text(encoding="utf-8"), "it asks anew at each start"


def talks(rig: Rig) -> None:
    """A client calls; the telephone rings, answers, and both hear each other in A-law."""
    rig.ready(1)
    with contextlib.closing(Caller(rig.engine.values.sip_port)) as caller, _speaking(caller) as client:
        contact = rig.contact_of(client.number)
        rig.becomes(contact, "talking")
        until(lambda: client.loud > 100, 20, "the client hears nothing")
        told = [line for line in rig.engine.ask("pjsip show channelstats").splitlines() if "op1s" in line]
        assert " alaw " in told[0], told
    rig.comes(contact, "call_ended")


def _speaking(caller: Caller) -> contextlib.AbstractContextManager[BadLine]:
    return BadLine(caller, loss=0, jitter_s=0).talking()


def dials(rig: Rig, phone: Linphone) -> None:
    """Its owner dials the extension that lets him hear himself."""
    until(lambda: "op1s" not in rig.engine.ask("core show channels"), 20, "the talk before goes on")
    phone.order("call echo")
    until(lambda: "Echo" in rig.engine.ask("core show channels"), 20, "it dials nothing")
    phone.order("terminate")
    until(lambda: "Echo" not in rig.engine.ask("core show channels"), 20, "it does not hang up")
