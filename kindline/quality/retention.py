"""Recordings leave when their time is over, unless an appeal that is still open needs them (krc-5.5.2-14)."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path

from django.conf import settings

from kindline.appeals.queries import holding_recordings
from kindline.switchboard.models import Recording

log = logging.getLogger(__name__)


def sweep(*, now: dt.datetime, folder: Path | None = None, limit: int = 500) -> int:
    """Remove the files of recordings whose retention has passed and mark the rows; returns how many.

    The file goes first: a sweep that is killed in between is finished by the next one.
    """
    below = folder or Path(settings.KINDLINE["paths"]["recordings"])
    due = Recording.objects.filter(retention_until__lt=now.date(), removed_at=None)
    found = list(due.exclude(contact__in=holding_recordings()).order_by("retention_until")[:limit])
    return sum(_remove(recording, below, now) for recording in found)


def _remove(recording: Recording, below: Path, now: dt.datetime) -> bool:
    if recording.path:
        path = (below / recording.path).resolve()
        if not path.is_relative_to(below.resolve()):
            log.error("recording %s points outside the recordings folder: not removed", recording.pk)
            return False
        path.unlink(missing_ok=True)
    recording.removed_at, recording.path = now, ""
    recording.save(update_fields=["removed_at", "path"])
    return True
