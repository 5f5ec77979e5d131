"""Jobs of the site: what is used up or old is swept away."""

from __future__ import annotations

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone
from procrastinate.contrib.django import app

from kindline.standard import loader


@app.periodic(cron="41 * * * *")
@app.task(name="sweep_site", queueing_lock="sweep_site")
def sweep_site(timestamp: int) -> None:  # noqa: ARG001 - the moment for which it was planned: a sweep goes by now
    """Forget counts of posts, codes that were used or are over, and old entries."""
    from kindline.site import meetings, pace  # noqa: PLC0415 - loaded once the apps are ready
    from kindline.site.account import sweeping  # noqa: PLC0415
    from kindline.site.consultations import booking  # noqa: PLC0415
    from kindline.site.subscribing import asking as subscribing  # noqa: PLC0415

    close_old_connections()
    try:
        pace.sweep(now=timezone.now())
        sweeping.sweep(now=timezone.now())
        profile = loader.load(settings.KINDLINE["profile"])
        meetings.sweep(profile=profile, now=timezone.now())
        booking.sweep(profile=profile, now=timezone.now())
        subscribing.forget_unconfirmed(profile=profile, now=timezone.now())
    finally:
        close_old_connections()


@app.periodic(cron="*/15 * * * *")
@app.task(name="look_at_published", queueing_lock="look_at_published")
def look_at_published(timestamp: int) -> None:  # noqa: ARG001 - a sweep goes by now
    """See whether what is published is fresh, and tell those who answer for it; see that it is found."""
    from kindline.site import watching  # noqa: PLC0415 - loaded once the apps are ready
    from kindline.site.searching import indexing  # noqa: PLC0415

    close_old_connections()
    try:
        watching.sweep(profile=loader.load(settings.KINDLINE["profile"]), now=timezone.now())
        indexing.catch_up()
    finally:
        close_old_connections()


@app.periodic(cron="* * * * *")
@app.task(name="lead_consultations", queueing_lock="lead_consultations")
def lead_consultations(timestamp: int) -> None:  # noqa: ARG001 - a sweep goes by now
    """Remind of consultations that begin soon; end sessions by video in time (krc-5.7.1-48, krc-5.7.1-49)."""
    from kindline.site.consultations import booking, conference  # noqa: PLC0415 - loaded once the apps are ready

    close_old_connections()
    try:
        profile = loader.load(settings.KINDLINE["profile"])
        booking.remind(profile=profile, now=timezone.now())
        conference.sweep(profile=profile, now=timezone.now())
    finally:
        close_old_connections()


@app.periodic(cron="* * * * *")
@app.task(name="tell_subscribers", queueing_lock="tell_subscribers")
def tell_subscribers(timestamp: int) -> None:  # noqa: ARG001 - a sweep goes by now
    """Tell those who have subscribed without an account of what is published and of outages (krc-5.7.1-39)."""
    from kindline.site.subscribing import telling  # noqa: PLC0415 - loaded once the apps are ready

    close_old_connections()
    try:
        telling.sweep(profile=loader.load(settings.KINDLINE["profile"]), now=timezone.now())
    finally:
        close_old_connections()


@app.periodic(cron="* * * * *")
@app.task(name="look_at_services", queueing_lock="look_at_services")
def look_at_services(timestamp: int) -> None:  # noqa: ARG001 - a sweep goes by now
    """See whether the services of the site answer, each when its turn has come (krc-5.7-17)."""
    from kindline.site import availability  # noqa: PLC0415 - loaded once the apps are ready

    close_old_connections()
    try:
        availability.sweep(profile=loader.load(settings.KINDLINE["profile"]), now=timezone.now())
    finally:
        close_old_connections()
