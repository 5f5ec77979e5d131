"""Messages that are hard to read, or wrong, in the ways that RFC 4475 and RFC 5118 warn of; all made here, by rules.

Kinds that RFC 4475 has are called as there. `messages` gives every kind once and then seeded damage of them: bytes
changed, cut, doubled, moved.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator

from kindline.runtime.benches.sip import Caller, sdp

Change = Callable[[str], str]
TRANSPORTS = ("UDP", "SCTP", "TLS", "UNKNOWN", "TCP")
PARTS = "".join(
    f"--7a9cbec02ceef655\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: binary\r\n\r\n{text}\r\n"
    for kind, text in (("text/plain", "Hello"), ("application/octet-stream", "\x00\x01\x7f"))
)


def _put(name: str, value: str) -> Change:
    """A header beside the others."""
    return lambda text: text.replace("\r\nContent-Length", f"\r\n{name}: {value}\r\nContent-Length", 1)


def _instead(name: str, value: str) -> Change:
    """A header with another value."""

    def change(text: str) -> str:
        lines = [f"{name}: {value}" if line.startswith(f"{name}:") else line for line in text.split("\r\n")]
        return "\r\n".join(lines)

    return change


def _without(name: str) -> Change:
    """A message that lacks a header."""
    return lambda text: "\r\n".join(line for line in text.split("\r\n") if not line.startswith(f"{name}:"))


def _first(line: str) -> Change:
    """Another first line."""
    return lambda text: line + text[text.index("\r\n") :]


def _twice(name: str) -> Change:
    """A header that may be there once is there twice."""

    def change(text: str) -> str:
        lines = text.split("\r\n")
        found = next(line for line in lines if line.startswith(f"{name}:"))
        lines.insert(lines.index(found), found.replace("1", "2"))
        return "\r\n".join(lines)

    return change


ODD: dict[str, Change] = {
    "wsinv": lambda text: text.replace("Max-Forwards: 70", "Max-Forwards:\r\n \t 70").replace(": ", " :\r\n   ", 2),
    "compact": lambda text: text.replace("From:", "f:").replace("To:", "t:").replace("Call-ID:", "i:"),
    "case": lambda text: text.replace("From:", "fROM:").replace("CSeq:", "cSEQ:").replace("Via:", "VIA:"),
    "blank_lines": lambda text: "\r\n\r\n" + text,
    "longreq": _put("X-Long", "x" * 6000),
    "many_vias": lambda text: text.replace(
        "Max-Forwards",
        "".join(f"Via: SIP/2.0/UDP h{n}.example;branch=z9hG4bKv{n}\r\n" for n in range(60)) + "Max-Forwards",
    ),
    "escnull": _instead("Contact", "<sip:null-%00-null@127.0.0.1>"),
    "esc02": _first("RE%47IST%45R sip:127.0.0.1 SIP/2.0"),
    "intmeth": _first("!i0\"*%_+`'~ sip:a@127.0.0.1 SIP/2.0".replace('"', "")),
    "esc01": _first("INVITE sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@127.0.0.1 SIP/2.0"),
    "semiuri": _first("OPTIONS sip:user;par=u%40example.net@127.0.0.1 SIP/2.0"),
    "lwsdisp": _instead("From", "caller<sip:caller@example.com>;tag=323"),
    "utf8": _put("Subject", "Прийом показань ☎ 電話"),
    "all_headers": lambda text: text.replace(
        "\r\nContent-Length", "".join(f"\r\nX-Kind-{n}: {n}" for n in range(80)) + "\r\nContent-Length"
    ),
    "tel": _first("INVITE tel:+79001234567 SIP/2.0"),
    "dblreq": lambda text: (
        text + "OPTIONS sip:a@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKd\r\n\r\n"
    ),
    "transports": lambda text: text.replace(
        "Max-Forwards",
        "".join(f"Via: SIP/2.0/{kind} t{kind}.example;branch=z9hG4bK{kind}\r\n" for kind in TRANSPORTS)
        + "Max-Forwards",
        1,
    ),
    "mpart01": lambda text: _body(text, "multipart/mixed;boundary=7a9cbec02ceef655", PARTS),
    "cparam01": _instead("Contact", "sip:+19725552222@127.0.0.1;unknownparam"),
    "cparam02": _instead("Contact", "<sip:+19725552222@127.0.0.1;unknownparam>"),
    "regescrt": _instead("Contact", "<sip:user@example.com?Route=%3Csip:sip.example.com%3E>"),
    "sdp01": _put("Accept", "text/nobodyKnowsThis"),
    "inv2543": lambda text: re.sub(r";branch=[^;\r]+|;rport|;tag=[^\r]+", "", text),
    # addresses of the sixth version, named as in RFC 5118
    "ipv6-good": _first("REGISTER sip:[2001:db8::10] SIP/2.0"),
    "port-unambiguous": _first("REGISTER sip:[2001:db8::10]:5070 SIP/2.0"),
    "port-ambiguous": _first("REGISTER sip:[2001:db8::10:5070] SIP/2.0"),
    "via-received-param-with-delim": _instead(
        "Via", "SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3"
    ),
    "via-received-param-no-delim": _instead(
        "Via", "SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas4"
    ),
    "ipv6-in-sdp": lambda text: text.replace("c=IN IP4 127.0.0.1", "c=IN IP6 2001:db8::20"),
    "mult-ip-in-header": _put(
        "Record-Route", "<sip:127.0.0.1;lr>, <sip:[2001:db8::10];lr>, <sip:[2001:db8::10]:5070;lr>"
    ),
    "mult-ip-in-sdp": lambda text: text.replace(
        "c=IN IP4 127.0.0.1", "c=IN IP4 127.0.0.1\r\nm=audio 22334 RTP/AVP 0\r\nc=IN IP6 2001:db8::1", 1
    ),
    "ipv4-mapped-ipv6": _instead("Contact", "<sip:user@[::ffff:192.0.2.10]>"),
    "ipv6-correct-abnf-2-colons": _instead("Via", "SIP/2.0/UDP [2001:db8::192.0.2.1];branch=z9hG4bKas"),
}
WRONG: dict[str, Change] = {
    "badvers": lambda text: text.replace("SIP/2.0\r\n", "SIP/7.0\r\n", 1),
    "no_version": _first("INVITE sip:a@127.0.0.1"),
    "ltgtruri": _first("INVITE <sip:a@127.0.0.1> SIP/2.0"),
    "lwsruri": _first("INVITE sip:a@127.0.0.1; lr SIP/2.0"),
    "lwsstart": _first("INVITE  sip:a@127.0.0.1  SIP/2.0"),
    "trws": _first("OPTIONS sip:a@127.0.0.1 SIP/2.0  "),
    "unkscm": _first("OPTIONS nobodyknowsit:totallyopaque SIP/2.0"),
    "novelsc": _first("OPTIONS soap.beep://127.0.0.1:3002 SIP/2.0"),
    "escruri": _first("INVITE sip:a@127.0.0.1?Route=%3Csip:e@example.com%3E SIP/2.0"),
    "clerr": _instead("Content-Length", "9999"),
    "ncl": _instead("Content-Length", "-999"),
    "huge_body": _instead("Content-Length", "18446744073709551617"),
    "no_number": _instead("Content-Length", "many"),
    "scalar02": _instead("CSeq", "36893488147419103232 OPTIONS"),
    "mismatch02": _instead("CSeq", "8 NEWMETHOD"),
    "no_cseq": _without("CSeq"),
    "no_from": _without("From"),
    "no_to": _without("To"),
    "insuf": _without("Call-ID"),
    "no_via": _without("Via"),
    "multi01": _twice("To"),
    "two_cseq": _twice("CSeq"),
    "mcl01": _put("Content-Length", "500"),
    "quotbal": _instead("To", '"Mr. J. User <sip:j.user@example.com>'),
    "badaspec": _instead("From", '"Bell, <sip:a@b> "Alexander <sip:a.g.bell@example.com>;tag=43'),
    "baddate": _put("Date", "Fri, 32 Jan 2010 16:00:00 EST"),
    "zeromf": _instead("Max-Forwards", "0"),
    "forwards": _instead("Max-Forwards", "-1"),
    "badinv01": _instead("Via", "SIP/2.0/UDP 192.0.2.15;;,;,,"),
    "contact_commas": _instead("Contact", '"Joe" <sip:joe@example.org>;;;;,,'),
    "expires": _put("Expires", "100000000000000000000000000000000000000000000"),
    "bext01": _put("Require", "nothingSupportsThis, norThis"),
    "regaut01": _put("Authorization", "NoOneKnowsThisScheme opaque-data=here"),
    "auth_cut": _put("Authorization", 'Digest username="op1s", realm="'),
    "invut": _instead("Content-Type", "application/unknownformat"),
    "star": _instead("Contact", "*"),
    "scalar_expires": _put("Expires", "4294967296"),
    "regbadct": _instead("Contact", "sip:user@example.com?Route=%3Csip:sip.example.com%3E"),
    "baddn": _instead("From", "Bell, Alexander <sip:a.g.bell@example.com>;tag=43"),
    "mismatch01": _first("INVITE sip:a@127.0.0.1 SIP/2.0"),
    "badbranch": lambda text: re.sub(r"branch=z9hG4bK\w+", "branch=z9hG4bK", text),
    "unksm2": _instead("To", "isbn:2983792873"),
    "null": lambda text: text.replace("Max-Forwards", "Max\0Forwards"),
    # addresses of the sixth version
    "ipv6-bad": _first("REGISTER sip:2001:db8::10 SIP/2.0"),
    "six_open": _first("INVITE sip:a@[2001:db8::10 SIP/2.0"),
    "ipv6-bug-abnf-3-colons": _instead("Via", "SIP/2.0/UDP [2001:db8:::192.0.2.1];branch=z9hG4bKas"),
    "sdp_port": lambda text: text.replace("m=audio 9", "m=audio 99999999"),
    "sdp_cut": lambda text: text[: text.index("m=audio") + 4] if "m=audio" in text else text[:-3],
}
ANSWERS: dict[str, tuple[str, Change]] = {
    "unreason": ("200 = 2**3 * 5**2 но сто девяносто девять - простое", lambda text: text),
    "noreason": ("100 ", lambda text: text),
    "scalarlg": ("503 Service Unavailable", _put("Retry-After", "949302838503028349304023988")),
    "bigcode": ("4294967301 better not break the receiver", lambda text: text),
    "bcast": ("200 OK", _put("Via", "SIP/2.0/UDP 192.0.2.198;branch=z9hG4bKx")),
}
"""Answers to what was never asked: what they say, and how they differ from others."""
OF_RFC_4475 = """
    wsinv intmeth esc01 escnull esc02 lwsdisp longreq dblreq semiuri transports mpart01 unreason noreason
    badinv01 clerr ncl scalar02 scalarlg quotbal ltgtruri lwsruri lwsstart trws escruri baddate regbadct
    badaspec baddn badvers mismatch01 mismatch02 bigcode badbranch insuf unkscm novelsc unksm2 bext01 invut
    regaut01 multi01 mcl01 bcast zeromf cparam01 cparam02 regescrt sdp01 inv2543
