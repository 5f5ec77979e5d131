"""Fields of a TIFF structure, in which cameras write where, when and by whom (TIFF 6.0; Exif 3.0, JEITA CP-3451)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

ORIENTATION = 0x0112
POINTERS = frozenset({0x8769, 0x8825, 0xA005})
"""To lists of fields of the camera: Exif, GPS, interoperability."""
TOLD = frozenset({
    0x010D, 0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x013C, 0x02BC, 0x8298, 0x83BB, 0x8649, 0x9C9B, 0x9C9C,
    0x9C9D, 0x9C9E, 0x9C9F, 0xC62F,
})  # fmt: skip
"""Words about a picture: names, device and its number, times, artist, owner, XMP, IPTC, Photoshop."""
PAGES, LISTS = 4096, 64
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}


class NotReadableError(Exception):
    """The structure is not as its format says."""


@dataclass(frozen=True, slots=True)
class Field:
    """One entry: where it stands, and where its value lies."""

    at: int
    tag: int
    value: int
    size: int


def order_of(block: bytes | bytearray) -> str:
    """The order of bytes, as `struct` says it. Raises: NotReadableError."""
    orders = {b"II*\0": "<", b"MM\0*": ">"}
    if bytes(block[:4]) not in orders:
        raise NotReadableError
    return orders[bytes(block[:4])]


def orientation(block: bytes) -> int:
    """How a picture is turned: 1 (upright) to 8; 1 where nothing readable says so."""
    try:
        order = order_of(block)
        for field in fields(block, order, _long(block, order, 4)):
            if field.tag == ORIENTATION and field.size == 2:
                found = int(struct.unpack_from(f"{order}H", block, field.value)[0])
                return found if 1 <= found <= 8 else 1
    except (NotReadableError, struct.error):
        pass
    return 1


def saying_only(turned: int) -> bytes:
    """A structure that says how a picture is turned, and nothing else."""
    return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, ORIENTATION, 3, 1, turned, 0, 0)


def blanked(content: bytes) -> bytes:
    """A TIFF file without what its fields tell; the pictures and how they are shown stay. Raises: NotReadableError."""
    made = bytearray(content)
    try:
        order = order_of(made)
        at, pages = _long(made, order, 4), 0
        while at and pages < PAGES:
            pages += 1
            _blank_told(made, order, at)
            at = _long(made, order, at + 2 + 12 * _count(made, order, at))
    except struct.error as error:
        raise NotReadableError from error
    return bytes(made)


def fields(block: bytes | bytearray, order: str, at: int) -> Iterator[Field]:
    """The entries of the list that begins at `at`. Raises: struct.error where it ends too early."""
    for number in range(_count(block, order, at)):
        place = at + 2 + 12 * number
        tag, kind, count = struct.unpack_from(f"{order}HHI", block, place)
        size = SIZES.get(kind, 1) * count
        yield Field(place, tag, place + 8 if size <= 4 else _long(block, order, place + 8), size)


def _blank_told(made: bytearray, order: str, at: int) -> None:
    for field in list(fields(made, order, at)):
        if field.tag in POINTERS:
            _blank_list(made, order, _long(made, order, field.at + 8), LISTS)
        elif field.tag in TOLD:
            _zero(made, field.value, field.size)


def _blank_list(made: bytearray, order: str, at: int, left: int) -> None:
    """Make an empty list of it, and nothing of the values that it led to."""
    found = list(fields(made, order, at))
    for field in found:
        if field.tag in POINTERS and left:
            _blank_list(made, order, _long(made, order, field.at + 8), left - 1)
        else:
            _zero(made, field.value, field.size)
    _zero(made, at, 2 + 12 * len(found) + 4)


def _zero(made: bytearray, at: int, size: int) -> None:
    end = min(len(made), at + size)
    made[at:end] = bytes(max(0, end - at))


def _count(block: bytes | bytearray, order: str, at: int) -> int:
    return int(struct.unpack_from(f"{order}H", block, at)[0])


def _long(block: bytes | bytearray, order: str, at: int) -> int:
    return int(struct.unpack_from(f"{order}I", block, at)[0])
