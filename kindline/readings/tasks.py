"""Jobs of readings: photos whose term is over are erased, large files are gone through."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

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


FILES = "readings_files"


@app.periodic(cron="* * * * *")
@app.task(name=FILES, queueing_lock=FILES, lock=FILES)
@sweeping.job
def readings_files(now: dt.datetime) -> None:
    """Go through the large files that wait."""
    from kindline.readings import filed  # noqa: PLC0415

    filed.sweep(profile=loader.load(settings.KINDLINE["profile"]), now=now)


def files_soon() -> None:
    """Ask for it, within the transaction that lays a file by; one that is asked for already is enough."""
    try:
        with transaction.atomic():
            readings_files.defer()
    except AlreadyEnqueued:
        return
