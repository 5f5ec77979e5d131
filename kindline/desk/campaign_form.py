"""The form of a new campaign and that of its audience: what was typed, read with care and never lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from kindline.campaigns import audience
from kindline.campaigns.audience import Asked
from kindline.campaigns.models import Kind

TEXTS = ("kind", "purpose", "title", "text", "confirm_key", "operator_key")
NUMBERS = {"at_once": (1, 50, 1), "tries": (1, 20, 1), "pause_s": (1, 10_000, 60), "ring_limit_s": (5, 600, 1)}
"""Least, most, and by how much what is typed is multiplied."""
TIMES = ("hours_from", "hours_until")
UPLOAD_MAX = 4 * 1024 * 1024
FRESH = {
    "kind": "message", "confirm_key": "1", "operator_key": "9", "at_once": "2", "tries": "3", "pause_s": "30",
    "hours_from": "09:00", "hours_until": "20:00",
}  # fmt: skip


@dataclass
class Read:
    """A form as it was read: the fields of a campaign, and the names of those that cannot be read."""

    fields: dict[str, Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def campaign(typed: Mapping[str, str]) -> Read:
    """The fields of a new campaign."""
    found = Read({name: str(typed.get(name, "")).strip() for name in TEXTS})
    if found.fields["kind"] not in Kind.values:
        found.wrong.append("kind")
    if found.fields["kind"] == Kind.MESSAGE:
        found.fields["purpose"] = str(typed.get("message_purpose", "")).strip()
    else:
        found.fields["questions"] = questions(str(typed.get("questions", "")))
    for name in NUMBERS:
        _number(found, name, str(typed.get(name, "")).strip())
    for name in TIMES:
        try:
            found.fields[name] = dt.time.fromisoformat(str(typed.get(name, "")).strip())
        except ValueError:
            found.wrong.append(name)
    return found


def _number(found: Read, name: str, typed: str) -> None:
    least, most, times = NUMBERS[name]
    if name == "ring_limit_s" and not typed:
        found.fields[name] = None
    elif typed.isascii() and typed.isdecimal() and len(typed) < 7 and least <= int(typed) <= most:
        found.fields[name] = int(typed) * times
    else:
        found.wrong.append(name)


def questions(typed: str) -> list[dict[str, Any]]:
    """A question a line, with its choices after it between bars: `Are you content? | yes | no`."""
    found = []
    for line in typed.splitlines():
        text, *choices = [part.strip() for part in line.split("|")]
        if text:
            found.append({"text": text, "choices": list(dict.fromkeys(filter(None, choices)))})
    return found


def wanted(request: HttpRequest) -> dict[str, str]:
    """Whom the form of the audience asks for, as it was typed; an uploaded list joins the pasted numbers."""
    typed = {name: request.POST.get(name, "").strip() for name in ("street", "house", "accounts", "numbers")}
    upload = request.FILES.get("file")
    if upload is not None and upload.size is not None and upload.size <= UPLOAD_MAX:
        listed = audience.listed(audience.text_of(upload.read()))
        typed["numbers"] = "\n".join(filter(None, [typed["numbers"], *listed]))
    return typed


def asked(typed: Mapping[str, str]) -> Asked:
    """The same for the audience."""
    return Asked(**typed)
