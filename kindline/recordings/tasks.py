"""Jobs about recordings: each a sweep over state, so that a missed or doubled run does no harm."""

from __future__ import annotations

import functools
from collections.abc import Callable

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone
from procrastinate.contrib.django import app

from kindline.files import stores
from kindline.recordings import forgetting, keeping, places, removing, watching
from kindline.standard import loader


def _sweep(work: Callable[[], object]) -> Callable[[int], None]:
    """A periodic job out of a sweep: a fresh connection, nothing returned."""

    @functools.wraps(work)
    def job(timestamp: int) -> None:  # noqa: ARG001 - the moment for which it was planned: a sweep goes by now
        close_old_connections()
        try:
            work()
        finally:
            close_old_connections()

    return job


@app.periodic(cron="* * * * * */10")
@app.task(name="recordings_watch", queueing_lock="recordings_watch")
@_sweep
def watch() -> None:
    """See whether what is recorded is really written (fault T12: an alarm within half a minute)."""
    watching.watch(now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="recordings_seal", queueing_lock="recordings_seal", lock="recordings_seal")
@_sweep
def seal() -> None:
    """Seal what lies plain, and carry it to the store of the settings."""
    while keeping.seal_waiting(now=timezone.now()) == keeping.BATCH:
        continue
    stores.carry(places.vault())


@app.periodic(cron="*/15 * * * *")
@app.task(name="recordings_retention", queueing_lock="recordings_retention", lock="recordings_retention")
@_sweep
def retention() -> None:
    """Remove recordings whose time is over."""
    profile = loader.load(settings.KINDLINE["profile"])
    while removing.sweep(profile=profile, now=timezone.now()):
        continue


@app.periodic(cron="47 * * * *")
@app.task(name="recordings_orphans", queueing_lock="recordings_orphans", lock="recordings_seal")
@_sweep
def orphans() -> None:
    """Remove sealed contents that belong to nothing."""
    keeping.sweep_orphans(now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="transcripts_forget", queueing_lock="transcripts_forget")
@_sweep
def forget() -> None:
    """Forget what persons said who were erased."""
    forgetting.follow()
