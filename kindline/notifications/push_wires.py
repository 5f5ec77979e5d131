"""What notifications need of who hands notices to browsers; a connector does it and is found in the settings."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from kindline.files.named import made


@dataclass(frozen=True, slots=True)
class Parcel:
    """One notice for one browser, as it is handed over."""

    key: int
    endpoint: str
    p256dh: str
    auth: str
    content: bytes
    ttl_s: int  # for so long the service keeps it for a browser that is off
    urgency: str  # very-low, low, normal, high (RFC 8030, 5.3)
    topic: str  # a later one of the same topic takes the place of one that waits


class Poster(Protocol):
    """Hands notices to the push services of browsers."""

    @property
    def public_key(self) -> str:
        """The key that a browser is given when it subscribes, in base64url."""

    def post(self, parcel: Parcel, now: dt.datetime) -> None:
        """Hand over one notice. Raises: GoneError, RefusedError, UnreachableError."""


def poster() -> Poster | None:
    """Who hands notices over; None where push is switched off: then none are offered."""
    found: Poster | None = made(settings.PUSH.get("poster"))
    return found


def is_set() -> bool:
    """Whether notices go to browsers at all."""
    return bool(settings.PUSH.get("poster"))


def origins() -> list[str]:
    """The origins of push services that may be asked though they are not public."""
    found: list[str] = settings.PUSH["origins"]
    return found
