"""What the administrator allows: how large, of which types, how many, and who looks for viruses."""

from __future__ import annotations

import datetime as dt
from typing import BinaryIO, Protocol

from django.conf import settings

from kindline.files.named import made


class Scanner(Protocol):
    """Looks for viruses."""

    def ready(self, now: dt.datetime) -> str:
        """What the scanner is, where it answers and its signatures are fresh. Raises: ScannerError."""

    def found_in(self, file: BinaryIO) -> str:
        """The name of what was found; empty where the content is clean. Raises: ScannerError."""


def scanner() -> Scanner | None:
    """The scanner of the settings; None where none is set: then only type, size and form are looked at."""
    found: Scanner | None = made(settings.FILES.get("scanner"))
    return found


def size_max() -> int:
    """How large a file may be, in bytes."""
    return int(settings.FILES["size_max"])


def types() -> tuple[str, ...]:
    """The types, by content, of files that people may attach; what a letter brings is kept whatever it is."""
    return tuple(settings.FILES["types"])


def many_max() -> int:
    """How many files one owner may have."""
    return int(settings.FILES["many_max"])
