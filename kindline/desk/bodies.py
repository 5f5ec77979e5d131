"""What a page posts: JSON objects, read with care."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest

LONGEST = 200_000


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The posted object; anything else is an empty one, which the action then refuses for what it lacks."""
    if len(request.body) > LONGEST:
        return {}
    try:
        said = json.loads(request.body or b"{}")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def text_of(body: dict[str, Any], name: str) -> str:
    """A text of the object, without blanks around; whatever is not a text counts as its words."""
    value = body.get(name)
    return "" if value is None or isinstance(value, dict | list) else str(value).strip()


def texts_of(body: dict[str, Any], name: str) -> dict[str, str]:
    """A mapping of texts in the object."""
    value = body.get(name)
    return {str(key): str(text) for key, text in value.items()} if isinstance(value, dict) else {}


def list_of(body: dict[str, Any], name: str) -> list[str]:
    """A list of texts in the object."""
    value = body.get(name)
    return [str(one) for one in value] if isinstance(value, list) else []


def number_of(body: dict[str, Any], name: str) -> int | None:
    """A whole number of the object."""
    value = text_of(body, name)
    return int(value) if value.isdecimal() else None
