"""Jobs of the API: a sweep over what is old, so that a missed or doubled run does no harm."""

from __future__ import annotations

from django.db import close_old_connections
from django.utils import timezone
from procrastinate.contrib.django import app

from kindline.api import retention


@app.periodic(cron="41 * * * *")
@app.task(name="sweep_api", queueing_lock="sweep_api")
def sweep_api(timestamp: int) -> None:  # noqa: ARG001 - the moment for which it was planned: a sweep goes by now
    """Forget news that was delivered and answers that were given long ago."""
    close_old_connections()
    try:
        for sweep in (retention.sweep_deliveries, retention.sweep_answers):
            while sweep(now=timezone.now()) >= retention.BATCH:
                continue
    finally:
        close_old_connections()
