"""Where this program may call out to: origins named in a setting, nothing else; no redirect is followed.

ASVS 1.3.6, 13.2.4, 13.2.5: protocol, host and port must all be on the list.
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings

from kindline.notifications.outbound import URL_MAX, NotAllowedError, is_named, origin

__all__ = ["URL_MAX", "NotAllowedError", "NotTakenError", "check", "origin", "post"]
TIMEOUT_S = 5.0
ANSWER_MAX = 1000


class NotTakenError(Exception):
    """The other side did not take it; the message says why."""


def check(url: str) -> None:
    """Raises: NotAllowedError unless the address's origin is on the list (KINDLINE_WEBHOOK_ORIGINS)."""
    if len(url) > URL_MAX or not is_named(url, settings.WEBHOOK_ORIGINS):
        raise NotAllowedError(url[:URL_MAX])


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
