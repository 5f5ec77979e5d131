"""Passwords that stand in a list of what leaked, where the organisation has one (ASVS 5.0, 6.2.12; ADR 66).

The list is a file of SHA-1 in order, one a line (`HASH` or `HASH:count`), as the makers of such lists give them out to
be looked up without asking anybody. It may have a thousand million lines: it is looked into, never read.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

log = logging.getLogger(__name__)
LENGTH = 40


class NotBreached:
    """A validator of Django's."""

    def validate(self, password: str, user: object = None) -> None:  # noqa: ARG002 - a validator's shape
        """Raises: ValidationError when it has leaked; a list that cannot be read is logged, and refuses none."""
        path = settings.BREACHED_PASSWORDS
        try:
            leaked = bool(path) and is_in(Path(path), password)
        except OSError as error:
            log.error("the list of leaked passwords cannot be read: %s", error)
            return
        if leaked:
            raise ValidationError(
                gettext("This password has leaked somewhere: take another one."), code="password_breached"
            )

    def get_help_text(self) -> str:
        """What is not taken."""
        return gettext("A password that has leaked somewhere is not taken.")


def is_in(path: Path, password: str) -> bool:
    """Whether the list has it. Raises: OSError."""
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as file:
        low, high = 0, path.stat().st_size
        while low < high:
            middle = (low + high) // 2
            if _line_after(file, middle)[:LENGTH].upper() < wanted:
                low = middle + 1
            else:
                high = middle
        return _line_after(file, low)[:LENGTH].upper() == wanted


def _line_after(file: BinaryIO, place: int) -> bytes:
    """The first line that begins here or later; after the last there is what follows every hash."""
    file.seek(max(place - 1, 0))
    if place:
        file.readline()
    return file.readline() or b"~"
