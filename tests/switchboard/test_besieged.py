"""A thousand calls, fifty at a time, while strangers send nonsense and look for telephones (T9, at scale).

The ledger is kept outside, by the tool that calls (sipp): what it was answered is stored, each call once.
"""

from __future__ import annotations

import contextlib
import itertools
import random
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kindline.runtime.benches import call_setup
from kindline.runtime.benches.sip import Caller, Flood
from kindline.runtime.demo_calls import handset
from kindline.runtime.demo_calls.errors import DemoError
from tests.plugins import faults
from tests.plugins.postgres import Server
from tests.switchboard import rig as rigs
from tests.switchboard import torture
from tests.switchboard.rig import Rig, Telephones, until
from tests.switchboard.test_rough import stranger

pytestmark = [pytest.mark.asterisk, pytest.mark.fault("T9")]
SEED = faults.seed(20261130)
CALLS, AT_ONCE, A_SECOND = 1000, 50, 10
LOST_MAX = 1
"""Of a thousand: 99.9 % of the calls succeed."""
CALLED = "FROM conversations_contact WHERE caller ~ '^[+]795'"
LEFT = """
SELECT 1 FROM switchboard_call AS call JOIN conversations_contact AS contact USING (id)
WHERE call.ended_at IS NULL AND contact.caller ~ '^[+]795'
"""
PER_CALL = 25
"""So many messages of nonsense come for each call."""
TALKS_MIN = 1
WARM = 300
"""So many calls, and all kinds of nonsense once, are over before it is looked at who grows."""
GROWTH_KB = 48_000
"""For seven hundred calls and their nonsense: 3 KB of each message would be more, what an allocator keeps is less."""
EXCHANGE = "127.0.0.9"
"""Where calls come from; Debian's svwar cannot be told its own address, so 127.0.0.1 is a stranger's here."""
NAMES = ["op1s", "op2w", *(f"op{number}s" for number in range(1, 100)), "trunk", "kl-2", *map(str, range(100, 300))]


