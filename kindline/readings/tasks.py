"""Jobs of readings: photos whose term is over are erased."""

from __future__ import annotations

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone
from procrastinate.contrib.django import app

from kindline.standard import loader


@app.periodic(cron="33 * * * *")
@app.task(name="photos_retention", queueing_lock="photos_retention", lock="photos_retention")
def photos_retention(timestamp: int) -> None:  # noqa: ARG001 - the moment for which it was planned: a sweep goes by now
    """Erase photos of meters whose term is over."""
    from kindline.readings import photos  # noqa: PLC0415 - loaded once the apps are ready

    close_old_connections()
    try:
        while photos.sweep(profile=loader.load(settings.KINDLINE["profile"]), now=timezone.now()):
            continue
    finally:
        close_old_connections()
