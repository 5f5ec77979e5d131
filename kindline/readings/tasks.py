"""Jobs of readings: photos whose term is over are erased."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from procrastinate.contrib.django import app

from kindline.journal import sweeping
from kindline.standard import loader


@app.periodic(cron="33 * * * *")
@app.task(name="photos_retention", queueing_lock="photos_retention", lock="photos_retention")
@sweeping.job
def photos_retention(now: dt.datetime) -> None:
    """Erase photos of meters whose term is over."""
    from kindline.readings import photos  # noqa: PLC0415 - loaded once the apps are ready

    while photos.sweep(profile=loader.load(settings.KINDLINE["profile"]), now=now):
        continue
