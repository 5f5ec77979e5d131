"""What notifications need of an SMS gateway; connectors do it and are found by dotted name in the settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from kindline.files.named import made


@dataclass(frozen=True, slots=True)
class Piece:
    """One short message as it is handed over: a part of a text, or the whole."""

    key: int
    phone: str  # E.164
    text: str
    coding: str
    number: int = 1
    total: int = 1
    reference: int = 0  # the same for all parts of one text


@dataclass(frozen=True, slots=True)
class Told:
    """What a gateway tells of a message that it took: `state` is delivered, failed, expired, or submitted (goes on)."""

    gateway_id: str
    state: str
    phone: str = ""
    said: str = ""
    key: int | None = None  # of the piece, where the gateway gives it back


@dataclass(frozen=True, slots=True)
class Came:
    """A short message that somebody sent to us, or a part of it."""

    phone: str
    to: str
    text: str
    number: int = 1
    total: int = 1
    reference: int = 0
    raw: str = ""  # what cannot be read, as it came, in hexadecimal


News = Told | Came
Take = Callable[[News], None]
"""Keeps a piece of news for good before the gateway is told that it was taken; what it raises means: tell it again."""


class Gateway(Protocol):
    """Takes short messages, and tells what became of them and what came in."""

    name: str
    takes_whole: bool
    """Whether it cuts long texts itself."""

    def open(self, take: Take) -> None:
        """Begin; news is handed to `take` from a thread of the gateway's own."""

    def is_ready(self) -> bool:
        """Whether it can be asked now; messages wait where it is not."""

    def submit(self, piece: Piece) -> str:
        """Hand over one message; the id by which receipts will name it. May be called from several threads.

        Raises: UnreachableError, RefusedError, UnknownOutcomeError.
        """

    def close(self) -> None:
        """End; what was not handed over is not sent any more."""


def gateways() -> list[Gateway]:
    """The gateways of the settings, the first one first; none where none is set: then short messages wait."""
    found: list[Gateway] = [made(settings.SMS[name]) for name in ("gateway", "second") if settings.SMS.get(name)]
    if len(found) > 1 and found[0].name == found[1].name:
        found[1].name = f"{found[1].name} 2"
    return found


def is_set() -> bool:
    """Whether there is a gateway at all."""
    return bool(settings.SMS.get("gateway"))
