"""bench answer-audio: from an operator's answer to sound in both directions, with several calls at once.

Two series: `spread`, where all calls are there and one operator after the other answers, as in a day's work; and
`burst`, where all answer in the same instant. The limit of 200 ms at the 95th percentile is that of the first.

The telephones are a second Asterisk: both sides sound a tone of their own, both record what they hear, and the first
moment at which the other's tone is there is found in the recordings. Said: milliseconds from the answer, per direction.
"""

from __future__ import annotations

import argparse
import array
import contextlib
import datetime as dt
import json
import math
import sys
import time
import urllib.request
import uuid
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kindline.runtime import cli
from kindline.runtime.asterisk import engine, provision
from kindline.runtime.benches import call_setup
from kindline.runtime.benches.product import Product, running, say
from kindline.runtime.demo_calls import exchange, handset
from kindline.runtime.demo_calls import line as lines
from kindline.runtime.demo_calls.exchange import Exchange, Extension
from kindline.runtime.demo_calls.handset import Handset
from kindline.runtime.demo_calls.line import Line
from kindline.switchboard import clock, hearing, sounds

RATE_HZ = 8000
FRAME = 80
"""Samples a step of the search: 10 ms."""
CLIENT_HZ, OPERATOR_HZ = 700, 1700
SHARE_LEAST = 0.4
"""How much of a frame's power must lie in the tone for the tone to be there."""
LISTEN_S = 2.0


@dataclass
class Pair:
    """A client and an operator about to talk."""

    client: Handset
    operator: Handset
    answered_at: float = 0.0


def main(argv: Sequence[str]) -> None:
    """Print one line a series."""
    options = argparse.ArgumentParser(prog="bench answer-audio", description=__doc__)
    options.add_argument("--calls", type=int, default=10)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--spread", type=float, default=0.3, help="seconds from one answer to the next")
    chosen = options.parse_args(argv)
    with running(call_setup.PROFILE) as product:
        cli.setup_django(product.folder)
        extensions = _operators(chosen.calls)
        tree, sip = provision.find(lambda _: None), product.instance.ports.sip
        with exchange.running(tree, sip, list(extensions.values())) as outside, lines.connected(outside) as line:
            _wait_for_registration(outside, len(extensions))
            for series, apart_s in (("spread", chosen.spread), ("burst", 0.0)):
                found: list[tuple[float, float]] = []
                for _ in range(chosen.rounds):
                    found += one_round(product, outside, line, extensions, apart_s)
                _tell(series, chosen.calls, found)


LIMIT_MS = 200


def _tell(series: str, calls: int, heard: list[tuple[float, float]]) -> None:
    both = sorted(max(pair) for pair in heard)
    if not both:
        say(bench="answer-audio", series=series, calls=calls, heard=0)
        return
    to_client, to_operator = sorted(one for one, _ in heard), sorted(one for _, one in heard)
    say(
        bench="answer-audio", series=series, concurrent_calls=calls, heard=len(both),
        client_hears_p50_ms=_at(to_client, 0.5), operator_hears_p50_ms=_at(to_operator, 0.5),
        both_p50_ms=_at(both, 0.5), both_p95_ms=_at(both, 0.95), both_max_ms=round(both[-1]),
        limit_p95_ms=LIMIT_MS, within_limit=_at(both, 0.95) <= LIMIT_MS,
    )  # fmt: skip


def _at(values: list[float], share: float) -> int:
    return round(values[min(len(values) - 1, math.ceil(len(values) * share) - 1)])


# --- preparation ---
def _operators(count: int) -> dict[int, Extension]:
    from kindline.staff.models import Employee
    from kindline.switchboard.models import Operator

    made = [Employee(username=f"audio{n}", given_name="A", roles=["operator"], number=9500 + n) for n in range(count)]
    ids = [one.pk for one in Employee.objects.bulk_create(made)]
    call_setup.give_skills(ids)
    call_setup.until(lambda: Operator.objects.filter(pk__in=ids).count() == count, "operators have no places")
    time.sleep(3)
    return {one.pk: Extension(f"op{one.pk}s", one.sip_password) for one in Operator.objects.filter(pk__in=ids)}


def _wait_for_registration(outside: Exchange, count: int) -> None:
    def registered() -> bool:
        return engine.ask(outside.tree, outside.folder, "pjsip show registrations").count(" Registered") >= count

    call_setup.until(registered, "the telephones do not register")


