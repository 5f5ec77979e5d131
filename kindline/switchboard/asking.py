"""Asking the switchboard to act: its internal HTTP API, with a short patience."""

from __future__ import annotations

import http.client
import json
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

PATIENCE_S = 2.0


class SwitchboardError(Exception):
    """The switchboard said no, or nothing; `status` 503 = it could not be reached."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def post(path: str, body: dict[str, Any] | None = None, patience_s: float = PATIENCE_S) -> dict[str, Any]:
    """Ask for an action and return its answer. No database connection is held meanwhile.

    Raises: SwitchboardError.
    """
    return _ask("POST", path, json.dumps(body or {}).encode(), patience_s)


def healthy(patience_s: float = 1.0) -> bool:
    """Whether the switchboard answers within `patience_s` seconds."""
    try:
        _ask("GET", "/health", None, patience_s)
    except SwitchboardError:
        return False
    return True


def _ask(method: str, path: str, body: bytes | None, patience_s: float = PATIENCE_S) -> dict[str, Any]:
    if not connection.in_atomic_block:
        connection.close()
    described = settings.KINDLINE
    headers = {"Authorization": f"Bearer {described['internal_token']}", "Content-Type": "application/json"}
    link = http.client.HTTPConnection("127.0.0.1", described["ports"]["switchboard"], timeout=patience_s)
    try:
        link.request(method, path, body, headers)
        answer = link.getresponse()
        content = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise SwitchboardError(
            503, "unreachable", _("The switchboard does not answer. Try again in a moment.")
        ) from error
    finally:
        link.close()
    return _understood(answer.status, content)


def _understood(status: int, content: bytes) -> dict[str, Any]:
    try:
        said = json.loads(content or b"{}")
    except ValueError:
        said = {}
    if status < 400:
        return said if isinstance(said, dict) else {"answer": said}
    code = str(said.get("error", status)) if isinstance(said, dict) else str(status)
    message = said.get("message") if isinstance(said, dict) else None
    raise SwitchboardError(status, code, str(message or code))
