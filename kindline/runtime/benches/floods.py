"""bench floods (fault T10): what those who talk hear of a flood, what it is answered, and how soon all is as before.

`calls`: an exchange places ten times as many calls a second as the engine takes at once, and holds what is taken.
`registrations`: a stranger registers as fast. Each once at the engine itself, once with Kamailio before it as `kindline
sip-proxy` sets it up. Operators' telephones send back what they hear; each packet that a client gets is timed by the
kernel. Other exchanges than the flooding one talk, and call when the flood is over.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import multiprocessing
import os
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from kindline.runtime import cli, ports
from kindline.runtime.benches import call_setup
from kindline.runtime.benches.call_setup import LINE, OPEN_AT, PROFILE, Answering, Bench
from kindline.runtime.benches.phone import until_over
from kindline.runtime.benches.product import running, say
from kindline.runtime.benches.sip import BadLine, Caller, Flood, RefusedError
from kindline.runtime.kamailio import Front, trial
from kindline.switchboard import clock

BENCH = "floods"
PARTS, FRONTS = {"calls": "INVITE", "registrations": "REGISTER"}, ("none", "kamailio")
EXCHANGE, FLOODING, STRANGER, PROXY = "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.5"
GAP_MAX_S, LOST_MAX, RECOVERY_MAX_S = 0.25, 0.01, 5.0
TIMES_THE_CAP, SPARE = 10, 10
GIVEN_UP_S, HEARD_MIN = 60.0, 100


@dataclass(frozen=True)
class Way:
    """By which a call comes to the engine; `clock` opens its line at any hour."""

    front: str
    host: str
    port: int
    clock: str = field(repr=False)

    @property
    def more(self) -> str:
        """The headers besides of each call."""
        return f"X-Kindline-Clock: {self.clock}\r\n"

    @contextlib.contextmanager
    def caller(self, address: str) -> Iterator[Caller]:
        """Somebody at an address."""
        with contextlib.closing(Caller(self.port, address, host=self.host)) as caller:
            yield caller

    @contextlib.contextmanager
    def line(self) -> Iterator[BadLine]:
        """A client who speaks without a pause. Raises: RefusedError."""
        number = f"+7901{uuid.uuid4().int % 10**7:07}"
        with (
            self.caller(EXCHANGE) as caller,
            BadLine(caller, loss=0, jitter_s=0, user=LINE, number=number, more=self.more).talking() as line,
        ):
            yield line


@dataclass(frozen=True)
class Poured:
    """What became of a flood."""

    lasted_s: float
    sent: int
    said: Counter[int]
    advised: Counter[int]

    @property
    def all_told(self) -> bool:
        """Whether it was refused, and each refusal said when to come again."""
        refused = {code: count for code, count in self.said.items() if code >= 500}
        return bool(refused) and all(self.advised[code] == count for code, count in refused.items())


def main(argv: Sequence[str]) -> None:
    """Print one line a flood and a way to the engine, with its limits and whether they hold."""
    options = argparse.ArgumentParser(prog=f"bench {BENCH}", description=__doc__)
    options.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    options.add_argument("--fronts", nargs="+", choices=FRONTS, default=list(FRONTS))
    options.add_argument("--talks", type=int, default=8)
    options.add_argument("--cap", type=int, default=50, help="calls that the engine takes at once")
    options.add_argument("--seconds", type=float, default=10)
    chosen = options.parse_args(argv)
    inside = ports.choose(udp=True)
    os.environ["KINDLINE_CALLS_MAX"] = str(chosen.cap)
    os.environ["KINDLINE_TRUNK_ADDRESSES"] = f"{EXCHANGE},{FLOODING},{PROXY}:{inside}"
    with running(PROFILE) as product:
        cli.setup_django(product.folder)
        come_first()
        answering = ports.choose(udp=True)
        with Answering(answering, echo=True):
            bench = call_setup.prepare(product, chosen.cap + SPARE, answering)
            for front in chosen.fronts:
                try:
                    with way_to(bench, front, inside, chosen.cap) as way:
                        for part in chosen.parts:
                            flood(way, bench, part, chosen)
                except trial.KamailioMissingError as error:
                    say(bench=BENCH, front=front, skipped=str(error))


def come_first() -> None:
    """Let telephones and clients not wait for a processor, where we may: they stand for other machines."""
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))


@contextlib.contextmanager
def way_to(bench: Bench, front: str, inside: int, cap: int) -> Iterator[Way]:
    """The engine itself, or a Kamailio before it, for as long as the block lasts. Raises: KamailioMissingError."""
    claim = clock.signed(OPEN_AT, dt.datetime.now(dt.UTC), bench.product.instance.secrets.internal_token)
    engine = bench.values.sip_port
    if front == "none":
        yield Way(front, EXCHANGE, engine, claim)
        return
    port = ports.choose(udp=True)
    told = Front(
        (EXCHANGE, FLOODING), f"{PROXY}:{port}", f"{PROXY}:{inside}", (f"{EXCHANGE}:{engine}",), cap, share=0.5
    )
    with tempfile.TemporaryDirectory(prefix="kl-kam-") as name, trial.running(Path(name), told):
        yield Way(front, PROXY, port, claim)


# --- one flood ---
@dataclass(frozen=True)
class Heard:
    """What those who talked heard of a flood, and how long a call took before and after it, in seconds."""

    lost_share: float
    gap_s: float
    own_pause_s: float
    usual_s: float
    recovery_s: float

    @property
    def well(self) -> bool:
        """Whether all of it is within its limit."""
        return self.lost_share <= LOST_MAX and self.gap_s <= GAP_MAX_S and self.recovery_s <= RECOVERY_MAX_S


def flood(way: Way, bench: Bench, part: str, chosen: argparse.Namespace) -> None:
    """Flood while people talk, and say what they heard of it and what came of it."""
    call_setup.make_ready(bench)
    rate = TIMES_THE_CAP * chosen.cap
    with contextlib.ExitStack() as after:
        wire = after.enter_context(pouring(way, PARTS[part], rate, chosen.seconds))
        after.enter_context(call_setup.ending_wrap_ups(bench))
        lines = [after.enter_context(way.line()) for _ in range(chosen.talks)]
        heard = listen(way, lines, wire)
        poured: Poured = wire.recv()
    until_over()
    say(
        bench=BENCH, part=part, front=way.front, talks=chosen.talks, engine_takes=chosen.cap, rate_per_s=rate,
        sent=poured.sent, sent_per_s=round(poured.sent / poured.lasted_s), answers=dict(sorted(poured.said.items())),
        retry_after=dict(sorted(poured.advised.items())),
        **{name: round(value, 3) for name, value in asdict(heard).items()},
        lost_at_most=LOST_MAX, gap_at_most_s=GAP_MAX_S, recovery_at_most_s=RECOVERY_MAX_S,
        ok=heard.well and (poured.all_told or way.front == "none"),
    )  # fmt: skip


def listen(way: Way, lines: Sequence[BadLine], wire: Connection) -> Heard:
    """Let the flood begin once all talk, and hear what comes until calls are taken as before."""
    for line in lines:
        _until(partial(_talks, line), "the talks do not begin")
    usual_s = answered_s(way)
    began = [(line.sent, line.loud) for line in lines]
    for line in lines:
        line.pause_s = 0.0
    wire.send("pour")
    over: float = wire.recv()
    lost = [1 - (line.loud - loud) / (line.sent - sent) for line, (sent, loud) in zip(lines, began, strict=True)]
    recovery_s = recovered_s(way, over)
    wire.send("enough")
    gap_s = max(line.longest_gap_s(loud) for line, (_, loud) in zip(lines, began, strict=True))
    return Heard(max(0.0, *lost), gap_s, max(line.pause_s for line in lines), usual_s, recovery_s)


def _talks(line: BadLine) -> bool:
    return line.loud > HEARD_MIN and answered(line.number)


@contextlib.contextmanager
def pouring(way: Way, method: str, rate: float, seconds: float) -> Iterator[Connection]:
    """Who floods, in a process of his own, once he is told to; he tells when he has ended, then what came of it."""
    ours, theirs = multiprocessing.Pipe()
    flooding = multiprocessing.Process(target=_pour, args=(theirs, way, method, rate, seconds), daemon=True)
    flooding.start()
    try:
        yield ours
    finally:
        flooding.kill()
        flooding.join()


def _pour(wire: Connection, way: Way, method: str, rate: float, seconds: float) -> None:
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    with way.caller(FLOODING if method == "INVITE" else STRANGER) as caller:
        wire.recv()
        flood, begun = Flood(caller, more=way.more, held=[]), time.monotonic()
        flood.pour(method, int(rate * seconds), rate, LINE)
        over = time.monotonic()
        wire.send(over)
        flood.let_go()
        while not wire.poll():
            flood.drain(0.2)
        wire.send(Poured(over - begun, flood.sent, +flood.said, +flood.advised))


def recovered_s(way: Way, over: float) -> float:
    """From the end of a flood until a call has reached an operator, seconds; its caller tries again at once."""
    while time.monotonic() - over < GIVEN_UP_S:
        with contextlib.suppress(RefusedError):
            answered_s(way)
            break
        time.sleep(0.1)
    return time.monotonic() - over


def answered_s(way: Way) -> float:
    """Place a call; after how many seconds an operator answers it. Raises: RefusedError."""
    begun = time.monotonic()
    with way.line() as line:
        _until(lambda: answered(line.number), "nobody answers")
        return time.monotonic() - begun


def answered(number: str) -> bool:
    """Whether the call of a number has reached an operator."""
    from kindline.conversations.models import Contact
    from kindline.switchboard.models import Call

    return Call.objects.filter(state="talking", pk__in=Contact.objects.filter(caller=number).values("pk")).exists()


def _until(found: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + GIVEN_UP_S
    while not found():
        if time.monotonic() > end:
            raise RuntimeError(what)
        time.sleep(0.02)


if __name__ == "__main__":
    main(sys.argv[1:])
