"""Kannel's sendsms over HTTP: a request a message; receipts and texts come back as requests to us."""

from __future__ import annotations

import http.client
from urllib.parse import unquote, urlencode, urlsplit

from kindline.notifications import states
from kindline.notifications.errors import RefusedError, UnknownOutcomeError, UnreachableError
from kindline.notifications.wires import Piece, Take

NAME = "kannel"
PATIENCE_S = 20
ASKED_FOR = 1 + 2 + 16
"""Receipts that we want: delivered, not delivered, refused by the centre."""
STATES = {"1": states.DELIVERED, "2": states.FAILED, "16": states.FAILED}


class Kannel:
    """A gateway by the address of its sendsms: https://user:password@host:13013/cgi-bin/sendsms."""

    takes_whole = True

    def __init__(self, url: str, sender: str, callback_url: str = "", callback_key: str = "") -> None:
        parts = urlsplit(url)
        self.is_secure, self.host, self.port = parts.scheme == "https", parts.hostname or "", parts.port
        self.path = parts.path or "/cgi-bin/sendsms"
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        self.sender, self.callback_url, self.callback_key = sender, callback_url, callback_key
        self.name = NAME

    def open(self, take: Take) -> None:
        """Nothing to begin: its news comes as requests (`callbacks`)."""

    def close(self) -> None:
        """Nothing to end."""

    def is_ready(self) -> bool:
        """Whether it can be asked is seen only by asking."""
        return True

    def submit(self, piece: Piece) -> str:
        """Hand over one message. Raises: UnreachableError, RefusedError, UnknownOutcomeError."""
        server = self._connected()
        try:
            server.request("GET", f"{self.path}?{urlencode(self._asked(piece))}")
            answer = server.getresponse()
            said = answer.read(1000).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            raise UnknownOutcomeError(f"{self.name}: {error!r}") from error
        finally:
            server.close()
        _check(answer.status, said)
        return str(piece.key)

    def _connected(self) -> http.client.HTTPConnection:
        """A connection; where there is none, nothing was sent. Raises: UnreachableError."""
        kind = http.client.HTTPSConnection if self.is_secure else http.client.HTTPConnection
        server = kind(self.host, self.port, timeout=PATIENCE_S)
        try:
            server.connect()
        except OSError as error:
            raise UnreachableError(f"{self.name}: {error!r}") from error
        return server

    def _asked(self, piece: Piece) -> dict[str, str]:
        coding = {} if piece.coding == "gsm" else {"coding": "2"}
        asked = {"username": self.user, "password": self.password, "from": self.sender, "to": piece.phone}
        asked |= {"text": piece.text, "charset": "UTF-8", **coding}
        if self.callback_url and self.callback_key:
            back = urlencode({"key": self.callback_key, "piece": piece.key})
            told = f"{self.callback_url.rstrip('/')}/receipt?{back}&state=%d&said=%A"
            asked |= {"dlr-mask": str(ASKED_FOR), "dlr-url": told}
        return asked


def _check(status: int, said: str) -> None:
    """No for good below 500, for now above (the queue is full, the centre is away).

    Raises: RefusedError, UnreachableError.
    """
    if status >= 500 or status == 429:
        raise UnreachableError(f"{status} {said}")
    if status >= 400:
        raise RefusedError(f"{status} {said}")
