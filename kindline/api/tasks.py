"""Jobs of the API: a sweep over what is old, so that a missed or doubled run does no harm."""

from __future__ import annotations

import datetime as dt

from procrastinate.contrib.django import app

from kindline.api import retention
from kindline.journal import sweeping


@app.periodic(cron="41 * * * *")
@app.task(name="sweep_api", queueing_lock="sweep_api")
@sweeping.job
def sweep_api(now: dt.datetime) -> None:
    """Forget news that was delivered and answers that were given long ago."""
    for sweep in (retention.sweep_deliveries, retention.sweep_answers):
        while sweep(now=now) >= retention.BATCH:
            continue
