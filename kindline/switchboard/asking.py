"""Asking the switchboard to act: its internal HTTP API, with a short patience."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from kindline.switchboard import nodes
from kindline.switchboard.models import Call, Switchboard

PATIENCE_S = 2.0
OTHERS_MAX = 4
CALL = re.compile(r"/calls/([0-9a-f-]{36})/")


class SwitchboardError(Exception):
    """The switchboard said no, or nothing; `status` 503 = it could not be reached."""

    def __init__(self, status: int, code: str, message: str, field: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.field = status, code, message, field


def post(path: str, body: dict[str, Any] | None = None, patience_s: float = PATIENCE_S) -> dict[str, Any]:
    """Ask for an action and return its answer. No database connection is held meanwhile.

    Raises: SwitchboardError.
    """
    return _ask("POST", path, json.dumps(body or {}).encode(), patience_s)


def post_everywhere(path: str, patience_s: float = 1.0) -> int:
    """Ask the same of every switchboard that leads calls now, whichever engine is its own; how many did it."""
    now = timezone.now()
    done = 0
    for address in dict.fromkeys([_own(), *(_split(one.address) for one in nodes.living(now) if one.address)]):
        with contextlib.suppress(SwitchboardError):
            _ask_at([address], "POST", path, b"{}", patience_s)
            done += 1
    return done


def healthy(patience_s: float = 1.0) -> bool:
    """Whether the switchboard answers within `patience_s` seconds."""
    try:
        _ask("GET", "/health", None, patience_s)
    except SwitchboardError:
        return False
    return True


def _ask(method: str, path: str, body: bytes | None, patience_s: float = PATIENCE_S) -> dict[str, Any]:
    return _ask_at(_addresses(path), method, path, body, patience_s)


def _ask_at(
    addresses: Iterable[tuple[str, int]], method: str, path: str, body: bytes | None, patience_s: float
) -> dict[str, Any]:
    """The answer of the first who is there. Raises: SwitchboardError."""
    if not connection.in_atomic_block:
        connection.close()
    headers = {"Authorization": f"Bearer {settings.KINDLINE['internal_token']}", "Content-Type": "application/json"}
    for host, port in addresses:
        link = http.client.HTTPConnection(host, port, timeout=patience_s)
        try:
            link.request(method, path, body, headers)
            answer = link.getresponse()
            return _understood(answer.status, answer.read())
        except ConnectionRefusedError:  # nobody is there: nothing was asked yet
            continue
        except (OSError, http.client.HTTPException) as error:
            raise _unreachable() from error
        finally:
            link.close()
    raise _unreachable()


def _unreachable() -> SwitchboardError:
    return SwitchboardError(503, "unreachable", _("The switchboard does not answer. Try again in a moment."))


def _addresses(path: str) -> list[tuple[str, int]]:
    """Where to ask: who leads the call that the path names, then the instance's own switchboard, then the others."""
    own = _own()
    others = Switchboard.objects.filter(has_left=False).exclude(address="").order_by("-beat_at")[:OTHERS_MAX]
    try:
        found = [*_leader(path), own, *(_split(one) for one in others.values_list("address", flat=True))]
    except (OperationalError, InterfaceError):  # without a database there is still the instance's own
        return [own]
    return list(dict.fromkeys(found))


def _own() -> tuple[str, int]:
    return "127.0.0.1", int(settings.KINDLINE["ports"]["switchboard"])


def _leader(path: str) -> list[tuple[str, int]]:
    named = CALL.match(path)
    if named is None:
        return []
    owner = Call.objects.filter(pk=named[1], ended_at=None).values("owner")
    told = Switchboard.objects.filter(app__in=owner).exclude(address="").values_list("address", flat=True)
    return [_split(one) for one in told]


def _split(address: str) -> tuple[str, int]:
    host, _colon, port = address.rpartition(":")
    return host, int(port)


def _understood(status: int, content: bytes) -> dict[str, Any]:
    try:
        said = json.loads(content or b"{}")
    except ValueError:
        said = {}
    if status < 400:
        return said if isinstance(said, dict) else {"answer": said}
    code = str(said.get("error", status)) if isinstance(said, dict) else str(status)
    message = said.get("message") if isinstance(said, dict) else None
    field = said.get("field") if isinstance(said, dict) else None
    raise SwitchboardError(status, code, str(message or code), str(field or ""))
