"""Bytes of letters to text: labels that no codec knows, wrong labels and none at all (pure: it runs in the cage)."""

from __future__ import annotations

import codecs
import re
from functools import cache

ALIASES = {
    **dict.fromkeys(("koi8", "koi8r", "koi8-r", "cskoi8r", "koi8u", "koi8-u", "koi8-ru", "koi8ru"), "koi8_u"),
    **dict.fromkeys(("cp-1251", "win-1251", "win1251", "windows1251", "x-cp1251", "x-windows-1251", "ansi"), "cp1251"),
    **dict.fromkeys(("x-mac-cyrillic", "mac-ukrainian", "x-mac-ukrainian", "macukrainian"), "mac_cyrillic"),
    **dict.fromkeys(("cp-866", "ibm-866", "x-cp866", "dos-866", "alt"), "cp866"),
    **dict.fromkeys(("utf8mb4", "utf-8mb4", "utf8mb3", "unicode-1-1-utf-8", "x-utf-8"), "utf-8"),
}
"""KOI8-R is read as KOI8-U, which differs only where Ukrainian letters take the place of lines of a table."""
UNSAID = frozenset({"", "unknown-8bit", "x-unknown", "unknown", "8bit", "default", "none"})
LATIN = frozenset({"ascii", "iso8859-1", "iso8859-15", "cp1252"})
"""What programs write when they do not know: eight-bit Cyrillic often comes under these names."""
CANDIDATES = ("cp1251", "koi8_u", "cp866", "mac_cyrillic", "iso8859_5")
RUN = re.compile(rb"[\x80-\xff]{3,}")
OFTEN = {letter: 34 - place for place, letter in enumerate("оеаинтсрвлкмдпуяыьгзбчйхжшюцщіїєґэфъё")}
OTHER_LETTERS = -12
CASE_TURN = -25
CONTROLS = -60


def decode(content: bytes, label: str | None = None) -> str:
    """The text: by its label where that can be true, else by what reads best; nothing is ever thrown away."""
    codec = codec_of(label)
    if codec in LATIN and RUN.search(content):
        return guessed(content)
    try:
        return content.decode(codec) if codec else guessed(content)
    except (UnicodeDecodeError, ValueError, AssertionError):
        return guessed(content)


@cache
def codec_of(label: str | None) -> str:
    """The codec that a label means; nothing where it says nothing or is not known."""
    name = (label or "").strip().strip("\"'").lower().replace("_", "-")
    if name in UNSAID:
        return ""
    try:
        found = codecs.lookup(ALIASES.get(name, name))
    except (LookupError, ValueError):
        return ""
    return found.name if found._is_text_encoding else ""


def guessed(content: bytes) -> str:
    """The text under the code page in which it reads most like Ukrainian or Russian; UTF-8 where that is possible."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    sample = b" ".join(
        found[0] for found in re.finditer(rb"[\x80-\xff'A-Za-z]*[\x80-\xff][\x80-\xff'A-Za-z]*", content)
    )
    best = max(CANDIDATES, key=lambda codec: _score(sample[:4000].decode(codec, "replace")))
    damaged = content.decode("utf-8", "ignore")
    if len(damaged.encode()) > 0.9 * len(content) and len(content) > 40:
        return content.decode("utf-8", "replace")  # UTF-8 with a few broken letters
    return content.decode(best, "replace")


def _score(text: str) -> float:
    """How much a text reads like one: frequent letters, capitals only at the beginning of words, no odd signs."""
    total, before = 0.0, " "
    for letter in text:
        total += OFTEN.get(letter, OFTEN.get(letter.lower(), 0) / 2 if letter.isalpha() else 0)
        if letter > "\x7f" and letter.lower() not in OFTEN:
            total += OTHER_LETTERS if letter.isalpha() or letter in "«»–—’“”№…" else CONTROLS
        if letter.isupper() and before.islower():
            total += CASE_TURN
        before = letter
    return total