@pytest.fixture(scope="module")
def house(pg: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A house with two operators whom nobody asks to work: who calls waits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINDLINE_TRUNK_ADDRESSES", EXCHANGE)
        rig = rigs.build(tmp_path_factory.mktemp("besieged"), pg)
    rig.start()
    until(lambda: len(rig.passwords()) == 2)
    yield rig
    rigs.end(rig)


def test_every_message_of_the_two_rfcs_is_among_the_kinds() -> None:
    kinds = {*torture.ODD, *torture.WRONG, *torture.ANSWERS}
    assert (len(torture.OF_RFC_4475.split()), len(torture.OF_RFC_5118.split())) == (49, 12)
    assert {*torture.OF_RFC_4475.split(), *torture.OF_RFC_5118.split()} <= kinds


def test_t9_a_thousand_callers_notice_nothing_of_a_siege(house: Rig, tmp_path: Path) -> None:
    engine, switchboard = house.engine.process, house.processes[-1]
    assert engine is not None
    with (
        talking(house) as talks, stranger(house) as caller, stranger(house, EXCHANGE) as trunk,
        calling(house, tmp_path) as tool,
    ):  # fmt: skip
        messages, sent, warm = nonsense(caller, trunk), 0, None
        while not over(tool):
            begun = calls_begun(house)
            sent += send(messages, begun * PER_CALL - sent)
            if warm is None and begun > WARM:
                warm = held_kb(engine), held_kb(switchboard)
        Flood(trunk).drain(1)
    assert warm is not None, "the calls were over before anything was warm"
    took, lost = outcome(tmp_path)
    assert took + lost == CALLS
    assert lost <= LOST_MAX, f"{lost} of {CALLS} calls were lost"
    stored = house.rows(f"SELECT count(*), count(DISTINCT caller) {CALLED}")
    assert stored == [(took, took)], "what was answered is not stored, or twice"
    assert len(talks) >= TALKS_MIN, "an operator talked to hardly anybody"
    assert (house.engine.process, house.processes[-1]) == (engine, switchboard)
    assert held_kb(engine) - warm[0] < GROWTH_KB
    assert held_kb(switchboard) - warm[1] < GROWTH_KB
    until(lambda: house.rows(LEFT) == [], 60, "calls are left")
    assert house.health()["ready"]


@pytest.mark.parametrize("method", ["REGISTER", "OPTIONS", "INVITE"])
def test_t9_a_tool_that_looks_for_telephones_finds_none(house: Rig, tmp_path: Path, method: str) -> None:
    names = tmp_path / "names"
    names.write_text("\n".join(NAMES))
    told = scan(
        "svwar", "-d", str(names), "-m", method, "-p", str(house.engine.values.sip_port), "--force", "127.0.0.1"
    )
    assert "found nothing" in told, told


def test_t9_a_tool_that_guesses_passwords_opens_none_and_keeps_nobody_out(house: Rig, tmp_path: Path) -> None:
    words = tmp_path / "words"
    words.write_text("\n".join(["op1s", "1234", "password", *map(str, range(300))]))
    port = str(house.engine.values.sip_port)
    for name in ("op1s", "nobody"):
        told = scan("svcrack", "-u", name, "-d", str(words), "-p", port, "127.0.0.1")
        assert "found nothing" in told or "no working password" in told.lower(), told
    with house.telephones(1):
        assert "op1s" in house.health()["phones"]


def test_t9_a_tool_that_looks_for_engines_hears_no_version(house: Rig) -> None:
    told = scan("svmap", "-p", str(house.engine.values.sip_port), "127.0.0.1")
    assert "Asterisk" not in told, told
    assert house.health()["ready"]


def scan(*words: str) -> str:
    """What a tool of Debian's sipvicious says after it has been around."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout + done.stderr


@contextlib.contextmanager
def talking(rig: Rig) -> Iterator[list[str]]:
    """An operator answers one of the callers after the other, as long as the block lasts; with whom he talked."""
    talks: list[str] = []
    over = threading.Event()
    with rig.telephones(1) as phones:
        rig.ready(1)
        serving = threading.Thread(target=_serve, args=(rig, phones, talks, over), daemon=True)
        serving.start()
        try:
            yield talks
        finally:
            over.set()
            serving.join(30)


def _serve(rig: Rig, phones: Telephones, talks: list[str], over: threading.Event) -> None:
    since = phones.line.mark()
    while not over.is_set():
        phone = handset.rung(phones.exchange, phones.line, "op1s", 1, since=since)
        if phone is None:
            continue
        since = phones.line.mark()
        with contextlib.suppress(DemoError):  # the caller, who stays for six seconds, may be gone just now
            handset.answer(phone)
            phone.say(phones.sound(1))
            talks.append(handset.header(phone, "X-Kindline-Contact"))
        phone.ended(15)
        rig.post("/operators/1/wrap-up/end")
        rig.post("/operators/1/state", state="ready")


@contextlib.contextmanager
def calling(rig: Rig, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The callers: so many in all, so many at once; each shows another number."""
    text = (Path(call_setup.__file__).parent / "caller.xml").read_text(encoding="utf-8")
    scenario = folder / "caller.xml"
    scenario.write_text(text.replace("6000", "5000"), encoding="utf-8")
    words = ["sipp", f"127.0.0.1:{rig.engine.values.sip_port}", "-sf", str(scenario), "-i", EXCHANGE, "-s", "direct"]
    words += ["-mi", EXCHANGE, "-m", str(CALLS), "-l", str(AT_ONCE), "-r", str(A_SECOND), "-key", "clock", ""]
    words += ["-inf", str(call_setup.numbers(folder, CALLS))]
    words += ["-nostdin", "-trace_stat", "-stf", str(folder / "calls.csv"), "-timeout", "400"]
    with (folder / "sipp.log").open("wb") as log:
        tool = subprocess.Popen(
            words, cwd=folder, env={"TERM": "dumb", "PATH": "/usr/bin:/bin"}, stdout=log, stderr=log
        )
    try:
        yield tool
        tool.wait(400)
    finally:
        tool.kill()


def over(tool: subprocess.Popen[bytes]) -> bool:
    """Whether the callers are done; it is looked at ten times a second."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        tool.wait(0.1)
    return tool.poll() is not None


def calls_begun(rig: Rig) -> int:
    """How many of the calls the house has taken."""
    [[found]] = rig.rows(f"SELECT count(*) {CALLED}")
    return int(found)


def send(messages: Iterator[tuple[Caller, bytes]], count: int) -> int:
    """So many messages, and what is answered to them; how many they were."""
    for enemy, message in itertools.islice(messages, count):
        enemy.send(message)
        Flood(enemy).drain(0)
    return count


def outcome(folder: Path) -> tuple[int, int]:
    """How many calls succeeded, and how many did not, by the tool's last count."""
    head, *_, last = (folder / "calls.csv").read_text(encoding="ascii").splitlines()
    told = dict(zip(head.split(";"), last.split(";"), strict=False))
    return int(told["SuccessfulCall(C)"]), int(told["FailedCall(C)"])


def nonsense(caller: Caller, trunk: Caller) -> Iterator[tuple[Caller, bytes]]:
    """Every kind from both, then damage for ever: from a stranger mostly, now and then from where calls may come."""
    order = random.Random(SEED)
    for enemy in (caller, trunk):
        yield from ((enemy, one) for one in torture.messages(enemy, order, 0))
    kinds = list(torture.messages(caller, order, 0))
    for number in itertools.count():
        yield (caller if number % 20 else trunk), torture.damage(order.choice(kinds) or b"\r\n", order)


def held_kb(process: subprocess.Popen[bytes]) -> int:
    """What a process holds of the machine's memory."""
    assert process.poll() is None, "it is dead"
    told = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in told if line.startswith("VmRSS"))
