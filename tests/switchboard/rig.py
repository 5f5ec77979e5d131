"""A switchboard as a process of its own, with an engine, a database and telephones, to be treated badly."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest

from kindline.runtime import shape
from kindline.runtime.asterisk import engine as engines
from kindline.runtime.demo_calls import exchange, handset
from kindline.runtime.demo_calls import line as lines
from kindline.runtime.demo_calls.exchange import Exchange, Extension
from kindline.runtime.demo_calls.handset import Handset
from kindline.runtime.demo_calls.line import Line
from tests.plugins.asterisk import Asterisk
from tests.plugins.asterisk import launch as launch_asterisk
from tests.plugins.postgres import Server

ROOT = Path(__file__).resolve().parents[2]
STAFF = """
from kindline.staff.models import Employee
for number in range(1, {count} + 1):
    names = {{"username": f"op{{number}}", "surname": f"S{{number}}", "given_name": "A"}}
    Employee.objects.create(**names, roles=["operator"], number=number)
"""
ALWAYS_OPEN = {"days": "[mon, tue, wed, thu, fri, sat, sun]", "intervals": '[["00:00", "24:00"]]', "holidays": "open"}
T = TypeVar("T")
Where = Callable[[], contextlib.AbstractContextManager[None]]
"""How one comes to a machine."""


def until(found: Callable[[], T], limit_s: float = 20, what: str = "") -> T:
    """Wait for a condition, and return what it found."""
    end = time.monotonic() + limit_s
    while True:
        value = found()
        if value:
            return value
        assert time.monotonic() < end, f"not within {limit_s} s: {what or found}"
        time.sleep(0.03)


@dataclass
class Rig:
    """Everything that a call needs, and means to break it."""

    folder: Path
    engine: Asterisk
    database: str
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    trunk_port: int | None = None
    """Where the house calls numbers outside."""
    asked_at: int | None = None
    """Where the screens ask; None: at the port of the instance."""
    where: Where = contextlib.nullcontext
    """The machine on which all of it runs."""
    front: tuple[str, int] | None = None
    """Where calls and telephones come in; None: at the engine itself."""

    @property
    def door(self) -> tuple[str, int]:
        """Where calls and telephones come in."""
        return self.front or (self.engine.values.sip_address, self.engine.values.sip_port)

    # -- the switchboard --
    def environment(self, **more: str) -> dict[str, str]:
        return os.environ | {
            "KINDLINE_INSTANCE": str(self.folder),
            "KINDLINE_DATABASE_URL": self.database,
            "DJANGO_SETTINGS_MODULE": "kindline.runtime.settings",
            "KINDLINE_DATABASE_POOL": "0",
            "KINDLINE_VOICES": "kindline.connectors.voices.espeak.Espeak",
            "KINDLINE_PROFILES": str(self.folder / "profiles"),
            "KINDLINE_LOG_LEVEL": "INFO",
            "PYTHONUNBUFFERED": "1",
        } | more  # fmt: skip

    def manage(self, *words: str) -> None:
        command = [sys.executable, "-m", "kindline.runtime", "manage", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]

    def spawn(self, *module: str, **more: str) -> subprocess.Popen[bytes]:
        """Start a switchboard, or another process of the house, without waiting for it."""
        words = [sys.executable, "-m", *(module or ("kindline.switchboard.process",))]
        with self.where(), (self.folder / "switchboard.log").open("ab") as log:
            process = subprocess.Popen(words, cwd=ROOT, env=self.environment(**more), stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def start(self, **more: str) -> subprocess.Popen[bytes]:
        """Start a switchboard and wait until it takes calls."""
        process = self.spawn(**more)
        until(lambda: self.health().get("ready") or process.poll() is not None, 60, "the switchboard is not ready")
        assert process.poll() is None, self.log()
        return process

    def kill(self, process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGKILL) -> None:
        if process.poll() is None:
            process.send_signal(how)
            process.wait(15)

    def story(self) -> str:
        """What is known, for a test that failed."""
        calls = self.rows("SELECT id, state, owner FROM switchboard_call WHERE ended_at IS NULL")
        told = [(str(id_), state, owner, self.kinds(str(id_))[-6:]) for id_, state, owner in calls]
        operators = self.rows("SELECT employee_id, state, reason, registered, contact_id FROM switchboard_operator")
        log = "\n".join(line for line in self.log().splitlines() if "the menu breaks" not in line)
        return f"{told}\n{operators}\n{self.health()}\n{log}"

    def log(self) -> str:
        return (self.folder / "switchboard.log").read_text(encoding="utf-8", errors="replace")[-4000:]

    @property
    def described(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "instance.json").read_text(encoding="utf-8"))
        return found

    def post(self, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
        return self._ask(path, json.dumps(body).encode())

    def health(self) -> dict[str, Any]:
        try:
            return self._ask("/health", None)[1]
        except OSError:
            return {}

    def _ask(self, path: str, body: bytes | None) -> tuple[int, dict[str, Any]]:
        here = self.described
        headers = {"Authorization": f"Bearer {here['internal_token']}"}
        port = self.asked_at or here["ports"]["switchboard"]
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, headers)
        try:
            with self.where(), urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    # -- the ledger's side: what is stored --
    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()

    def facts(self, contact: str) -> list[tuple[str, dict[str, Any]]]:
        query = "SELECT kind, data FROM journal_fact WHERE subject_type = 'contact' AND subject_id = %s ORDER BY at, id"
        return [(kind, data) for kind, data in self.rows(query, contact)]

    def kinds(self, contact: str) -> list[str]:
        return [kind for kind, _ in self.facts(contact)]

    def fact(self, contact: str, kind: str) -> dict[str, Any]:
        found = [data for one, data in self.facts(contact) if one == kind]
        assert len(found) == 1, f"{len(found)} {kind} in {self.kinds(contact)}"
        return found[0]

    def moment(self, contact: str, kind: str) -> dt.datetime:
        """When the first fact of a kind happened, as the journal has it."""
        query = "SELECT min(at) FROM journal_fact WHERE subject_type = 'contact' AND subject_id = %s AND kind = %s"
        found: dt.datetime | None = self.rows(query, contact, kind)[0][0]
        assert found is not None, f"no {kind} in {self.kinds(contact)}"
        return found

    def state(self, contact: str) -> str:
        return next((row[0] for row in self.rows("SELECT state FROM switchboard_call WHERE id = %s", contact)), "")

    def contact_of(self, caller: str) -> str:
        """The contact of a caller's number, once it is there."""
        query = "SELECT id FROM conversations_contact WHERE caller = %s"
        return until(lambda: [str(row[0]) for row in self.rows(query, caller)], 40, f"no contact of {caller}")[0]

    def comes(self, contact: str, kind: str, limit_s: float = 40) -> None:
        """Wait for a fact of a contact."""
        until(lambda: kind in self.kinds(contact), limit_s, f"no {kind} of {contact}: {self.kinds(contact)}")

    def becomes(self, contact: str, state: str, limit_s: float = 20) -> None:
        """Wait for a state of a call."""
        until(lambda: self.state(contact) == state, limit_s, f"{contact} is not {state} but {self.state(contact)}")

    def operators(self) -> dict[int, str]:
        return dict(self.rows("SELECT employee_id, state FROM switchboard_operator ORDER BY 1"))

    def passwords(self) -> dict[int, str]:
        return dict(self.rows("SELECT employee_id, sip_password FROM switchboard_operator ORDER BY 1"))

    # -- telephones --
    @contextlib.contextmanager
    def telephones(self, *operators: int) -> Iterator[Telephones]:
        """Telephones outside: those of the operators register."""
        passwords = self.passwords()
        told = [Extension(f"op{one}s", passwords[one]) for one in operators]
        tree, at, (office, port) = self.engine.tree, self.engine.values, self.door
        with contextlib.ExitStack() as stack:
            with self.where():
                outside = stack.enter_context(
                    exchange.running(
                        tree, port, told, sip_port=self.trunk_port or 0, host=at.sip_address, office=office
                    )
                )
                line = stack.enter_context(lines.connected(outside))
            until(lambda: _registered(outside) >= len(told), 20, "the phones do not register")
            until(lambda: {f"op{one}s" for one in operators} <= set(self.health().get("phones", [])), 20, "no phones")
            if self.trunk_port:
                until(self._trunk_is_up, 20, "the trunk does not answer")
            yield Telephones(self, outside, line)

    def _trunk_is_up(self) -> bool:
        self.engine.ask("pjsip qualify trunk")
        return " Avail " in self.engine.ask("pjsip show contacts")

    def spooled(self) -> list[Path]:
        """The messages that the dialplan has taken alone, of two seconds or more."""
        return [one for one in self.engine.values.fallback.glob("*.wav") if one.stat().st_size > 2 * 16_000]

    def ready(self, *operators: int) -> None:
        for one in operators:
            assert self.post(f"/operators/{one}/state", state="ready")[0] == 200


