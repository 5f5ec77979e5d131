"""Pictures without what their cameras wrote into them: place, time, device, names (ASVS 5.0, 14.2.8; ADR 48).

Pixels are not touched and nothing is unpacked: whole parts of a file are left out, by a list of those that may stay.
Colour profiles stay, and of the camera's fields the one that says how the picture is turned.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from kindline.files import documents, exif, heic
from kindline.files.exif import NotReadableError

EXIF, ICC = b"Exif\0\0", b"ICC_PROFILE\0"
SOI, EOI, SOS, APP0, APP1, APP2, APP14, APP15, COMMENT = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
MARKER = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
"""A marker within the pixels of a JPEG: neither a stuffed byte nor a restart."""
PNG_SIGN = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = frozenset(
    b"tRNS cHRM gAMA iCCP sBIT sRGB bKGD hIST pHYs sPLT cICP mDCV cLLI acTL fcTL fdAT".split()
)  # those without which it cannot be drawn begin with a capital
WEBP_KEPT = frozenset((b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
WEBP_PIXELS = frozenset((b"VP8 ", b"VP8L", b"ANMF"))
WEBP_SAYS_EXIF, WEBP_SAYS_XMP = 0x08, 0x04
GIF_KEPT = (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012")
EXTENSION, IMAGE, TRAILER, CONTROL, PLAIN, APPLICATION = 0x21, 0x2C, 0x3B, 0xF9, 0x01, 0xFF


def without(content: bytes, media_type: str) -> bytes:
    """The same picture without metadata, and without what hangs behind its end; other files as they are.

    Raises: NotReadableError where a picture is not built as its format says.
    """
    strip = STRIPPED.get(media_type)
    try:
        return strip(content) if strip else content
    except (IndexError, struct.error) as error:
        raise NotReadableError from error


def bared(path: Path, media_type: str, out: Path) -> str:
    """Write a picture without metadata to `out`; what became of those, as `documents.bared` says it."""
    content = path.read_bytes()
    try:
        bare = without(content, media_type)
    except NotReadableError:
        return documents.UNREADABLE
    if bare == content:
        return ""
    out.write_bytes(bare)
    return documents.REMOVED


def _jpeg(content: bytes) -> bytes:
    return b"\xff\xd8" + b"".join(_jpeg_parts(content))


def _jpeg_parts(content: bytes) -> Iterator[bytes]:
    at = 2
    while True:
        found = MARKER.search(content, at)
        if found is None:
            raise NotReadableError
        marker, at = content[found.end() - 1], found.end()
        if marker == EOI:
            yield b"\xff\xd9"
            return
        size = struct.unpack_from(">H", content, at)[0]
        body = content[at + 2 : at + size]
        if size < 2 or at + size > len(content):  # cut off on its way
            return
        yield _jpeg_segment(marker, body)
        at += size
        if marker == SOS:
            end = MARKER.search(content, at)
            yield content[at : end.start() if end else len(content)]
            if end is None:  # cut off on its way: what there is of it is shown
                return
            at = end.start()


def _jpeg_segment(marker: int, body: bytes) -> bytes:
    if marker == APP1 and body.startswith(EXIF):
        turned = exif.orientation(body[len(EXIF) :])
        return _segment(APP1, EXIF + exif.saying_only(turned)) if turned != 1 else b""
    kept = {APP0: b"JFIF\0", APP2: ICC, APP14: b"Adobe"}
    is_told = marker == COMMENT or (APP0 <= marker <= APP15 and not body.startswith(kept.get(marker, b"\0none")))
    return b"" if is_told else _segment(marker, body)


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def _png(content: bytes) -> bytes:
    made, at, kind = [PNG_SIGN], len(PNG_SIGN), b""
    while kind != b"IEND":
        size, kind = struct.unpack_from(">I4s", content, at)
        whole = content[at : at + size + 12]
        at += len(whole)
        if len(whole) < size + 12:  # cut off on its way: what there is of the pixels is shown
            made += [whole] if kind == b"IDAT" else []
            break
        if kind == b"eXIf" and (turned := exif.orientation(whole[8:-4])) != 1:
            made.append(_chunk(b"eXIf", exif.saying_only(turned)))
        elif kind[:1].isupper() or kind in PNG_KEPT:
            made.append(whole)
    return b"".join(made)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _webp(content: bytes) -> bytes:
    parts, turned, end = [], 1, min(len(content), 8 + int.from_bytes(content[4:8], "little"))
    at = 12
    while at + 8 <= end:
        kind, size = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        body = content[at + 8 : at + 8 + size]
        if kind == b"EXIF":
            turned = exif.orientation(body.removeprefix(EXIF))
        elif kind in WEBP_KEPT:
            parts.append((kind, body))
        at += 8 + size + size % 2
    if not {kind for kind, _ in parts} & WEBP_PIXELS:
        raise NotReadableError
    if turned != 1:
        parts.append((b"EXIF", exif.saying_only(turned)))
    made = b"".join(_riff(kind, _webp_flags(kind, body, turned)) for kind, body in parts)
    return b"RIFF" + struct.pack("<I", len(made) + 4) + b"WEBP" + made


def _webp_flags(kind: bytes, body: bytes, turned: int) -> bytes:
    if kind != b"VP8X":
        return body
    flags = body[0] & ~(WEBP_SAYS_EXIF | WEBP_SAYS_XMP) | (WEBP_SAYS_EXIF if turned != 1 else 0)
    return bytes((flags,)) + body[1:]


def _riff(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _gif(content: bytes) -> bytes:
    start = at = 13 + _palette(content[10])
    made = [content[:start]]
    while content[at] != TRAILER:
        begun = at
        if content[at] == EXTENSION:
            label, at = content[at + 1], at + 2
            name = content[at + 1 : at + 12]
            is_kept = label in (CONTROL, PLAIN) or (label == APPLICATION and name in GIF_KEPT)
        elif content[at] == IMAGE:
            at, is_kept = at + 10 + _palette(content[at + 9]) + 1, True
        else:
            raise NotReadableError
        while content[at]:
            at += 1 + content[at]
        at += 1
        made += [content[begun:at]] if is_kept else []
    return b"".join(made) + b";"


def _palette(flags: int) -> int:
    """How many bytes of colours follow."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


STRIPPED: dict[str, Callable[[bytes], bytes]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
    "image/gif": _gif,
    "image/tiff": exif.blanked,
    "image/heic": heic.blanked,
}
