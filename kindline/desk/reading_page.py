"""One reading with its photos: what is asked, what stood before it, what the meter showed on the picture."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from kindline.desk import access, readings, uploads
from kindline.files.content import INLINE
from kindline.files.models import FileState
from kindline.readings import photos, queries, wording
from kindline.readings.models import PhotoRemoval, Reading, ReadingState

EARLIER = 24


@require_safe
@access.for_roles(*access.METERS)
def one(request: HttpRequest, reading: int) -> HttpResponseBase:
    """The reading, its photos beside it, those before it; a photo can be added (a visitor shows it at the counter)."""
    rows = Reading.objects.select_related("meter__account__client", "meter__account__premise", "sending", "replaces")
    found = get_object_or_404(rows, pk=reading)
    context = {
        "one": readings.told(found) | {"address": str(found.meter.account.premise)},
        "state": wording.state_title(found.state),
        "asked_back": found.state == ReadingState.ASKED_BACK,
        "reason": found.reason.strip("—"),
        "shown": _shown(found),
        "panel": uploads.panel(photos.owner_of(found.pk)),
        "removed": PhotoRemoval.objects.filter(reading_id=found.pk).order_by("-pk").first(),
        "earlier": _earlier(found),
    }
    return render(request, "desk/reading.html", context)


def _shown(reading: Reading) -> list[int]:
    """The keys of pictures that a browser can show; of a corrected reading also those of the one before it."""
    keys = [reading.pk, *([reading.replaces_id] if reading.replaces_id else [])]
    rows = [row for found in photos.of_many(keys).values() for row in found]
    return [row.pk for row in rows if row.file.state == FileState.CLEAN and row.file.media_type in INLINE]


def _earlier(reading: Reading) -> list[dict[str, Any]]:
    """The other readings of the account, the latest first, and which of them have photos."""
    rows = [row for row in queries.history([reading.meter.account_id], limit=EARLIER) if row.pk != reading.pk]
    given = photos.of_many(row.pk for row in rows)
    return [{"row": row, "value": wording.figures(row.value), "state": wording.state_title(row.state),
             "photos": len(given.get(row.pk, ()))} for row in rows]  # fmt: skip