# --- measuring ---
def one_round(
    product: Product, outside: Exchange, line: Line, extensions: dict[int, Extension], apart_s: float
) -> list[tuple[float, float]]:
    """All calls at once, answered `apart_s` seconds one after the other.

    Gives for each call the milliseconds until the client hears, and until the operator hears.
    """
    for employee in extensions:
        _post(product, f"/operators/{employee}/wrap-up/end")
        _post(product, f"/operators/{employee}/state", state="ready")
    since = line.mark()
    pairs = _ring(product, outside, line, extensions, since)
    tone = {hertz: _tone(outside.folder / f"tone-{hertz}.wav", hertz) for hertz in (CLIENT_HZ, OPERATOR_HZ)}
    with contextlib.ExitStack() as stack:
        ears = [
            (stack.enter_context(pair.client.hearing()), stack.enter_context(pair.operator.hearing())) for pair in pairs
        ]
        for pair in pairs:
            _sound(pair.client, tone[CLIENT_HZ])
        for pair in pairs:
            pair.answered_at = time.time()
            line.order("POST", f"channels/{pair.operator.channel}/answer")
            _sound(pair.operator, tone[OPERATOR_HZ])
            time.sleep(apart_s)
        time.sleep(LISTEN_S)
    started = _recording_starts(line, since)
    found = []
    for pair, (client, operator) in zip(pairs, ears, strict=True):
        to_client = _delay_ms(client, OPERATOR_HZ, started, pair.answered_at)
        to_operator = _delay_ms(operator, CLIENT_HZ, started, pair.answered_at)
        if to_client is not None and to_operator is not None:
            found.append((to_client, to_operator))
        pair.client.hang_up()
    time.sleep(1)
    return found


def _ring(product: Product, outside: Exchange, line: Line, extensions: dict[int, Extension], since: int) -> list[Pair]:
    """Place a call for each operator and wait until every telephone rings."""
    here = product.instance
    clients = {}
    for _ in extensions:
        claim = clock.signed(call_setup.OPEN_AT, dt.datetime.now(dt.UTC), here.secrets.internal_token)
        caller = f"+38050{uuid.uuid4().int % 10**7:07}"
        clients[caller] = handset.call(outside, line, call_setup.LINE, caller, {clock.HEADER: claim})
    for client in clients.values():
        client.up()
    pairs = []
    for extension in extensions.values():
        phone = handset.rung(outside, line, extension.user, 30, since=since)
        if phone is not None:
            line.ask("POST", f"channels/{phone.channel}/ring")
            pairs.append(Pair(clients[_caller_of(line, phone, since)], phone))
    return pairs


def _caller_of(line: Line, phone: Handset, since: int) -> str:
    """The number that a ringing telephone shows."""
    event = line.wait(
        lambda one: one["type"] == "StasisStart" and one["channel"]["id"] == phone.channel, 5, since=since
    )
    return str(event["channel"]["caller"]["number"]) if event else ""


def _sound(phone: Handset, tone: Path) -> None:
    phone.line.order(
        "POST", f"channels/{phone.channel}/play/{uuid.uuid4()}", {"media": f"sound:{tone.with_suffix('')}"}
    )


def _tone(path: Path, hertz: int) -> Path:
    if not path.exists():
        turn = 2 * math.pi * hertz / RATE_HZ
        sounds.write(path, [int(9000 * math.sin(turn * index)) for index in range(RATE_HZ * 8)])
    return path


def _recording_starts(line: Line, since: int) -> dict[str, float]:
    """When each recording began, by its name."""
    return {
        event["recording"]["name"]: hearing.moment(event).timestamp()
        for event in line.since(since)
        if event["type"] == "RecordingStarted"
    }


def _delay_ms(heard: handset.Heard, hertz: int, started: dict[str, float], answered_at: float) -> float | None:
    """From the answer to the first frame with the other's tone; None when it never came."""
    with contextlib.suppress(OSError, wave.Error, EOFError, KeyError), wave.open(str(heard.file), "rb") as file:
        samples = array.array("h", file.readframes(file.getnframes()))
        for index in range(0, len(samples) - FRAME, FRAME):
            if _share(samples[index : index + FRAME], hertz) > SHARE_LEAST:
                return max(0.0, 1000 * (started[heard.name] + index / RATE_HZ - answered_at))
    return None


def _share(frame: array.array[int], hertz: int) -> float:
    """The share of a frame's power that lies in a tone (Goertzel)."""
    power = sum(value * value for value in frame)
    if power < 1e6:
        return 0.0
    turn = 2 * math.pi * hertz / RATE_HZ
    factor, last, before = 2 * math.cos(turn), 0.0, 0.0
    for value in frame:
        last, before = value + factor * last - before, last
    return 2 * (last * last + before * before - factor * last * before) / (power * len(frame))


def _post(product: Product, path: str, **body: Any) -> None:
    here = product.instance
    headers = {"Authorization": f"Bearer {here.secrets.internal_token}"}
    url = f"http://127.0.0.1:{here.ports.switchboard}{path}"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310
        pass


if __name__ == "__main__":
    main(sys.argv[1:])
