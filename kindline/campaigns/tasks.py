"""Jobs of campaigns: reminders that readings are due."""

from __future__ import annotations

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone
from procrastinate.contrib.django import app

from kindline.standard import loader


@app.periodic(cron="*/10 * * * *")
@app.task(name="reading_reminders", queueing_lock="reading_reminders", lock="reading_reminders")
def reading_reminders(timestamp: int) -> None:  # noqa: ARG001 - the moment for which it was planned: a sweep goes by now
    """Remind clients of readings, on the days that the standard names."""
    from kindline.campaigns import reading_reminders as reminders  # noqa: PLC0415 - loaded once the apps are ready

    close_old_connections()
    try:
        while reminders.sweep(profile=loader.load(settings.KINDLINE["profile"]), now=timezone.now()):
            continue
    finally:
        close_old_connections()
