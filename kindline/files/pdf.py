"""PDF without its list of information, XMP, and what programs keep there for themselves (ISO 32000-1, 14.3, 14.5)."""

from __future__ import annotations

import io
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import IndirectObject

INFO = "/Info"
TOLD = ("/Metadata", "/PieceInfo", "/LastModified")
REVISION = b"startxref"


def without(content: bytes) -> bytes:
    """The same pages without metadata and without earlier revisions of themselves; itself where it tells nothing.

    Packed contents are taken over as they lie. What is not built as the format says is not guessed at.
    Raises: PyPdfError, or whatever a broken structure makes of it.
    """
    reader = PdfReader(io.BytesIO(content), strict=True)
    told = reader.trailer.pop(INFO, None) is not None
    told |= _forget(reader.trailer.raw_get("/Root"))
    if not told and content.count(REVISION) == 1:
        return content
    out = io.BytesIO()
    writer = PdfWriter(clone_from=reader, strict=True, keep_initial_header=True)
    writer.metadata = None
    writer.write(out)
    return out.getvalue()


def _forget(root: Any) -> bool:
    """Take what tells out of every dictionary that is reached from the root; whether there was any."""
    told, todo, seen = False, [root], set()
    while todo:
        one = todo.pop()
        if isinstance(one, IndirectObject):
            if one.idnum in seen:
                continue
            seen.add(one.idnum)
            one = one.get_object()
        if isinstance(one, dict):
            found = [one.pop(key) for key in TOLD if key in one]
            told = told or bool(found)
            todo += list(dict.values(one))
        elif isinstance(one, list):
            todo += list(list.__iter__(one))
    return told
