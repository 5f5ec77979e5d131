"""Files that are meant to do harm, made by the tests themselves."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from PIL import Image

RAN = "document.title='ran';new Image().src='/ran'"
"""What a script in a file would do, if it ran."""
SVG = f'<svg xmlns="http://www.w3.org/2000/svg"><script>{RAN}</script><circle r="9" onload="{RAN}"/></svg>'.encode()
HTML = f'<!doctype html><title>x</title><body onload="{RAN}"><script>{RAN}</script>'.encode()


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    """An honest picture."""
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, kind)
    return out.getvalue()


def gif_and_html() -> bytes:
    """A GIF that draws, and is a page to whoever sniffs: its comment holds one."""
    honest = picture("GIF")
    comment = HTML[:250]
    end = honest.rindex(b";")
    return honest[:end] + b"\x21\xfe" + bytes([len(comment)]) + comment + b"\0;"


def jpeg_and_zip() -> bytes:
    """A picture with an archive behind it."""
    return picture("JPEG") + archive({"a.html": HTML})


def pdf_and_html() -> bytes:
    """A page that begins as a PDF."""
    return b"%PDF-1.7\n" + HTML


def png_flood(side: int = 60_000) -> bytes:
    """A small file that unpacks into 3.6 thousand million pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def jpeg_flood() -> bytes:
    """A picture whose header says that it is 60000 pixels wide and high."""
    honest = bytearray(picture("JPEG"))
    place = honest.index(b"\xff\xc0") + 5
    honest[place : place + 4] = struct.pack(">HH", 60_000, 60_000)
    return bytes(honest)


def archive(contents: dict[str, bytes]) -> bytes:
    """A ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in contents.items():
            made.writestr(name, content)
    return out.getvalue()


def bomb() -> bytes:
    """An archive that unpacks into a thousand times its size."""
    return archive({"zeros": b"\0" * 50_000_000})
