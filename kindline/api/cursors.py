"""Pages by a cursor: the place of the last row, so that new rows neither shift nor repeat any."""

from __future__ import annotations

import base64
import binascii
import datetime as dt

from django.db.models import Q, QuerySet

from kindline.api.problems import ProblemError, wrong
from kindline.api.schemas import KEY_MAX
from kindline.appeals.models import Appeal


def page_of(rows: QuerySet[Appeal], cursor: str, limit: int) -> tuple[list[Appeal], str | None]:
    """The rows after the cursor, the latest first, and the cursor of the page that follows.

    Raises: ProblemError for a cursor that we did not give.
    """
    if cursor:
        at, key = _read(cursor)
        rows = rows.filter(Q(registered_at__lt=at) | Q(registered_at=at, pk__lt=key))
    found = list(rows.order_by("-registered_at", "-pk")[: limit + 1])
    page = found[:limit]
    return page, _write(page[-1]) if len(found) > limit else None


def _write(last: Appeal) -> str:
    place = f"{last.registered_at.astimezone(dt.UTC).isoformat()} {last.pk}"
    return base64.urlsafe_b64encode(place.encode()).decode()


def _read(cursor: str) -> tuple[dt.datetime, int]:
    try:
        at, _, key = base64.urlsafe_b64decode(cursor).decode("ascii").partition(" ")
        moment = dt.datetime.fromisoformat(at).astimezone(dt.UTC)
        number = int(key)
    except (ValueError, OverflowError, binascii.Error):
        number = 0
    if not 0 < number <= KEY_MAX:
        raise ProblemError("invalid", [wrong("cursor", "take the `next` of the page before")])
    return moment, number
