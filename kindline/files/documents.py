"""Documents without the names that office programs wrote into them (ASVS 5.0, 14.2.8; ADR 48). Opened in the cage.

What people read in a document is not touched. A signature would be void after any change, and what is encrypted
cannot be looked into: both are left as they are.
"""

from __future__ import annotations

import copy
import importlib
import io
import json
import re
import struct
import sys
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

from kindline.files.cage import caged, shut
from kindline.files.exif import NotReadableError

PDF = "application/pdf"
KINDS = frozenset((PDF, *(f"application/{kind}" for kind in ("docx", "xlsx", "pptx", "odf"))))
REMOVED, SIGNED, ENCRYPTED, UNREADABLE = "removed", "signed", "encrypted", "unreadable"
TOLD = re.compile(r"docprops/(core|app|custom)\.xml|meta\.xml|.*\.psmdcp")
"""Parts with author, last author, company, times and revisions: OOXML (ECMA-376-2, 11), OpenDocument 1.3 part 2, 3."""
SIGNATURES = re.compile(r"_xmlsignatures/|meta-inf/.*signature")
MANIFEST, CONCEALED = "meta-inf/manifest.xml", b"encryption-data"
PART_MAX = 4 * 1024 * 1024
"""What a part may unpack into, in bytes: names and times need a thousandth of it."""
LOCAL, LOCAL_SIZE, IS_ENCRYPTED, SIZES_FOLLOW = b"PK\x03\x04", 30, 0x1, 0x8
EPOCH = (1980, 1, 1, 0, 0, 0)


def bared(path: Path, media_type: str, out: Path) -> str:
    """Write a document without metadata to `out`, in the cage; what became of those, empty where it tells nothing.

    `out` is there when they were REMOVED; else the document is to be kept as it is: it is SIGNED, ENCRYPTED, or
    UNREADABLE, because it is not built as its format says or breaks a limit of the cage.
    """
    told = caged("kindline.files.documents", str(path), media_type, str(out)).get("metadata", UNREADABLE)
    return str(told)


def load() -> None:
    """Load what reads documents."""
    importlib.import_module("kindline.files.pdf")


def main(words: list[str]) -> int:
    """Shut the cage, bare the document, say what became of its metadata as JSON: PATH TYPE OUT."""
    shut()
    content = Path(words[0]).read_bytes()
    told = left(content, words[1])
    if not told:
        bare = without(content, words[1])
        told = REMOVED if bare != content else ""
        if told:
            Path(words[2]).write_bytes(bare)
    sys.stdout.write(json.dumps({"metadata": told}))
    return 0


def left(content: bytes, media_type: str) -> str:
    """Why a document is left as it is: SIGNED, ENCRYPTED, or empty. Raises: BadZipFile."""
    if media_type == PDF:  # neither key may stand in a packed part of the file
        return SIGNED if b"/ByteRange" in content else ENCRYPTED if b"/Encrypt" in content else ""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        entries = package.infolist()
        if any(SIGNATURES.match(one.filename.lower()) for one in entries):
            return SIGNED
        return ENCRYPTED if any(_is_concealed(package, one) for one in entries) else ""


def _is_concealed(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    return bool(entry.flag_bits & IS_ENCRYPTED) or (
        entry.filename.lower() == MANIFEST and CONCEALED in _unpacked(package, entry)
    )


def without(content: bytes, media_type: str) -> bytes:
    """The same document without metadata; itself where it tells nothing.

    Raises: NotReadableError, or whatever its reader raises, where it is not built as its format says.
    """
    if media_type == PDF:
        from kindline.files import pdf  # noqa: PLC0415 - not needed by whoever asks

        return pdf.without(content)
    return _package(content)


def _package(content: bytes) -> bytes:
    """A package written anew, part by part: packed parts as they lie, but without times, notes and gaps."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as package, zipfile.ZipFile(out, "w") as made:
        for entry in package.infolist():
            if TOLD.fullmatch(entry.filename.lower()):
                bare = zipfile.ZipInfo(entry.filename, EPOCH)
                made.writestr(bare, _emptied(_unpacked(package, entry)), zipfile.ZIP_DEFLATED)
            else:
                _copy(made, entry, _packed(content, entry))
    return out.getvalue()


def _copy(made: zipfile.ZipFile, entry: zipfile.ZipInfo, packed: bytes) -> None:
    """Put a part into a package as it lies packed, which `zipfile` has no word for."""
    bare = copy.copy(entry)
    bare.date_time, bare.extra, bare.comment = EPOCH, b"", b""
    bare.flag_bits &= ~SIZES_FOLLOW
    bare.header_offset = made.start_dir
    whole = bare.FileHeader() + packed
    made.fp.seek(made.start_dir)  # type: ignore[union-attr]  # open until the end
    made.fp.write(whole)  # type: ignore[union-attr]
    made.start_dir += len(whole)
    made.filelist.append(bare)


def _packed(content: bytes, entry: zipfile.ZipInfo) -> bytes:
    at = entry.header_offset
    if content[at : at + len(LOCAL)] != LOCAL:
        raise NotReadableError
    at += LOCAL_SIZE + sum(struct.unpack_from("<HH", content, at + 26))
    packed = content[at : at + entry.compress_size]
    if len(packed) != entry.compress_size:
        raise NotReadableError
    return packed


def _unpacked(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.file_size > PART_MAX:
        raise NotReadableError
    return package.read(entry)


def _emptied(part: bytes) -> bytes:
    """A part with its outermost element alone."""
    root = ET.fromstring(part)  # noqa: S314 - expat bounds what entities become, and the cage the rest
    del root[:]
    root.text = None
    return bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True))
