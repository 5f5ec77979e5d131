"""Jobs of readings: photos whose term is over are erased, large files are gone through."""

from __future__ import annotations

from django.conf import settings
from django.db import close_old_connections, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

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


FILES = "readings_files"


@app.periodic(cron="* * * * *")
@app.task(name=FILES, queueing_lock=FILES, lock=FILES)
def readings_files(timestamp: int = 0) -> None:  # noqa: ARG001
    """Go through the large files that wait."""
    from kindline.readings import filed  # noqa: PLC0415

    close_old_connections()
    try:
        filed.sweep(profile=loader.load(settings.KINDLINE["profile"]), now=timezone.now())
    finally:
        close_old_connections()


def files_soon() -> None:
    """Ask for it, in the transaction of the file; one that is asked for already is enough."""
    try:
        with transaction.atomic():
            readings_files.defer()
    except AlreadyEnqueued:
        return
