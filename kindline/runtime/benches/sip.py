"""SIP as bytes: a caller that is no telephone, who floods, sends nonsense or speaks over a bad line; seeded."""

from __future__ import annotations

import contextlib
import itertools
import random
import re
import select
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

ULAW_TONE = bytes(0x10 if n // 8 % 2 else 0x90 for n in range(160))
"""Twenty milliseconds of a loud 500 Hz square wave."""
FRAME_S = 0.02
AGAIN_S = (0.5, 1, 2, 4, 8)
"""After so long a request that was not answered is sent again (RFC 3261, timer A)."""
TIMESTAMPS = 35
"""SO_TIMESTAMPNS of Linux: the kernel says with each packet when it came."""


@dataclass
class Caller:
    """A UDP socket that speaks SIP with one engine."""

    port: int
    """Where the engine takes calls."""
    address: str = "127.0.0.1"
    """Its own."""
    order: random.Random = field(default_factory=random.Random)
    """No two callers say the same words: a proxy takes what has the words of another call for that call."""
    host: str = "127.0.0.1"
    """The engine's."""

    def __post_init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
        self.socket.bind((self.address, 0))
        self.own = self.socket.getsockname()[1]

    def close(self) -> None:
        self.socket.close()

    def send(self, message: bytes) -> None:
        self.socket.sendto(message, (self.host, self.port))

    def word(self) -> str:
        return f"{self.order.getrandbits(64):016x}"

    def request(
        self, method: str, user: str, *, sender: str = "tester", call: str = "", branch: str = "", tag: str = "",
        to_tag: str = "", number: int = 1, more: str = "", body: str = "",
    ) -> bytes:  # fmt: skip
        """A request as it should be."""
        here = f"{self.address}:{self.own}"
        host = f"{self.host}:{self.port}"
        said = f"{method} {f'sip:{user}@{host}' if user else f'sip:{host}'} SIP/2.0\r\n"
        said += f"Via: SIP/2.0/UDP {here};rport;branch=z9hG4bK{branch or self.word()}\r\nMax-Forwards: 70\r\n"
        said += f"From: <sip:{sender}@{self.address}>;tag={tag or self.word()}\r\n"
        said += f"To: <sip:{user or sender}@{host}>{f';tag={to_tag}' if to_tag else ''}\r\n"
        said += f"Call-ID: {call or self.word()}\r\nCSeq: {number} {method}\r\n"
        said += f"Contact: <sip:{sender}@{here}>\r\n{more}"
        said += "Content-Type: application/sdp\r\n" if body else ""
        return f"{said}Content-Length: {len(body)}\r\n\r\n{body}".encode()

    def answer(self, call: str, limit_s: float = 20) -> bytes:
        """The final answer to a request of that Call-ID; nothing when none comes."""
        end = time.monotonic() + limit_s
        while select.select([self.socket], [], [], max(0.0, end - time.monotonic()))[0]:
            found = self.socket.recv(65535)
            if status(found) >= 200 and header(found, "Call-ID") == call:
                return found
        return b""


def status(answer: bytes) -> int:
    """The status of a response; 0 for a request."""
    found = re.match(rb"SIP/2\.0 (\d{3})", answer)
    return int(found[1]) if found else 0


def header(answer: bytes, name: str) -> str:
    """A header of a message."""
    found = re.search(rf"^{name}\s*:\s*(.*?)\r$".encode(), answer, re.M | re.I)
    return found[1].decode(errors="replace") if found else ""


def shape(answer: bytes) -> list[str]:
    """What an answer says besides its random words: who compares two of them learns nothing else."""
    lines = answer.decode(errors="replace").split("\r\n")
    dull = re.compile(r"^(Via|From|To|Call-ID|CSeq|Contact|Date)\s*:", re.I)
    return [re.sub(r'(nonce|opaque)="[^"]*"', r"\1", line) for line in lines if not dull.match(line)]


def tag_of(value: str) -> str:
    found = re.search(r";tag=([^;>]+)", value)
    return found[1] if found else ""


def led(request: bytes, answer: bytes) -> bytes:
    """A request of a call that was taken, by the way that its answer names: past the proxies that want to see it."""
    asked = re.findall(rb"^Record-Route\s*:\s*(.*?)\r$", answer, re.M | re.I)
    contact = re.search(r"<([^>]*)>", header(answer, "Contact"))
    if not asked or contact is None:
        return request
    places = reversed([place.strip() for one in asked for place in one.split(b",")])
    first, rest = request.split(b"\r\n", 1)
    method, _, version = first.split(b" ")
    routes = b"".join(b"Route: " + place + b"\r\n" for place in places)
    return b" ".join([method, contact[1].encode(), version]) + b"\r\n" + routes + rest


# --- a flood ---
@dataclass
class Flood:
    """Calls that nobody means: each is answered as it must be, so that the engine is not left with half a call."""

    caller: Caller
    said: Counter[int] = field(default_factory=Counter)
    advised: Counter[int] = field(default_factory=Counter)
    """Of these answers, those that say when to come again (`Retry-After`)."""
    sent: int = 0
    more: str = ""
    """Headers besides, of each request."""
    known: set[tuple[int, str]] = field(default_factory=set)
    held: list[bytes] | None = None
    """With a list, calls that are taken go on until `let_go`; without one each is ended at once."""

    def pour(self, method: str, count: int, rate: float, user: str = "direct") -> None:
        """So many requests, so many a second, each told once."""
        begun = time.monotonic()
        for number in range(count):
            body = sdp("127.0.0.1", 9) if method == "INVITE" else ""
            name = f"op{number}s" if method == "REGISTER" else f"+7900{number:07}"
            to = "" if method == "REGISTER" else user
            self.caller.send(self.caller.request(method, to, sender=name, body=body, more=self.more))
            self.sent += 1
            self.drain(max(0.0, begun + number / rate - time.monotonic()))

    def drain(self, wait_s: float) -> None:
        """Take what comes for so long."""
        end = time.monotonic() + wait_s
        while select.select([self.caller.socket], [], [], max(0.0, end - time.monotonic()))[0]:
            self._heard(self.caller.socket.recv(65535))

    def _heard(self, answer: bytes) -> None:
        code = status(answer)
        if code >= 200:
            self._count(answer, code)
        elif answer.startswith(b"BYE"):
            self.caller.send(reply(answer))

    def _count(self, answer: bytes, code: int) -> None:
        """Each answer once, however often it comes; those to calls are acknowledged each time."""
        told = code, header(answer, "Call-ID")
        self.said[code] += told not in self.known
        self.advised[code] += told not in self.known and bool(header(answer, "Retry-After"))
        if header(answer, "CSeq").endswith("INVITE"):
            self._end(answer, code, again=told in self.known)
        self.known.add(told)

    def _end(self, answer: bytes, code: int, *, again: bool) -> None:
        held = code < 300 and self.held is not None
        if held and self.held is not None and not again:
            self.held.append(answer)
        end_call(self.caller, answer, bye=code < 300 and not held and not again)

    def let_go(self) -> None:
        """End the calls that were held; those taken from now on are ended at once."""
        held, self.held = self.held or [], None
        for answer in held:
            end_call(self.caller, answer)


def end_call(caller: Caller, answer: bytes, *, bye: bool = True) -> None:
    """Acknowledge a final answer, and hang up a call that was taken."""
    call, tag = header(answer, "Call-ID"), tag_of(header(answer, "From"))
    to = header(answer, "To")
    named = re.search(r"sip:([^@>]*)@", to)
    sender = re.search(r"sip:([^@>]*)@", header(answer, "From"))
    said: dict[str, Any] = {"sender": sender[1] if sender else "", "call": call, "tag": tag, "to_tag": tag_of(to)}
    branch = re.search(r"branch=z9hG4bK([^;,]+)", header(answer, "Via"))
    user, taken = named[1] if named else "", status(answer) < 300
    requests = [caller.request("ACK", user, branch="" if taken or not branch else branch[1], **said)]
    requests += [caller.request("BYE", user, number=2, **said)] if bye else []
    for one in requests:
        caller.send(led(one, answer) if taken else one)


def reply(request: bytes, code: str = "200 OK") -> bytes:
    """An answer to a request."""
    lines = [f"SIP/2.0 {code}"]
    lines += [f"{name}: {header(request, name)}" for name in ("Via", "From", "To", "Call-ID", "CSeq")]
    return ("\r\n".join([*lines, "Content-Length: 0", "", ""])).encode()


class RefusedError(Exception):
    """A call was not taken; the answer."""


# --- a bad line ---
def sdp(address: str, port: int) -> str:
    """An offer of one stream of sound."""
    said = ["v=0", f"o=t 1 1 IN IP4 {address}", "s=-", f"c=IN IP4 {address}", "t=0 0", f"m=audio {port} RTP/AVP 0 101"]
    said += ["a=rtpmap:0 PCMU/8000", "a=rtpmap:101 telephone-event/8000", "a=ptime:20", "a=sendrecv"]
    return "\r\n".join([*said, ""])


@dataclass
class BadLine:
    """A call whose sound goes over a line that loses, delays and reorders packets."""

    caller: Caller
    loss: float
    jitter_s: float
    user: str = "direct"
    number: str = "+79005550011"
    more: str = ""
    """Headers besides, of the call."""

    def __post_init__(self) -> None:
        self.media = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.media.bind(("127.0.0.1", 0))
        self.media.setblocking(False)
        self.media.setsockopt(socket.SOL_SOCKET, TIMESTAMPS, 1)
        self.sent = self.lost = self.heard = self.loud = 0
        self.loud_at: list[float] = []
        """When each packet that is not silence came, by the kernel: this process may have been busy."""
        self.pause_s, self._sent_at = 0.0, time.monotonic()
        """The longest time between two packets that went out: the part of a gap that is this process's own."""
        self.answer = b""
        self._stop = threading.Event()

    @contextlib.contextmanager
    def talking(self) -> Iterator[BadLine]:
        """The call, from its answer on; sound flows until the block ends."""
        body = sdp("127.0.0.1", self.media.getsockname()[1])
        asked = self.caller.word()
        message = self.caller.request("INVITE", self.user, sender=self.number, call=asked, body=body, more=self.more)
        self.answer = self._asked(message, asked)
        if status(self.answer) != 200:
            self.media.close()
            if self.answer:
                end_call(self.caller, self.answer, bye=False)
            raise RefusedError(self.answer)
        call = threading.Thread(target=self._speak, daemon=True)
        end_call(self.caller, self.answer, bye=False)
        call.start()
        try:
            yield self
        finally:
            self._stop.set()
            call.join(10)
            end_call(self.caller, self.answer)
            self.media.close()

    def _asked(self, message: bytes, call: str) -> bytes:
        """The answer to a request, which is sent again as telephones do while there is none."""
        for wait_s in AGAIN_S:
            self.caller.send(message)
            if answer := self.caller.answer(call, wait_s):
                return answer
        return b""

    @property
    def far(self) -> tuple[str, int]:
        """Where the engine wants the sound."""
        found = re.search(rb"m=audio (\d+)", self.answer)
        return "127.0.0.1", int(found[1]) if found else 0

    def _speak(self) -> None:
        order, waiting, far = self.caller.order, [], self.far
        begun, number = time.monotonic(), 0
        while not self._stop.is_set():
            due = begun + number * FRAME_S
            if order.random() < self.loss:
                self.lost += 1
            else:
                waiting.append((due + order.random() * self.jitter_s, number))
            waiting.sort()
            number += 1
            self._carry(waiting, due + FRAME_S, far)

    def _carry(self, waiting: list[tuple[float, int]], until: float, far: tuple[str, int]) -> None:
        """Send what has come to the end of the line, in the order in which it does, and hear meanwhile."""
        while (now := time.monotonic()) < until:
            while waiting and waiting[0][0] <= now:
                _, number = waiting.pop(0)
                head = struct.pack("!BBHII", 0x80, 0, number % 65536, number * 160 % 2**32, 0x4B4C0001)
                self.media.sendto(head + ULAW_TONE, far)
                self.sent += 1
                self.pause_s, self._sent_at = max(self.pause_s, now - self._sent_at), now
            for_s = min(until, waiting[0][0] if waiting else until) - now
            if select.select([self.media], [], [], max(0.0, for_s))[0]:
                self._hear(*self.media.recvmsg(2048, 64)[:2])

    def _hear(self, packet: bytes, told: list[tuple[int, int, bytes]]) -> None:
        self.heard += 1
        if any(byte & 0x7F < 0x40 for byte in packet[12:]):
            self.loud += 1
            self.loud_at += [second + part / 1e9 for second, part in (struct.unpack("@ll", one) for *_, one in told)]

    def longest_gap_s(self, since: int = 0) -> float:
        """The longest time between two packets that were not silence, from the `since`th on."""
        return max(after - before for before, after in itertools.pairwise(self.loud_at[since:]))
