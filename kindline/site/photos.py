"""A photo of the meter beside a reading: kept for the form until the reading is, so that a fault loses none."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest

from kindline.files import queries
from kindline.files.erasing import DRAFT
from kindline.files.models import Owner
from kindline.readings import photos
from kindline.readings.lines import Sender
from kindline.site import uploads

KEY, FIELD = "photos", "photo"
"""The hidden field with the key of the photos of a form, and how the names of its file fields begin."""
ACCEPTED = ".jpg,.jpeg,.png,.webp,.heic,.gif,.bmp,.tif,.tiff"


def key_of(request: HttpRequest) -> uuid.UUID:
    """The key that the form bore for its photos, else its own, else a new one."""
    try:
        return uuid.UUID(request.POST.get(KEY) or request.POST.get("key", ""))
    except ValueError:
        return uuid.uuid4()


def draft_of(key: uuid.UUID, name: str = "") -> str:
    """Under which key the photos of a field are kept until its reading is."""
    return f"photo-{key.hex}{name}"


def take(request: HttpRequest, key: uuid.UUID, names: Sequence[str], now: dt.datetime) -> dict[str, list[str]]:
    """Keep the photos that came with these fields of a form; why some were not taken, by field."""
    said = {}
    for name in names:
        owner = Owner(DRAFT, draft_of(key, name))
        refused = uploads.take_into(request, owner, FIELD + name, now, most=photos.MOST, types=photos.types())
        said[name] = [*uploads.too_large(request, FIELD + name), *refused]
    return {name: told for name, told in said.items() if told}


def hand_over(key: uuid.UUID, name: str, reading: int | None, sender: Sender, now: dt.datetime) -> None:
    """What was kept for a field belongs to its reading, once there is one."""
    if reading is not None:
        photos.take_draft(draft=draft_of(key, name), reading_id=reading, sender=sender, now=now)


def panel(key: uuid.UUID, name: str = "") -> dict[str, Any]:
    """What the part of a form with the photos of a field shows."""
    rows = [uploads.row_of(one) for one in queries.of(Owner(DRAFT, draft_of(key, name)))]
    return {
        "key": key, "name": FIELD + name, "rows": rows, "most": photos.MOST, "accept": ACCEPTED, **uploads.size_told(),
    }  # fmt: skip
