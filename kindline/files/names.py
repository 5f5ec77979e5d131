"""Names of files: kept as they were given, shown so that they deceive nobody (pure)."""

from __future__ import annotations

import re
import unicodedata

PLACE = "/file/"
"""The beginning of the addresses on the host of files."""
KEPT_MAX = 1000
SHOWN_MAX = 255
"""Bytes, as most file systems have it."""


def shown(name: str, otherwise: str = "file") -> str:
    """A name to be shown and saved under: composed, no folders, no turning or control signs, at most 255 bytes.

    Its ending stays whole, since it says what will open the file.
    """
    flat = "".join(sign if unicodedata.category(sign)[0] != "C" else " " * (sign in "\t\n\r") for sign in name)
    last = re.sub(r"\s+", " ", flat).replace("\\", "/").rpartition("/")[2].strip(" .")
    clean = unicodedata.normalize("NFC", re.sub(r'[<>:"|?*;]', "_", last))
    return _cut(clean) if clean else otherwise


def ending(name: str) -> str:
    """What follows the last dot, in small letters."""
    return shown(name).lower().rpartition(".")[2]


def _cut(name: str) -> str:
    if len(name.encode()) <= SHOWN_MAX:
        return name
    stem, dot, last = name.rpartition(".")
    tail = f"{dot}{last}".encode()[-40:].decode(errors="ignore")
    return (stem or last).encode()[: SHOWN_MAX - len(tail.encode())].decode(errors="ignore") + tail
