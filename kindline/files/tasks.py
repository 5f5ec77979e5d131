"""Jobs about files: checking soon after they came, and sweeps over what is left."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from kindline.journal import sweeping

CHECK = "check_files"


@app.periodic(cron="* * * * *")
@app.task(name=CHECK, queueing_lock=CHECK, pass_context=False)
@sweeping.job
def check_files(now: dt.datetime) -> None:
    """Look at the files in quarantine."""
    from kindline.files import checking, limits  # noqa: PLC0415 - what takes files asks for this job

    while checking.check_waiting(scanner=limits.scanner(), now=now) == checking.BATCH:
        continue


@app.periodic(cron="27 * * * *")
@app.task(name="sweep_files", queueing_lock="sweep_files")
@sweeping.job
def sweep_files(now: dt.datetime) -> None:
    """Remove contents that belong to nothing, uploads of forms that were never sent off, and counts that are over."""
    from kindline.files import erasing, handing, quota  # noqa: PLC0415

    while erasing.sweep_drafts(now=now):
        continue
    erasing.sweep_orphans(now=sweeping.by_files(now))
    quota.sweep(now=now)
    handing.sweep(now=now)


@app.periodic(cron="* * * * *")
@app.task(name="carry_files", queueing_lock="carry_files", lock="carry_files")
def carry_files(timestamp: int) -> None:  # noqa: ARG001 - the moment for which it was planned: a sweep goes by now
    """Carry contents from the spool to the store of the settings, where it is not the folder itself."""
    from kindline.files import stores  # noqa: PLC0415

    stores.carry(stores.store())


@app.periodic(cron="7 * * * *")
@app.task(name="seal_files", queueing_lock="seal_files", lock="seal_files")
@sweeping.job
def seal_files(now: dt.datetime) -> None:
    """Seal the files of the time before contents were sealed."""
    from kindline.files import adopting  # noqa: PLC0415

    adopting.seal_open(now=now)


def check_soon() -> None:
    """Ask for the check, in the transaction of the file; one that is asked for already is enough."""
    try:
        with transaction.atomic():
            check_files.defer()
    except AlreadyEnqueued:
        return
