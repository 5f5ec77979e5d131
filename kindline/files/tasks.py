"""Jobs about files: checking soon after they came, and sweeps over what is left."""

from __future__ import annotations

from django.db import close_old_connections, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

CHECK = "check_files"


@app.periodic(cron="* * * * *")
@app.task(name=CHECK, queueing_lock=CHECK, pass_context=False)
def check_files(timestamp: int = 0) -> None:  # noqa: ARG001 - the moment for which it was planned: a sweep goes by now
    """Look at the files in quarantine."""
    from kindline.files import checking, limits  # noqa: PLC0415 - what takes files asks for this job

    close_old_connections()
    try:
        while checking.check_waiting(scanner=limits.scanner(), now=timezone.now()) == checking.BATCH:
            continue
    finally:
        close_old_connections()


@app.periodic(cron="27 * * * *")
@app.task(name="sweep_files", queueing_lock="sweep_files")
def sweep_files(timestamp: int) -> None:  # noqa: ARG001
    """Remove contents that belong to nothing, uploads of forms that were never sent off, and counts that are over."""
    from kindline.files import erasing, handing, quota  # noqa: PLC0415

    close_old_connections()
    try:
        while erasing.sweep_drafts(now=timezone.now()):
            continue
        erasing.sweep_orphans(now=timezone.now())
        quota.sweep(now=timezone.now())
        handing.sweep(now=timezone.now())
    finally:
        close_old_connections()


@app.periodic(cron="* * * * *")
@app.task(name="carry_files", queueing_lock="carry_files", lock="carry_files")
def carry_files(timestamp: int) -> None:  # noqa: ARG001
    """Carry contents from the spool to the store of the settings, where it is not the folder itself."""
    from kindline.files import stores  # noqa: PLC0415

    stores.carry(stores.store())


@app.periodic(cron="7 * * * *")
@app.task(name="seal_files", queueing_lock="seal_files", lock="seal_files")
def seal_files(timestamp: int) -> None:  # noqa: ARG001
    """Seal the files of the time before contents were sealed."""
    from kindline.files import adopting  # noqa: PLC0415

    close_old_connections()
    try:
        adopting.seal_open(now=timezone.now())
    finally:
        close_old_connections()


def check_soon() -> None:
    """Ask for the check, in the transaction of the file; one that is asked for already is enough."""
    try:
        with transaction.atomic():
            check_files.defer()
    except AlreadyEnqueued:
        return