def _registered(outside: Exchange) -> int:
    """How many telephones outside say that they are registered."""
    return engines.ask(outside.tree, outside.folder, "pjsip show registrations").count(" Registered")


@dataclass
class Telephones:
    """The outside world of a rig."""

    rig: Rig
    exchange: Exchange
    line: Line
    count: int = 0

    def call(self, number: str = "direct") -> tuple[Handset, str]:
        """Call the house; the telephone and the number it shows."""
        self.count += 1
        caller = f"+7900{uuid.uuid4().int % 10**7:07}"
        client = handset.call(self.exchange, self.line, number, caller, {})
        client.up()
        return client, caller

    def rung(self, operator: int, limit_s: float = 15, *, since: int = 0) -> Handset:
        found = handset.rung(self.exchange, self.line, f"op{operator}s", limit_s, since=since)
        assert found is not None, f"the phone of {operator} does not ring: {self.rig.story()}"
        return found

    def talk(self, operator: int) -> tuple[Handset, Handset, str]:
        """A client and an operator who talk; and the contact."""
        since = self.line.mark()
        client, _ = self.call()
        phone = self.rung(operator, since=since)
        contact = handset.header(phone, "X-Kindline-Contact")
        handset.answer(phone)
        until(lambda: self.rig.state(contact) == "talking", what="no talk")
        return client, phone, contact

    def sound(self, seconds: int) -> Path:
        """A steady tone of so many seconds."""
        path = self.exchange.folder / f"tone-{seconds}.wav"
        if not path.exists():
            from kindline.switchboard import sounds

            sounds.write(path, [8000 if index // 10 % 2 else -8000 for index in range(8000 * seconds)])
        return path

    def begin_to_say(self, phone: Handset, seconds: int) -> None:
        """Let a telephone sound, without waiting for the end."""
        media = f"sound:{self.sound(seconds).with_suffix('')}"
        phone.line.order("POST", f"channels/{phone.channel}/play/{uuid.uuid4()}", {"media": media})


def build(folder: Path, server: Server, *, operators: int = 2, trunk_port: int | None = None) -> Rig:
    """A rig with a fresh database; its switchboard is not started yet. With `trunk_port` it can call outside."""
    name = f"rig_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    profiles_always_open(folder)
    with pytest.MonkeyPatch.context() as patch:
        if trunk_port:
            patch.setenv("KINDLINE_TRUNK_URI", f"sip:127.0.0.1:{trunk_port}")
        engine = launch_asterisk(folder, "krc")
    rig = Rig(folder, engine, server.url.rpartition("/")[0] + f"/{name}", trunk_port=trunk_port)
    shape.give(rig.database, lambda: rig.manage("migrate", "--verbosity", "0"))
    rig.manage("shell", "-v", "0", "-c", STAFF.format(count=operators))
    return rig


def profiles_always_open(folder: Path) -> None:
    """A copy of one standard whose lines are always served, and a line without a menu."""
    import shutil

    target = folder / "profiles" / "krc"
    shutil.copytree(ROOT / "profiles" / "krc", target)
    standard = target / "standard.yaml"
    said = "phone: {" + ", ".join(f"{key}: {value}" for key, value in ALWAYS_OPEN.items()) + "}"
    text = [one for one in standard.read_text(encoding="utf-8").splitlines() if not one.startswith("  calling_hours:")]
    standard.write_text(
        "\n".join("  " + said if one.startswith("  phone: {") else one for one in text), encoding="utf-8"
    )
    menu = target / "menu.yaml"
    direct = "  direct: {title: {uk: a, ru: a, en: a}, menu: false, hours: phone, queue: general}\n"
    menu.write_text(menu.read_text(encoding="utf-8").replace("lines:\n", f"lines:\n{direct}"), encoding="utf-8")


def end(rig: Rig) -> None:
    """Stop everything that the rig started."""
    for process in rig.processes:
        rig.kill(process)
    rig.engine.stop()
