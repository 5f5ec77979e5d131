"""A notice handed to the push service of a browser over HTTPS: one request, no redirect, no host inside (RFC 8030)."""

from __future__ import annotations

import datetime as dt
import http.client
import socket
import ssl
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from kindline.connectors.push import encryption, vapid
from kindline.files.errors import LostKeyError
from kindline.notifications import outbound
from kindline.notifications.errors import GoneError, RefusedError, UnreachableError
from kindline.notifications.push_wires import Parcel

PATIENCE_S = 10.0
ANSWER_MAX = 500
GONE = (404, 410)


class WebPush:
    """Push services of all browsers; `origins`: those that may be asked though they are not public HTTPS."""

    def __init__(self, contact: str = "", origins: Sequence[str] = (), patience_s: float = PATIENCE_S) -> None:
        self.contact, self.origins, self.patience_s = contact, tuple(origins), patience_s

    @property
    def public_key(self) -> str:
        """The key that browsers are given when they subscribe, in base64url. Raises: LostKeyError."""
        return encryption.packed(encryption.point(vapid.own_key()))

    def post(self, parcel: Parcel, now: dt.datetime) -> None:
        """Hand over one notice; may be called from several threads.

        Where the line was cut nobody knows whether it was taken: it is handed over again, as the service keeps one
        notice of a topic and the browser shows one of a name. Raises: GoneError, RefusedError, UnreachableError.
        """
        try:
            headers, body = self._headers(parcel, now), encryption.sealed(parcel.content, parcel.p256dh, parcel.auth)
            status, later, said = self._asked(parcel.endpoint, headers, body, now)
        except (OSError, http.client.HTTPException, LostKeyError) as error:  # a bad certificate is a ValueError too
            raise UnreachableError(repr(error)) from error
        except ValueError as error:
            raise RefusedError(str(error)) from error
        _check(status, said, later)

    def _headers(self, parcel: Parcel, now: dt.datetime) -> dict[str, str]:
        parts = urlsplit(parcel.endpoint)
        signed = vapid.authorization(vapid.own_key(), f"{parts.scheme}://{parts.netloc}", self.contact, now)
        return {
            "Authorization": signed, "Content-Encoding": "aes128gcm", "Content-Type": "application/octet-stream",
            "TTL": str(parcel.ttl_s), "Urgency": parcel.urgency, "Topic": parcel.topic,
        }  # fmt: skip

    def _asked(
        self, endpoint: str, headers: dict[str, str], body: bytes, now: dt.datetime
    ) -> tuple[int, float | None, str]:
        parts = urlsplit(endpoint)
        server = self._connected(endpoint)
        try:
            server.request("POST", f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}", body, headers)
            answer = server.getresponse()
            said = answer.read(ANSWER_MAX).decode("utf-8", "replace")
            return answer.status, seconds(answer.getheader("Retry-After"), now), said
        finally:
            server.close()

    def _connected(self, endpoint: str) -> http.client.HTTPConnection:
        """A line to the very address that was checked; the certificate is still that of the name."""
        scheme, host, port = outbound.origin(endpoint)
        address = outbound.public_address(endpoint, self.origins)
        is_secure = scheme == "https"
        kind = http.client.HTTPSConnection if is_secure else http.client.HTTPConnection
        server = kind(host, port, timeout=self.patience_s)
        line = socket.create_connection((address, port), self.patience_s)
        try:
            server.sock = ssl.create_default_context().wrap_socket(line, server_hostname=host) if is_secure else line
        except OSError:
            line.close()
            raise
        return server


def seconds(said: str | None, now: dt.datetime) -> float | None:
    """After how many seconds `Retry-After` lets us ask again: a number, or a moment; None where it says nothing."""
    told = (said or "").strip()
    if told.isascii() and told.isdecimal():
        return float(told[:9])
    try:
        return max(0.0, (parsedate_to_datetime(told) - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _check(status: int, said: str, later: float | None) -> None:
    """Raises: GoneError where the browser is there no more, UnreachableError for now, RefusedError for good."""
    told = f"{status} {said}".strip()
    if status in GONE:
        raise GoneError(told)
    if status == 429 or status >= 500:
        raise UnreachableError(told, later)
    if not 200 <= status < 300:
        raise RefusedError(told)
