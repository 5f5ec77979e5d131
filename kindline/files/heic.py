"""A HEIC picture without what its camera wrote beside it (ISO/IEC 23008-12; boxes: ISO/IEC 14496-12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kindline.files.exif import NotReadableError

EMPTY_EXIF = b"\0\0\0\0" + b"MM\0*\0\0\0\x08" + b"\0\0" + b"\0\0\0\0"
"""Where the structure begins, and a structure that has no fields."""
TOLD = (b"Exif", b"mime", b"uri ")
"""Kinds of items that tell something: the camera's fields, XMP; how a picture is turned is a property of its own."""


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the file: what it holds lies from `start` to `end`."""

    kind: bytes
    start: int
    end: int


class Reader:
    """Numbers one after the other. Raises: NotReadableError beyond the end."""

    def __init__(self, content: bytes | bytearray, at: int, end: int) -> None:
        self._content, self.at, self._end = content, at, end

    def number(self, size: int) -> int:
        """A number of so many bytes; none is 0."""
        return int.from_bytes(self.raw(size))

    def raw(self, size: int) -> bytes:
        """So many bytes."""
        if self.at + size > self._end:
            raise NotReadableError
        self.at += size
        return bytes(self._content[self.at - size : self.at])


def blanked(content: bytes) -> bytes:
    """The same picture, the items that tell something made empty where they lie. Raises: NotReadableError."""
    made = bytearray(content)
    for meta in _boxes(made, 0, len(made)):
        if meta.kind == b"meta":
            inner = {box.kind: box for box in _boxes(made, meta.start + 4, meta.end)}
            told = _told(made, inner[b"iinf"]) if b"iinf" in inner else {}
            if told and b"iloc" not in inner:
                raise NotReadableError
            for item, start, size in _places(made, inner[b"iloc"], inner.get(b"idat")) if told else ():
                if item in told:
                    _empty(made, start, size, told[item])
    return bytes(made)


def _empty(made: bytearray, start: int, size: int, kind: bytes) -> None:
    if start + size > len(made):
        raise NotReadableError
    filled = EMPTY_EXIF if kind == b"Exif" and size >= len(EMPTY_EXIF) else b""
    made[start : start + size] = filled + (b"\0" if kind == b"Exif" else b" ") * (size - len(filled))


def _boxes(content: bytes | bytearray, at: int, end: int) -> Iterator[Box]:
    while at + 8 <= end:
        head = Reader(content, at, end)
        size, kind = head.number(4), head.raw(4)
        size = {0: end - at, 1: head.number(8) if size == 1 else 0}.get(size, size)
        if size < head.at - at or at + size > end:
            raise NotReadableError
        yield Box(kind, head.at, at + size)
        at += size


def _told(content: bytes | bytearray, box: Box) -> dict[int, bytes]:
    """The items that tell something: number and kind."""
    head = Reader(content, box.start, box.end)
    version = head.number(4) >> 24
    head.number(2 if version == 0 else 4)
    found = {}
    for one in _boxes(content, head.at, box.end):
        entry = Reader(content, one.start, one.end)
        kind_of_entry = entry.number(4) >> 24
        if one.kind == b"infe" and kind_of_entry >= 2:
            item, _ = entry.number(2 if kind_of_entry == 2 else 4), entry.number(2)
            kind = entry.raw(4)
            if kind in TOLD:
                found[item] = kind
    return found


def _places(content: bytes | bytearray, box: Box, idat: Box | None) -> Iterator[tuple[int, int, int]]:
    """Where the items lie: number, start, size."""
    head = Reader(content, box.start, box.end)
    version, sizes, more = head.number(4) >> 24, head.number(1), head.number(1)
    offset_size, length_size, base_size, index_size = sizes >> 4, sizes & 15, more >> 4, more & 15
    for _ in range(head.number(2 if version < 2 else 4)):
        item, method = head.number(2 if version < 2 else 4), head.number(2) & 15 if version else 0
        head.number(2)
        base = head.number(base_size) + (idat.start if method == 1 and idat else 0)
        for _ in range(head.number(2)):
            head.number(index_size if version else 0)
            offset, length = head.number(offset_size), head.number(length_size)
            if method < 2:
                yield item, base + offset, length or max(0, len(content) - base - offset)
