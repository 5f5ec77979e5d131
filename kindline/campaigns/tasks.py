"""Jobs of campaigns: reminders that readings are due, and questions about those that nobody has answered."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from procrastinate.contrib.django import app

from kindline.journal import sweeping
from kindline.standard import loader


@app.periodic(cron="*/10 * * * *")
@app.task(name="reading_reminders", queueing_lock="reading_reminders", lock="reading_reminders")
@sweeping.job
def reading_reminders(now: dt.datetime) -> None:
    """Remind clients of readings, on the days that the standard names."""
    from kindline.campaigns import reading_reminders as reminders  # noqa: PLC0415 - loaded once the apps are ready

    while reminders.sweep(profile=loader.load(settings.KINDLINE["profile"]), now=now):
        now = sweeping.of_database()  # many batches last until the hours in which people may be told are over


@app.periodic(cron="7-59/10 * * * *")
@app.task(name="readings_asked_again", queueing_lock="readings_asked_again", lock="readings_asked_again")
@sweeping.job
def readings_asked_again(now: dt.datetime) -> None:
    """Ask once more about readings that were asked back and not answered in time."""
    from kindline.campaigns import readings_asked_again as again  # noqa: PLC0415 - loaded once the apps are ready

    while again.sweep(profile=loader.load(settings.KINDLINE["profile"]), now=now):
        now = sweeping.of_database()
