"""Jobs of the desk: what its people left behind."""

from __future__ import annotations

import datetime as dt

from procrastinate.contrib.django import app

from kindline.journal import sweeping


@app.periodic(cron="*/5 * * * *")
@app.task(name="find_gone_operators", queueing_lock="find_gone_operators")
@sweeping.job
def find_gone_operators(now: dt.datetime) -> None:
    """Put off the line who closed his page in a pause or a wrap-up."""
    from kindline.desk import leaving  # noqa: PLC0415 - loaded once the apps are ready

    leaving.find_gone(now)
