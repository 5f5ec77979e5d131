"""Jobs of the staff: a sweep over what is old, so that a missed or doubled run does no harm."""

from __future__ import annotations

from django.db import close_old_connections
from django.utils import timezone
from procrastinate.contrib.django import app


@app.periodic(cron="47 * * * *")
@app.task(name="sweep_staff", queueing_lock="sweep_staff")
def sweep_staff(timestamp: int) -> None:  # noqa: ARG001 - the moment for which it was planned: a sweep goes by now
    """Forget log-ins that were refused so long ago that they count for nothing, and sessions that are over."""
    from kindline.staff import guessing, sessions  # noqa: PLC0415 - loaded once the apps are ready

    close_old_connections()
    try:
        guessing.sweep(now=timezone.now())
        sessions.sweep(now=timezone.now())
    finally:
        close_old_connections()
