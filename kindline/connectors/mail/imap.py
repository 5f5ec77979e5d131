"""A mailbox read over IMAP: raw bytes a piece at a time, a mark of ours on what is stored; nothing is ever deleted."""

from __future__ import annotations

import contextlib
import imaplib
import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from kindline.correspondence.errors import UnreachableError
from kindline.correspondence.wires import Mark

KEYWORD = "KindlineStored"
TIMEOUT_S = 30
PIECE = 1024 * 1024
LOOPBACK = ("127.0.0.1", "::1", "localhost")
TROUBLE = (OSError, imaplib.IMAP4.error, ImapToolsError, ValueError, IndexError)


class Imap:
    """A mailbox by its address: imaps://user:password@host:993, or imap:// with STARTTLS (plain on loopback only)."""

    def __init__(self, url: str, folders: Sequence[str] = ("INBOX",), done_folder: str = "") -> None:
        parts = urlsplit(url)
        self.host, self.port, self.secure = parts.hostname or "", parts.port, parts.scheme == "imaps"
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        self.folders, self.done_folder = tuple(folders), done_folder
        self.name = f"{self.user}@{self.host}"

    @contextlib.contextmanager
    def open(self) -> Iterator[Opened]:
        """Connect and log in; whatever the server does wrong is an UnreachableError."""
        try:
            box = self._connected()
        except TROUBLE as error:
            raise UnreachableError(f"{self.host}: {error}") from error
        try:
            yield Opened(box, self.folders, self.done_folder)
        except TROUBLE as error:
            raise UnreachableError(f"{self.host}: {error}") from error
        finally:
            with contextlib.suppress(*TROUBLE):
                box.logout()

    def _connected(self) -> BaseMailBox:
        port = self.port or (993 if self.secure else 143)
        if not self.secure and self.host in LOOPBACK:
            box: BaseMailBox = MailBoxUnencrypted(self.host, port, timeout=TIMEOUT_S)
        else:
            kind = MailBox if self.secure else MailBoxStartTls
            box = kind(self.host, port, timeout=TIMEOUT_S, ssl_context=ssl.create_default_context())
        try:
            box.login(self.user, self.password, initial_folder=None)
        except TROUBLE:
            box.client.shutdown()
            raise
        return box


class Opened:
    """A mailbox under a log-in."""

    def __init__(self, box: BaseMailBox, folders: Sequence[str], done_folder: str) -> None:
        self.box, self.folders, self.done_folder = box, folders, done_folder
        self._selected = ("", 0)
        _, said = box.client.capability()
        box.client.capabilities = tuple((said[0] or b"").decode("ascii", "replace").upper().split())
        self.moves = bool(done_folder) and "MOVE" in box.client.capabilities
        if self.moves and not box.folder.exists(done_folder):
            box.folder.create(done_folder)

    def waiting(self) -> Iterator[Mark]:
        """The messages without our mark, folder by folder, the oldest first."""
        for folder in self.folders:
            validity = self._select(folder)
            _, found = self.box.client.uid("SEARCH", "UNKEYWORD", KEYWORD)
            for uid in (found[0] or b"").split():
                yield Mark(folder, validity, int(uid))

    def fetch(self, mark: Mark, into: Path) -> int:
        """Write the raw message into a file; it is left unread for others who look into the mailbox."""
        self._back_to(mark)
        size = 0
        with into.open("wb") as file:
            while piece := self._piece(mark.uid, size):
                file.write(piece)
                size += len(piece)
                if len(piece) < PIECE:
                    break
        if not size:
            raise UnreachableError(f"{mark.folder}: message {mark.uid} is gone or empty")
        return size

    def _piece(self, uid: int, start: int) -> bytes:
        told, found = self.box.client.uid("FETCH", str(uid), f"(BODY.PEEK[]<{start}.{PIECE}>)")
        if told != "OK":
            raise UnreachableError(f"message {uid}: {told}")
        return next((bytes(part[1]) for part in found if isinstance(part, tuple)), b"")

    def tell_stored(self, mark: Mark) -> None:
        """Mark the message, or move it into the folder of the settings; copying and deleting is no moving.

        Raises: UnreachableError where the server does not do it.
        """
        self._back_to(mark)
        try:
            if self.moves:
                self.box.move(str(mark.uid), self.done_folder)
            else:  # the library's own way would remove what others have marked as deleted
                self._store(mark)
        except (ImapToolsError, imaplib.IMAP4.error) as error:  # a mailbox that may only be read, a command not known
            raise UnreachableError(f"{mark.folder}: {error}") from error

    def _store(self, mark: Mark) -> None:
        told, said = self.box.client.uid("STORE", str(mark.uid), "+FLAGS", f"({KEYWORD})")
        if told != "OK":
            raise UnreachableError(f"{mark.folder}: message {mark.uid}: {told} {said}")

    def _select(self, folder: str) -> int:
        self.box.folder.set(folder)
        _, said = self.box.client.response("UIDVALIDITY")
        self._selected = (folder, int(said[0] or 0))
        return self._selected[1]

    def _back_to(self, mark: Mark) -> None:
        if self._selected[0] != mark.folder:
            self._select(mark.folder)
        if self._selected[1] != mark.validity:
            raise UnreachableError(f"{mark.folder} was made anew on the server: looking again")
