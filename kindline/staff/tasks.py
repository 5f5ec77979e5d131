"""Jobs of the staff: a sweep over what is old, so that a missed or doubled run does no harm."""

from __future__ import annotations

import datetime as dt

from procrastinate.contrib.django import app

from kindline.journal import sweeping


@app.periodic(cron="47 * * * *")
@app.task(name="sweep_staff", queueing_lock="sweep_staff")
@sweeping.job
def sweep_staff(now: dt.datetime) -> None:
    """Forget log-ins that were refused so long ago that they count for nothing, and sessions that are over."""
    from kindline.staff import guessing, sessions  # noqa: PLC0415 - loaded once the apps are ready

    guessing.sweep(now=now)
    sessions.sweep(now=now)
