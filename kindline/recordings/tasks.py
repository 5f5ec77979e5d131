"""Jobs about recordings: each a sweep over state, so that a missed or doubled run does no harm."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from procrastinate.contrib.django import app

from kindline.files import stores
from kindline.journal import sweeping
from kindline.recordings import forgetting, keeping, places, removing, watching
from kindline.standard import loader


@app.periodic(cron="* * * * * */10")
@app.task(name="recordings_watch", queueing_lock="recordings_watch")
@sweeping.job
def watch(now: dt.datetime) -> None:
    """See whether what is recorded is really written (fault T12: an alarm within half a minute)."""
    watching.watch(now=now, by_machine=sweeping.of_machine())


@app.periodic(cron="* * * * *")
@app.task(name="recordings_seal", queueing_lock="recordings_seal", lock="recordings_seal")
@sweeping.job
def seal(now: dt.datetime) -> None:
    """Seal what lies plain, and carry it to the store of the settings."""
    while keeping.seal_waiting(now=now) == keeping.BATCH:
        continue
    stores.carry(places.vault())


@app.periodic(cron="*/15 * * * *")
@app.task(name="recordings_retention", queueing_lock="recordings_retention", lock="recordings_retention")
@sweeping.job
def retention(now: dt.datetime) -> None:
    """Remove recordings whose time is over."""
    removing.sweep(profile=loader.load(settings.KINDLINE["profile"]), now=now)


@app.periodic(cron="47 * * * *")
@app.task(name="recordings_orphans", queueing_lock="recordings_orphans", lock="recordings_seal")
@sweeping.job
def orphans(now: dt.datetime) -> None:
    """Remove sealed contents that belong to nothing."""
    keeping.sweep_orphans(now=sweeping.by_files(now))


@app.periodic(cron="* * * * *")
@app.task(name="transcripts_forget", queueing_lock="transcripts_forget")
@sweeping.job
def forget(_now: dt.datetime) -> None:
    """Forget what persons said who were erased."""
    forgetting.follow()