"""
"""The names of its messages: each is a kind here."""
OF_RFC_5118 = """
    ipv6-good ipv6-bad port-ambiguous port-unambiguous via-received-param-with-delim via-received-param-no-delim
    ipv6-in-sdp mult-ip-in-header mult-ip-in-sdp ipv4-mapped-ipv6 ipv6-bug-abnf-3-colons ipv6-correct-abnf-2-colons
"""
"""The same of the messages for addresses of the sixth version."""


def answers(caller: Caller) -> Iterator[bytes]:
    """Every kind of answer."""
    for said, change in ANSWERS.values():
        plain = caller.request("OPTIONS", "direct").decode()
        yield change(f"SIP/2.0 {said}" + plain[plain.index("\r\n") :]).encode()


def _body(text: str, kind: str, body: str) -> str:
    """A message with another body."""
    head = text[: text.index("\r\nContent-Length")].replace("application/sdp", kind)
    return f"{head}\r\nContent-Length: {len(body)}\r\n\r\n{body}"


def messages(caller: Caller, order: random.Random, damaged: int) -> Iterator[bytes]:
    """Every kind as a call, a registration and a question, then so many with seeded damage."""
    made: list[bytes] = []
    for change in (*ODD.values(), *WRONG.values()):
        for method in ("INVITE", "REGISTER", "OPTIONS"):
            body = sdp("127.0.0.1", 9) if method == "INVITE" else ""
            plain = caller.request(method, "direct", sender=f"t{len(made)}", body=body).decode()
            made.append(change(plain).encode("utf-8", "surrogateescape"))
    yield from made
    yield from answers(caller)
    yield from (b"", b"\r\n\r\n", b"\0" * 40, b"SIP/2.0 200 OK\r\n\r\n", bytes(order.randbytes(1200)))
    for _ in range(damaged):
        yield damage(order.choice(made), order)


def damage(message: bytes, order: random.Random) -> bytes:
    """A message with some bytes changed, cut out, doubled or moved."""
    text = bytearray(message)
    for _ in range(order.randint(1, 6)):
        at, long = order.randrange(len(text)), order.randint(1, 40)
        match order.randrange(4):
            case 0:
                text[at] = order.randrange(256)
            case 1:
                del text[at : at + long]
            case 2:
                text[at:at] = text[at : at + long] * order.randint(1, 9)
            case _:
                piece = text[at : at + long]
                del text[at : at + long]
                text += piece
        text = text or bytearray(b"\r\n")
    return bytes(text[:60_000])
