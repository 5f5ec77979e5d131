"""How a text becomes short messages and one again: pure. Seven bits a sign where the alphabet allows it, else UCS-2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

GSM, UCS2 = "gsm", "ucs2"
ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")
"""Signs of the alphabet that take two places."""
ROOM = {GSM: (160, 153), UCS2: (70, 67)}
"""How much one message holds alone, and as a part of several; UCS-2 counts units of sixteen bits."""
PARTS_MAX = 10
GAP = "…"


@dataclass(frozen=True, slots=True)
class Cut:
    """A text as it goes: the alphabet and the pieces."""

    coding: str
    pieces: tuple[str, ...]


def cut(text: str) -> Cut:
    """The text in as few messages as it needs; no sign is torn apart."""
    coding = GSM if all(sign in ALPHABET or sign in EXTENDED for sign in text) else UCS2
    alone, together = ROOM[coding]
    if sum(_places(sign, coding) for sign in text) <= alone:
        return Cut(coding, (text,))
    return Cut(coding, tuple(_pieces(text, coding, together)))


def _pieces(text: str, coding: str, room: int) -> Iterator[str]:
    piece, taken = "", 0
    for sign in text:
        places = _places(sign, coding)
        if taken + places > room:
            yield piece
            piece, taken = "", 0
        piece, taken = piece + sign, taken + places
    yield piece


def _places(sign: str, coding: str) -> int:
    if coding == GSM:
        return 2 if sign in EXTENDED else 1
    return 2 if ord(sign) > 0xFFFF else 1


def joined(pieces: Mapping[int, str], total: int) -> str:
    """The text of the pieces that came, by their numbers from one; a piece that is missing is shown by a sign."""
    return "".join(pieces.get(number, GAP) for number in range(1, total + 1))
