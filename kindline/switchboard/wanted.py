"""What is asked over the internal API: read with care, and refused with a reason."""

from __future__ import annotations

import json
import uuid
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from kindline.switchboard.house import House

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
KEY: web.AppKey[House] = web.AppKey("house")


class AskedError(Exception):
    """What is asked for is refused: a status of HTTP, a code for programs, a message for people."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.said = status, {"error": code, "message": message, **more}


class Asked:
    """The body of a request: JSON, each value checked where it is read."""

    def __init__(self, body: Any) -> None:
        if not isinstance(body, dict):
            raise AskedError(422, "not_an_object", "send a JSON object")
        self.body = body

    def number(self, name: str) -> int:
        """A whole number. Raises: AskedError."""
        value = self.body.get(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise AskedError(422, "missing", f"{name} must be a whole number", field=name)
        return value

    def text(self, name: str) -> str:
        """A text; empty when it is not there. Raises: AskedError."""
        value = self.body.get(name, "")
        if not isinstance(value, str):
            raise AskedError(422, "not_a_text", f"{name} must be a text", field=name)
        return value[:2000]

    def contact(self) -> str:
        """The id of a contact. Raises: AskedError."""
        try:
            return str(uuid.UUID(self.text("contact")))
        except ValueError as error:
            raise AskedError(422, "contact", "contact must be a UUID", field="contact") from error

    def phone(self) -> str:
        """A number of the telephone network with its country. Raises: AskedError."""
        number = self.text("number")
        if not number.startswith("+") or not number[1:].isdecimal():
            raise AskedError(422, "number", "number must be written as +79001112233", field="number")
        return number

    def flag(self, name: str) -> bool:
        """True or false; false when it is not there."""
        return self.body.get(name) is True


async def read(request: web.Request) -> Asked:
    """The body of a request. Raises: AskedError when it is not JSON."""
    try:
        return Asked(json.loads(await request.text() or "{}"))
    except ValueError as error:
        raise AskedError(422, "not_json", "the body is not JSON") from error
