"""What correspondence needs of the servers outside; connectors do it and are found by dotted name in the settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.conf import settings

from kindline.files.named import made


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a message lies on the server; it changes its meaning when `validity` changes."""

    folder: str
    validity: int
    uid: int


class Inbox(Protocol):
    """A mailbox opened: messages that we have not told the server to be ours yet."""

    def waiting(self) -> Iterator[Mark]:
        """The messages of all folders that carry no sign of ours, the oldest first."""

    def fetch(self, mark: Mark, into: Path) -> int:
        """Write the raw message into a file, a piece at a time; its size in bytes. Raises: UnreachableError."""

    def tell_stored(self, mark: Mark) -> None:
        """Tell the server that the message is ours now: it is marked, or moved where the settings say so.

        Raises: UnreachableError.
        """


class Mailbox(Protocol):
    """A mailbox that can be opened."""

    name: str

    def open(self) -> AbstractContextManager[Inbox]:
        """Connect and log in. Raises: UnreachableError."""


class Relay(Protocol):
    """Takes letters to be delivered."""

    sender: str
    """Our own address."""

    def send(self, *, sender: str, recipient: str, content: bytes) -> str:
        """Hand over one letter; what the server said. `sender` may be empty (nothing comes back).

        Raises: UnreachableError, RefusedError, UnknownOutcomeError.
        """


def mailbox() -> Mailbox | None:
    """The mailbox of the settings; None where none is set: then nothing is read."""
    found: Mailbox | None = made(settings.MAIL.get("mailbox"))
    return found


def relay() -> Relay | None:
    """The relay of the settings; None where none is set: then letters wait."""
    found: Relay | None = made(settings.MAIL.get("relay"))
    return found


def own_addresses() -> frozenset[str]:
    """Our own addresses: letters from them are ours come back."""
    return frozenset(address.lower() for address in settings.MAIL.get("own", ()) if address)


def loop_key() -> str:
    """What stands in our own loop header: the instance's id."""
    return str(settings.KINDLINE.get("id") or "kindline")
