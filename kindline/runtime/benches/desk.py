"""bench desk: from the INVITE of a client's call to his card on the operator's screen, in a real browser.

One operator with a browser, calls one after another on a line without a menu. What the client hears first (the notice
of recording) is part of the way and is said apart: `own_ms` is the way without it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import shutil
import socket
import statistics
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kindline.runtime import cli
from kindline.runtime.benches.product import Product, running, say
from kindline.switchboard import clock

PROFILE, LINE = "voe", "direct"
OPEN_AT = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)
PATIENCE_S = 30.0
FLAGS = [
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
]
CARD = """(before) => {
    const marks = performance.getEntriesByType("mark").filter((mark) => mark.name.startsWith("card:"));
    const mark = marks.at(-1);
    const at = mark ? performance.timeOrigin + mark.startTime : 0;
    return at > before ? [mark.name.slice(5), at] : null;
}"""


def main(argv: Sequence[str]) -> None:
    """Print one line with the median and the 95th percentile."""
    options = argparse.ArgumentParser(prog="bench desk", description=__doc__)
    options.add_argument("--calls", type=int, default=30)
    chosen = options.parse_args(argv)
    browser = os.environ.get("KINDLINE_CHROMIUM") or shutil.which("chromium")
    if browser is None:
        say(bench="desk", skipped="chromium is not installed (Debian: chromium)")
        return
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with running(PROFILE) as product:
        cli.setup_django(product.folder)
        report([*measure(product, browser, chosen.calls)])


@dataclass
class Way:
    """One call's way: moments in seconds since the epoch, what was played in seconds."""

    invited: float
    card: float
    played_s: float
    offered: float


def measure(product: Product, browser: str, calls: int) -> list[Way]:
    """Place the calls one after another and note each one's way."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=browser, args=FLAGS)
        page = _ready(product, launched)
        callers = _callers()
        found = [_one(product, page, callers[number % len(callers)]) for number in range(calls)]
        launched.close()
    return found


def report(ways: Sequence[Way]) -> None:
    """Say the percentiles in milliseconds."""
    spans = {
        "invite_to_card_ms": [way.card - way.invited for way in ways],
        "own_ms": [way.card - way.invited - way.played_s for way in ways],
        "offer_to_card_ms": [way.card - way.offered for way in ways],
    }
    values: dict[str, Any] = {}
    for name, span in spans.items():
        values[f"{name}_median"] = round(1000 * statistics.median(span))
        values[f"{name}_p95"] = round(1000 * sorted(span)[max(0, -(-len(span) * 95 // 100) - 1)])
    say(bench="desk", profile=PROFILE, line=LINE, calls=len(ways), load=round(os.getloadavg()[0], 1), **values)


def _ready(product: Product, launched: Any) -> Any:
    """A page in which an operator waits for calls."""
    instance = product.instance
    context = launched.new_context(base_url=f"http://127.0.0.1:{instance.ports.web}", permissions=["microphone"])
    page = context.new_page()
    page.goto("/login/")
    page.fill("#id_username", "operator1")
    page.fill("#id_password", instance.secrets.demo_password)
    page.keyboard.press("Enter")
    page.wait_for_selector(".phone-on")
    page.click("#state-ready")
    page.wait_for_selector(".state-now .state-ready")
    return page


def _callers() -> list[str]:
    """Numbers of clients whom the house knows."""
    from kindline.clients.models import ContactPoint

    return list(ContactPoint.objects.filter(kind="phone").order_by("pk").values_list("value", flat=True)[:50])


def _one(product: Product, page: Any, caller: str) -> Way:
    """One call: placed, seen on the screen, ended by the client while it rings."""
    client = Telephone(product.instance.ports.sip, caller)
    token = product.instance.secrets.internal_token
    invited = client.invite(LINE, clock.signed(OPEN_AT, dt.datetime.now(dt.UTC), token))
    client.wait_answer()
    contact, at = page.wait_for_function(CARD, arg=1000 * invited, timeout=1000 * PATIENCE_S).json_value()
    way = Way(invited, at / 1000, *_facts(contact))
    client.hang_up()
    page.wait_for_selector(".state-now .state-ready", timeout=1000 * PATIENCE_S)
    return way


def _facts(contact: str) -> tuple[float, float]:
    """What was played before the offer, and when the offer was made."""
    from kindline.journal.queries import facts_of

    facts = list(facts_of("contact", contact))
    played = sum(float(fact.data["duration_s"]) for fact in facts if fact.kind in ("notice_played", "prompt_played"))
    offered = next(fact.at for fact in facts if fact.kind == "call_offered")
    return played, offered.timestamp()


@dataclass
class Telephone:
    """A client's telephone: just enough SIP for one call over UDP on this machine."""

    port: int
    number: str
    link: socket.socket = field(default_factory=lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM), repr=False)
    call: str = field(default_factory=lambda: uuid.uuid4().hex)
    line: str = ""
    peer_tag: str = ""

    def __post_init__(self) -> None:
        self.link.bind(("127.0.0.1", 0))
        self.link.settimeout(PATIENCE_S)

    def invite(self, line: str, told: str) -> float:
        """Send the INVITE; returns the moment, seconds since the epoch."""
        self.line = line
        body = (
            "v=0\r\no=bench 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            "m=audio 9 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
        )
        message = self._message("INVITE", 1, f"X-Kindline-Clock: {told}\r\nContent-Type: application/sdp\r\n", body)
        at = time.time()
        self._send(message)
        return at

    def wait_answer(self) -> None:
        """Wait for 200 and acknowledge it. Raises: RuntimeError when the call is refused."""
        while True:
            text = self.link.recv(65_536).decode(errors="replace")
            status = int(text.split(" ", 2)[1]) if text.startswith("SIP/2.0") else 0
            if status >= 300:
                raise RuntimeError(text.splitlines()[0])
            if status >= 200:
                to = next(part for part in text.splitlines() if part.lower().startswith("to:"))
                self.peer_tag = to.rpartition("tag=")[2].strip()
                self._send(self._message("ACK", 1))
                return

    def hang_up(self) -> None:
        """End the call."""
        self._send(self._message("BYE", 2))
        self.link.close()

    def _send(self, message: str) -> None:
        self.link.sendto(message.encode(), ("127.0.0.1", self.port))

    def _message(self, method: str, number: int, more: str = "", body: str = "") -> str:
        own = f"127.0.0.1:{self.link.getsockname()[1]}"
        to = f";tag={self.peer_tag}" if self.peer_tag else ""
        return (
            f"{method} sip:{self.line}@127.0.0.1:{self.port} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {own};rport;branch=z9hG4bK{uuid.uuid4().hex}\r\n"
            f"From: <sip:{self.number}@127.0.0.1>;tag={self.call[:10]}\r\n"
            f"To: <sip:{self.line}@127.0.0.1>{to}\r\n"
            f"Call-ID: {self.call}\r\nCSeq: {number} {method}\r\nMax-Forwards: 70\r\n"
            f"Contact: <sip:{self.number}@{own}>\r\n{more}Content-Length: {len(body)}\r\n\r\n{body}"
        )
