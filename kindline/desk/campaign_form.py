"""The form of a new campaign and that of its audience: what was typed, read with care and never lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from kindline.campaigns import lists
from kindline.campaigns.audience import Asked
from kindline.campaigns.models import Campaign, Kind, OnMachine, Way

TEXTS = ("kind", "purpose", "title", "text", "confirm_key", "operator_key", "on_machine")
NUMBERS = {
    "at_once": (1, 50, 1), "tries": (1, 20, 1), "pause_s": (1, 10_000, 60), "ring_limit_s": (5, 600, 1),
    "per_operator": (1, 20, 1),
}  # fmt: skip
"""Least, most, and by how much what is typed is multiplied."""
MAY_BE_EMPTY = frozenset({"ring_limit_s", "per_operator"})
WAYS = ("way_1", "way_2", "way_3", "way_4")
"""The fields of the order in which people are tried."""
AUDIENCE = ("street", "house", "accounts", "numbers", "debt", "topic", "subscribed", "incident")
TIMES = ("hours_from", "hours_until")
UPLOAD_MAX = 4 * 1024 * 1024
FRESH = {
    "kind": "message", "way_1": "voice", "confirm_key": "1", "operator_key": "9", "on_machine": "tell", "at_once": "2",
    "tries": "3", "pause_s": "30", "hours_from": "09:00", "hours_until": "20:00",
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
    if found.fields["on_machine"] not in OnMachine.values:
        found.wrong.append("on_machine")
    if found.fields["kind"] == Kind.MESSAGE:
        found.fields["purpose"] = str(typed.get("message_purpose", "")).strip()
    else:
        found.fields["questions"] = questions(str(typed.get("questions", "")))
    found.fields["ways"] = _ways(typed) if found.fields["kind"] == Kind.MESSAGE else [Way.VOICE]
    for name in NUMBERS:
        _number(found, name, str(typed.get(name, "")).strip())
    for name in TIMES:
        try:
            found.fields[name] = dt.time.fromisoformat(str(typed.get(name, "")).strip())
        except ValueError:
            found.wrong.append(name)
    return found


def _ways(typed: Mapping[str, str]) -> list[str]:
    """The chosen ways in their order, each once."""
    chosen = [str(typed.get(name, "")).strip() for name in WAYS]
    return list(dict.fromkeys(way for way in chosen if way in Way.values))


def of_campaign(campaign: Campaign) -> dict[str, str]:
    """A draft as its form shows it."""
    typed = {name: str(getattr(campaign, name)) for name in TEXTS}
    typed |= {name: _plain(getattr(campaign, name), times) for name, (_least, _most, times) in NUMBERS.items()}
    typed |= {name: f"{getattr(campaign, name):%H:%M}" for name in TIMES}
    typed |= dict(zip(WAYS, campaign.ways, strict=False))
    lines = [" | ".join([one["text"], *(one.get("choices") or [])]) for one in campaign.questions]
    return typed | {"questions": "\n".join(lines), "message_purpose": campaign.purpose}


def _plain(value: int | None, times: int) -> str:
    return "" if value is None else str(max(1, value // times))


def _number(found: Read, name: str, typed: str) -> None:
    least, most, times = NUMBERS[name]
    if name in MAY_BE_EMPTY and not typed:
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


def wanted(request: HttpRequest) -> tuple[dict[str, str], list[str]]:
    """Whom the form of the audience asks for, as it was typed, and the fields that cannot be taken.

    An uploaded list joins the pasted numbers, unless it is too long.
    """
    typed = {name: request.POST.get(name, "").strip() for name in AUDIENCE}
    upload = request.FILES.get("file")
    if upload is None:
        return typed, []
    rows = _uploaded(upload)
    if rows is None or len(rows) > lists.ROWS_MAX:
        return typed, ["file"]
    typed["numbers"] = "\n".join(filter(None, [typed["numbers"], *rows]))
    return typed, []


def _uploaded(upload: UploadedFile[bytes]) -> list[str] | None:
    """The rows of an uploaded list; None for a file that is too large or no list."""
    if upload.size is None or upload.size > UPLOAD_MAX:
        return None
    try:
        return lists.listed(lists.text_of(upload.read()))
    except ValidationError:
        return None


def asked(typed: Mapping[str, str]) -> Asked:
    """The same for the audience."""
    return Asked(**typed)
