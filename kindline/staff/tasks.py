"""Jobs of the staff: a sweep over what is old, so that a missed or doubled run does no harm."""

from __future__ import annotations

import datetime as dt

from procrastinate.contrib.django import app

from kindline.journal import sweeping


@app.periodic(cron="47 * * * *")
@app.task(name="sweep_staff", queueing_lock="sweep_staff")
@sweeping.job
def sweep_staff(now: dt.datetime) -> None:
    """Forget refused log-ins that count for nothing any more, sessions and challenges that are over."""
    from kindline.staff import challenges, guessing, sessions  # noqa: PLC0415 - loaded once the apps are ready

    guessing.sweep(now=now)
    sessions.sweep(now=now)
    challenges.sweep(now=now)
