"""Jobs of the site: what is used up or old is swept away."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from procrastinate.contrib.django import app

from kindline.journal import sweeping
from kindline.standard import loader


@app.periodic(cron="41 * * * *")
@app.task(name="sweep_site", queueing_lock="sweep_site")
@sweeping.job
def sweep_site(now: dt.datetime) -> None:
    """Forget counts of posts, codes that were used or are over, and old entries."""
    from kindline.site import meetings, pace  # noqa: PLC0415 - loaded once the apps are ready
    from kindline.site.account import sweeping as accounts  # noqa: PLC0415
    from kindline.site.consultations import booking  # noqa: PLC0415
    from kindline.site.subscribing import asking as subscribing  # noqa: PLC0415

    pace.sweep(now=now)
    accounts.sweep(now=now)
    profile = loader.load(settings.KINDLINE["profile"])
    meetings.sweep(profile=profile, now=now)
    booking.sweep(profile=profile, now=now)
    subscribing.forget_unconfirmed(profile=profile, now=now)


@app.periodic(cron="*/15 * * * *")
@app.task(name="look_at_published", queueing_lock="look_at_published")
@sweeping.job
def look_at_published(now: dt.datetime) -> None:
    """See whether what is published is fresh, and tell those who answer for it; see that it is found."""
    from kindline.site import watching  # noqa: PLC0415 - loaded once the apps are ready
    from kindline.site.searching import indexing  # noqa: PLC0415

    watching.sweep(profile=loader.load(settings.KINDLINE["profile"]), now=now)
    indexing.catch_up()


@app.periodic(cron="* * * * *")
@app.task(name="lead_consultations", queueing_lock="lead_consultations")
@sweeping.job
def lead_consultations(now: dt.datetime) -> None:
    """Remind of consultations that begin soon; end sessions by video in time (krc-5.7.1-48, krc-5.7.1-49)."""
    from kindline.site.consultations import booking, conference  # noqa: PLC0415 - loaded once the apps are ready

    profile = loader.load(settings.KINDLINE["profile"])
    booking.remind(profile=profile, now=now)
    conference.sweep(profile=profile, now=now)


@app.periodic(cron="* * * * *")
@app.task(name="tell_subscribers", queueing_lock="tell_subscribers")
@sweeping.job
def tell_subscribers(now: dt.datetime) -> None:
    """Tell those who have subscribed without an account of what is published and of outages (krc-5.7.1-39)."""
    from kindline.site.subscribing import telling  # noqa: PLC0415 - loaded once the apps are ready

    telling.sweep(profile=loader.load(settings.KINDLINE["profile"]), now=now)


@app.periodic(cron="* * * * *")
@app.task(name="publish_in_time", queueing_lock="publish_in_time")
@sweeping.job
def publish_in_time(now: dt.datetime) -> None:
    """Let pages come and go at the hours that their editor has set (krc-5.7.1-01)."""
    from kindline.site import scheduled  # noqa: PLC0415 - loaded once the apps are ready

    scheduled.sweep(now=now)


@app.periodic(cron="* * * * *")
@app.task(name="look_at_services", queueing_lock="look_at_services")
@sweeping.job
def look_at_services(now: dt.datetime) -> None:
    """See whether the services of the site answer, each when its turn has come (krc-5.7-17)."""
    from kindline.site import availability  # noqa: PLC0415 - loaded once the apps are ready

    availability.sweep(profile=loader.load(settings.KINDLINE["profile"]), now=now)
