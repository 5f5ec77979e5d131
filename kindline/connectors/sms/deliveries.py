"""What a centre sends by deliver_sm, read with patience: pure. What cannot be read is kept as it came."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field

from kindline.notifications import states
from kindline.notifications.wires import Came, News, Told

HEADER = 16
UDHI, RECEIPT_BITS = 0b01000000, 0b00111100
RECEIPTS = frozenset({0b00000100, 0b00001000, 0b00100000})
"""Kinds of messages that tell of one of ours: a receipt, an acknowledgement, a notice in between."""
PAYLOAD, RECEIPTED_ID, MESSAGE_STATE = 0x0424, 0x001E, 0x0427
SAR_REFERENCE, SAR_TOTAL, SAR_NUMBER = 0x020C, 0x020E, 0x020F
STATES = {
    "DELIVRD": states.DELIVERED, "EXPIRED": states.EXPIRED, "DELETED": states.FAILED, "UNDELIV": states.FAILED,
    "REJECTD": states.FAILED,
}  # fmt: skip
"""What a receipt says by its word; ACCEPTD, ENROUTE and UNKNOWN tell no more than that the centre has it."""
NUMBERED = {2: states.DELIVERED, 3: states.EXPIRED, 4: states.FAILED, 5: states.FAILED, 8: states.FAILED}
WORDS = re.compile(r"\b(id|stat|err):([^\s]*)", re.IGNORECASE)
CODINGS = {0: "gsm", 1: "ascii", 3: "latin-1", 6: "iso8859-5", 8: "utf-16-be"}
GSM = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_ESCAPED = {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|",
               0x65: "€"}  # fmt: skip
ESCAPE = 0x1B


@dataclass
class Body:
    """The fields of a deliver_sm that matter."""

    source: str
    to: str
    esm_class: int
    coding: int
    content: bytes
    tags: dict[int, bytes] = field(default_factory=dict)


def news(pdu: bytes) -> News:
    """What the message tells: of one of ours, or a text of somebody; never an error."""
    try:
        body = _body(pdu)
        return _told(body) if body.esm_class & RECEIPT_BITS in RECEIPTS else _came(body)
    except (ValueError, IndexError, LookupError, struct.error):
        return Came("", "", "", raw=pdu.hex())


def _body(pdu: bytes) -> Body:
    place = HEADER

    def word() -> str:
        nonlocal place
        end = pdu.index(b"\x00", place)
        found, place = pdu[place:end].decode("latin-1"), end + 1
        return found

    word()  # service_type
    place += 2
    source = word()
    place += 2
    to = word()
    esm_class = pdu[place]
    place += 3
    word()  # schedule_delivery_time
    word()  # validity_period
    coding, length = pdu[place + 2], pdu[place + 4]
    place += 5
    content = pdu[place : place + length]
    tags = _tags(pdu, place + length)
    return Body(source, to, esm_class, coding, content or tags.get(PAYLOAD, b""), tags)


def _tags(pdu: bytes, place: int) -> dict[int, bytes]:
    found = {}
    while place + 4 <= len(pdu):
        tag, length = struct.unpack_from("!HH", pdu, place)
        found[tag] = pdu[place + 4 : place + 4 + length]
        place += 4 + length
    return found


def _told(body: Body) -> Told:
    said = decoded(body.content, body.coding)
    words = {name.lower(): value for name, value in WORDS.findall(said)}
    id_ = body.tags.get(RECEIPTED_ID, b"").rstrip(b"\x00").decode("latin-1") or words.get("id", "")
    state = STATES.get(words.get("stat", "").upper()[:7])
    if state is None and "stat" not in words:
        state = NUMBERED.get((body.tags.get(MESSAGE_STATE) or b"\x00")[0])
    if not id_:
        raise ValueError("a receipt of nothing")
    why = " ".join(f"{name} {words[name]}" for name in ("stat", "err") if words.get(name))
    return Told(id_, state or states.SUBMITTED, body.source, why)


def _came(body: Body) -> Came:
    content, reference, total, number = body.content, 0, 1, 1
    if body.esm_class & UDHI:
        content = body.content[body.content[0] + 1 :]
        reference, total, number = _concatenated(body.content[1 : body.content[0] + 1])
    elif SAR_TOTAL in body.tags:
        reference = int.from_bytes(body.tags[SAR_REFERENCE], "big")
        total, number = body.tags[SAR_TOTAL][0], body.tags[SAR_NUMBER][0]
    if not 1 <= number <= total:
        raise ValueError("a part that belongs to nothing")
    return Came(body.source, body.to, decoded(content, body.coding), number, total, reference)


def _concatenated(header: bytes) -> tuple[int, int, int]:
    """Reference, number of parts and place of this one, of a user data header; a single message has none."""
    place = 0
    while place + 2 <= len(header):
        kind, length = header[place], header[place + 1]
        value = header[place + 2 : place + 2 + length]
        if kind == 0x00 and length == 3:
            return value[0], value[1], value[2]
        if kind == 0x08 and length == 4:
            return int.from_bytes(value[:2], "big"), value[2], value[3]
        place += 2 + length
    return 0, 1, 1


def decoded(content: bytes, coding: int) -> str:
    """The text; raises for an alphabet that we do not know (LookupError) and for what is not in it (ValueError)."""
    name = CODINGS[coding & 0x0C if coding & 0xC0 == 0 and coding > 15 else coding]
    return _gsm(content) if name == "gsm" else content.decode(name)


def _gsm(content: bytes) -> str:
    signs, escaped = [], False
    for octet in content:
        if octet == ESCAPE and not escaped:
            escaped = True
            continue
        signs.append(GSM_ESCAPED.get(octet, " ") if escaped else GSM[octet])
        escaped = False
    return "".join(signs)


def encoded(text: str, coding: str) -> bytes:
    """A text as it goes: the alphabet of the network an octet a sign, or UCS-2."""
    if coding != "gsm":
        return text.encode("utf-16-be")
    escaped = {sign: octet for octet, sign in GSM_ESCAPED.items()}
    return b"".join(bytes([ESCAPE, escaped[sign]]) if sign in escaped else bytes([GSM.index(sign)]) for sign in text)
