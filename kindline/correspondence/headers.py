"""Headers of letters as people wrote them: encoded words, raw bytes, addresses, ids, names of files (pure)."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
import unicodedata
from email.utils import parsedate_to_datetime

from kindline.correspondence import charsets
from kindline.files import names

WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
BETWEEN = re.compile(r"(\?=)\s+(=\?)")
MESSAGE_ID = re.compile(r"<\s*([^<>]{1,900}?)\s*>")
ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@[^@\s<>,;:\"()\[\]\\]{1,255}")
EARLIEST, LATEST = dt.datetime(1990, 1, 1, tzinfo=dt.UTC), dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
SHOWN_MAX = 500


def plain(value: str | bytes) -> str:
    """A header's value in letters: raw bytes by what they read like, encoded words decoded, folds taken out."""
    raw = value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")
    text = re.sub(r"\r?\n[ \t]*", " ", charsets.decode(raw))
    return clean(_words(text)).strip()


def _words(text: str) -> str:
    """Encoded words of one label that stand side by side are joined before they are read: they may split a letter."""
    found: list[str] = []
    pending, label, end = b"", "", 0
    joined = BETWEEN.sub(r"\1\2", text)
    for match in WORD.finditer(joined):
        gap, content = joined[end : match.start()], _bytes(match[2], match[3])
        if gap or match[1].lower() != label.lower():
            found += [charsets.decode(pending, label.partition("*")[0]), gap]
            pending, label = b"", match[1]
        pending, end = pending + content, match.end()
    return "".join([*found, charsets.decode(pending, label.partition("*")[0]), joined[end:]])


def _bytes(how: str, text: str) -> bytes:
    if how in "qQ":
        return binascii.a2b_qp(text.replace("_", " ").encode("utf-8"), header=False)
    letters = re.sub(r"[^A-Za-z0-9+/]", "", text)
    try:
        return base64.b64decode(letters + "=" * (-len(letters) % 4))
    except binascii.Error:
        return base64.b64decode(letters[:-1] + "=" * (-len(letters[:-1]) % 4))


def clean(text: str) -> str:
    """Without control signs and signs that turn the direction of writing."""
    return "".join(
        sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co")
    )


def addresses(value: str | bytes) -> list[tuple[str, str]]:
    """Names and addresses of a header, in linear time; what is no address is left out."""
    raw = value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")
    text, found, end = re.sub(r"\r?\n[ \t]*", " ", charsets.decode(raw)), [], 0
    for match in ADDRESS.finditer(text):
        before = text[end : match.start()]
        name = before.rpartition("<")[0] if before.rstrip().endswith("<") else ""
        found.append((plain(name.lstrip(" >,;").strip().strip('"'))[:SHOWN_MAX], match[0].lower()))
        end = match.end()
    return found or [("", match[0].lower()) for match in ADDRESS.finditer(_words(text))]


def ids(value: str | bytes) -> list[str]:
    """Message ids of a header, in their order, without brackets; folds inside an id are joined."""
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    joined = re.sub(r"\s+", "", text)
    return list(dict.fromkeys(clean(found)[:SHOWN_MAX] for found in MESSAGE_ID.findall(joined)))


def moment(value: str) -> dt.datetime | None:
    """The moment that a Date header names; None where it is missing, unreadable or absurd."""
    try:
        found = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    aware = found if found.tzinfo else found.replace(tzinfo=dt.UTC)
    try:
        return aware if EARLIEST < aware < LATEST else None
    except OverflowError:
        return None


def file_name(name: str, number: int) -> str:
    """The name of an attachment in letters, safe to be shown; files lie under names of our own."""
    return names.shown(plain(name), f"attachment-{number}")
