"""Jobs of the worker: thin calls, each a sweep over state, so that a missed or doubled run does no harm."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from procrastinate import JobContext
from procrastinate.contrib.django import app

from kindline.appeals import actions as appeals
from kindline.appeals import (
    digest,
    escalation,
    letter_retention,
    notices,
    reasons,
    recomputing,
    reminding,
    stage_ladder,
    standard_followed,
    telling_staff,
    undertakings,
)
from kindline.conversations import actions as conversations
from kindline.correspondence import storing as mail_storing
from kindline.journal import partitions, sweeping
from kindline.quality import erased_ledger, inspection_planning, monitoring, rescue, telling_crossings
from kindline.readings import export
from kindline.standard import loader
from kindline.switchboard import voicemail_work

KEEP_JOBS_H = 48
ROUNDS_MAX = 50


@app.periodic(cron="* * * * *")
@app.task(name="judge", queueing_lock="judge", pass_context=False)
@sweeping.job
def judge(now: dt.datetime) -> None:
    """Judge what the judging process has left (it follows the journal by itself within seconds)."""
    from kindline.quality import judging  # noqa: PLC0415 - the engine behind it is heavy: web and live never need it

    for _ in range(ROUNDS_MAX):
        if judging.judge_new(now=now) < judging.BATCH:
            break
    judging.judge_due(now=now)


@app.periodic(cron="23 * * * *")
@app.task(name="letters_retention", queueing_lock="letters_retention", lock="letters_retention")
@sweeping.job
def letters_retention(now: dt.datetime) -> None:
    """Remove e-mail whose time is over; seal what lies open from before, sweep what belongs to no message."""
    profile = loader.load(settings.KINDLINE["profile"])
    while letter_retention.sweep(profile=profile, now=now):
        continue
    mail_storing.seal_open()
    mail_storing.sweep_orphans(now=sweeping.by_files(now))


@app.periodic(cron="*/10 * * * *")
@app.task(name="erasures_noted", queueing_lock="erasures_noted")
@sweeping.job
def erasures_noted(_now: dt.datetime) -> None:
    """Note beside the database who was erased, should it not have been done at once."""
    erased_ledger.note()


@app.periodic(cron="* * * * *")
@app.task(name="callbacks_overdue", queueing_lock="callbacks_overdue")
@sweeping.job
def callbacks_overdue(now: dt.datetime) -> None:
    """Mark promised calls and voice messages whose time has passed; a message is handled whose client was called."""
    conversations.sweep_overdue(now=now)
    voicemail_work.sweep(now=now)


@app.periodic(cron="* * * * *")
@app.task(name="management_notices", queueing_lock="management_notices")
@sweeping.job
def management_notices(now: dt.datetime) -> None:
    """Tell those in charge of appeals whose talk is over, and forward those that belong elsewhere (court-1-34)."""
    notices.sweep(now=now)
    appeals.sweep_forwarding(now=now)


@app.periodic(cron="*/5 * * * *")
@app.task(name="escalation", queueing_lock="escalation")
@sweeping.job
def escalation_ladder(now: dt.datetime) -> None:
    """Tell executors, heads and directors of terms, measures, enquiries, stages, by e-mail (krc-6.2-02..05)."""
    escalation.sweep(now=now)
    undertakings.sweep(now=now)
    stage_ladder.sweep(now=now)
    telling_staff.sweep(now=now)


@app.periodic(cron="*/10 * * * *")
@app.task(name="digest", queueing_lock="digest")
@sweeping.job
def daily_digest(now: dt.datetime) -> None:
    """Send those in charge the day's summary of terms, once (krc-6.2-02)."""
    digest.sweep(profile=loader.load(settings.KINDLINE["profile"]), now=now)


@app.periodic(cron="* * * * *")
@app.task(name="limits_anew", queueing_lock="limits_anew")
@sweeping.job
def limits_anew(now: dt.datetime) -> None:
    """Compute limits anew where a head asked for it, the calendar was edited or the standard changed (krc-6.1-09)."""
    standard_followed.sweep(profile=loader.load(settings.KINDLINE["profile"]), now=now)
    recomputing.sweep(now=now)


@app.periodic(cron="*/5 * * * *")
@app.task(name="analysis_months", queueing_lock="analysis_months")
@sweeping.job
def analysis_months(now: dt.datetime) -> None:
    """Open the month in which reasons of complaints are to be analysed, ask for that before it ends (krc-6.2-06)."""
    reasons.sweep_months(now=now)
    reminding.sweep(now=now)


@app.periodic(cron="*/30 * * * *")
@app.task(name="monitoring_due", queueing_lock="monitoring_due")
@sweeping.job
def monitoring_due(now: dt.datetime) -> None:
    """Say that the monitoring of the quarter that is over is due (voe-1-08, voe-1-09)."""
    monitoring.sweep(profile=loader.load(settings.KINDLINE["profile"]), now=now)


@app.periodic(cron="*/30 * * * *")
@app.task(name="inspections", queueing_lock="inspections")
@sweeping.job
def inspections(now: dt.datetime) -> None:
    """Plan inspections that come due, say which are overdue (krc-5.1-01 and others)."""
    inspection_planning.sweep(profile=loader.load(settings.KINDLINE["profile"]), now=now)


@app.periodic(cron="* * * * *")
@app.task(name="crossings_told", queueing_lock="crossings_told")
@sweeping.job
def crossings_told(now: dt.datetime) -> None:
    """Write to those who were chosen of what goes beyond its threshold on the wallboard."""
    telling_crossings.sweep(profile=loader.load(settings.KINDLINE["profile"]), now=now)


@app.periodic(cron="* * * * *")
@app.task(name="readings_export", queueing_lock="readings_export", lock="readings_export")
@sweeping.job
def readings_export(now: dt.datetime) -> None:
    """Hand readings over to the billing system."""
    export.sweep(now=now)


@app.periodic(cron="7 * * * *")
@app.task(name="partitions", queueing_lock="partitions")
@sweeping.job
def make_partitions(now: dt.datetime) -> None:
    """Make the journal's partitions of the coming months."""
    partitions.make_ahead(now)


@app.periodic(cron="* * * * *")
@app.task(name="rescue", queueing_lock="rescue", pass_context=True)
async def rescue_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - a sweep goes by now
    """Give back jobs whose worker died."""
    await rescue.rescue_stalled(context.app.job_manager)


@app.periodic(cron="37 3 * * *")
@app.task(name="forget_jobs", queueing_lock="forget_jobs", pass_context=True)
async def forget_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Forget jobs that ended well some days ago; failed ones stay to be seen."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEEP_JOBS_H)
