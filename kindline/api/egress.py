"""Where this program may call out to: origins named in a setting, nothing else; no redirect is followed.

ASVS 1.3.6, 13.2.4, 13.2.5: protocol, host and port must all be on the list.
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings

TIMEOUT_S = 5.0
ANSWER_MAX = 1000
URL_MAX = 500
PORTS = {"https": 443, "http": 80}


class NotAllowedError(ValueError):
    """The address is not on the list of those that we may call: see KINDLINE_WEBHOOK_ORIGINS."""


class NotTakenError(Exception):
    """The other side did not take it; the message says why."""


def check(url: str) -> None:
    """Raises: NotAllowedError unless the address's origin is on the list."""
    if len(url) > URL_MAX or origin(url) not in {origin(one) for one in settings.WEBHOOK_ORIGINS}:
        raise NotAllowedError(url[:URL_MAX])


def origin(url: str) -> tuple[str, str, int]:
    """Protocol, host and port of an address. Raises: NotAllowedError where it is none that may be called."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise NotAllowedError(url[:URL_MAX]) from error
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not plain or parts.scheme not in PORTS or not parts.hostname or parts.username is not None or parts.fragment:
        raise NotAllowedError(url[:URL_MAX])
    return parts.scheme, parts.hostname.lower(), port or PORTS[parts.scheme]


def post(url: str, body: bytes, headers: Mapping[str, str], *, timeout_s: float = TIMEOUT_S) -> None:
    """Send it; taken is what is answered with 2xx. A redirect is not followed: it is not taken.

    Raises: NotAllowedError; NotTakenError.
    """
    check(url)
    scheme, host, port = origin(url)
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
    connection = kind(host, port, timeout=timeout_s)
    try:
        connection.request(
            "POST", f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}", body, dict(headers)
        )
        answer = connection.getresponse()
        said = answer.read(ANSWER_MAX).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        raise NotTakenError(f"{type(error).__name__}: {error}"[:ANSWER_MAX]) from error
    finally:
        connection.close()
    if not 200 <= answer.status < 300:
        raise NotTakenError(f"{answer.status} {said}"[:ANSWER_MAX])
