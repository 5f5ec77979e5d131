"""What a file is by its content, and whether it may be passed on (pure: it runs in the cage)."""

from __future__ import annotations

import struct
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path

UNPACKED_MAX = 300 * 1024 * 1024
RATIO_MAX = 200
ENTRIES_MAX = 3000
PIXELS_MAX = 120_000_000
FRAMES_PIXELS_MAX = 2_000_000_000
"""Of all pictures of an animation or a scan of many pages together."""
HEAD = 4096
SIGNS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"BM", "image/bmp"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole"),
    (b"{\\rtf", "application/rtf"),
    (b"\x78\x9f\x3e\x22", "application/ms-tnef"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"MZ", "application/x-executable"),
    (b"\x7fELF", "application/x-executable"),
    (b"\xca\xfe\xba\xbe", "application/x-executable"),
    (b"#!", "application/x-script"),
    (b"Rar!", "application/x-rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\x30\x82", "application/pkcs7-mime"),
    (b"\x30\x80", "application/pkcs7-mime"),
)
REFUSED = {
    "application/x-executable": "program",
    "application/x-script": "program",
    "application/x-rar": "archive",
    "application/x-7z": "archive",
    "application/gzip": "archive",
}
RASTERS = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/tiff", "image/bmp"})
FORMATS = ("JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP", "MPO")
INLINE = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
"""What a browser may show in our name: it draws pixels and runs nothing."""
PROGRAMS = frozenset(
    "exe com scr pif bat cmd vbs vbe js jse wsf wsh hta msi msp jar ps1 psm1 lnk reg cpl dll chm iso img vhd".split()
)
OFFICE = {"word/": "docx", "xl/": "xlsx", "ppt/": "pptx"}
ARCHIVES = (".zip", ".rar", ".7z", ".gz", ".bz2", ".xz", ".tar")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a file is, and why it is refused (empty: it is not)."""

    media_type: str
    reason: str = ""  # program|archive|bomb|size|type|pixels|mismatch|macro, or a fault of the cage


def inspect(path: Path, name: str) -> Finding:
    """Look at a file: type by its first bytes, its size unpacked, its pixels; nothing is unpacked."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    kind = _kind(head)
    ending = name.lower().rpartition(".")[2]
    if ending in PROGRAMS or kind in REFUSED:
        return Finding(kind, REFUSED.get(kind, "program"))
    if kind == "application/zip":
        return _archive(path)
    if kind in RASTERS:
        return Finding(kind, "pixels") if _pixels(head, kind) > PIXELS_MAX else _picture(path, kind)
    if ending == "pdf" and kind != "application/pdf" and b"%PDF-" not in head[:1024]:
        return Finding(kind, "mismatch")
    return Finding(kind)


def _kind(head: bytes) -> str:
    for sign, kind in SIGNS:
        if head.startswith(sign):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"msf1"):
        return "image/heic"
    start = head[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<svg", b"<?xml", b"<!--")):
        if b"<svg" in start:
            return "image/svg+xml"
        return "text/html" if b"html" in start or b"<script" in start or start.startswith(b"<!--") else "text/xml"
    return "application/octet-stream" if b"\x00" in head else "text/plain"


def _archive(path: Path) -> Finding:
    """A ZIP archive or an office document in one: by its list of contents only."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error, RecursionError):
        return Finding("application/zip", "mismatch")
    unpacked = sum(entry.file_size for entry in entries)
    names = [entry.filename.lower() for entry in entries]
    kind = next(
        (f"application/{kind}" for start, kind in OFFICE.items() if any(n.startswith(start) for n in names)), ""
    )
    kind = kind or ("application/odf" if names[:1] == ["mimetype"] else "application/zip")
    if len(entries) > ENTRIES_MAX or unpacked > UNPACKED_MAX or unpacked > RATIO_MAX * path.stat().st_size + 1_000_000:
        return Finding(kind, "bomb")
    if any(name.rpartition(".")[2] in PROGRAMS for name in names):
        return Finding(kind, "program")
    if any(name.endswith("vbaproject.bin") for name in names):
        return Finding(kind, "macro")
    return Finding(kind, "archive" if any(name.endswith(ARCHIVES) for name in names) else "")


def _picture(path: Path, kind: str) -> Finding:
    """A picture by its own headers: what only pretends to be one is bytes, and is never shown."""
    from PIL import Image  # noqa: PLC0415 - most files are no pictures

    Image.MAX_IMAGE_PIXELS = None
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=FORMATS) as picture:
            size, frames = picture.width * picture.height, getattr(picture, "n_frames", 1)
    except (OSError, ValueError, SyntaxError, KeyError, IndexError, TypeError, struct.error, OverflowError):
        return Finding("application/octet-stream")
    return Finding(kind, "pixels" if size > PIXELS_MAX or size * frames > FRAMES_PIXELS_MAX else "")


def _pixels(head: bytes, kind: str) -> int:
    try:
        if kind == "image/png":
            wide, high = struct.unpack(">II", head[16:24])
        elif kind == "image/gif":
            wide, high = struct.unpack("<HH", head[6:10])
        else:
            return 0
    except struct.error:
        return 0
    return int(wide * high)
