"""The loop of campaigns: wakes at every ring of the journal's doorbell, and every second or so by itself."""

from __future__ import annotations

import logging
import threading

from django.conf import settings
from django.db import Error, close_old_connections, connection
from django.utils import timezone

from kindline.campaigns import calling, following, placing
from kindline.journal import doorbell
from kindline.standard import loader

log = logging.getLogger(__name__)
POLL_S = 1.5
REST_S = 0.3
"""News that comes at once is looked at together."""


def run(stop: threading.Event) -> None:
    """Call until `stop` is set; what goes wrong once is said and tried again at the next waking."""
    for _ in doorbell.listen(poll_s=POLL_S, stop=stop):
        if stop.is_set():
            break
        work(stop)
        stop.wait(REST_S)


def work(stop: threading.Event) -> None:
    """Do everything that waits now."""
    try:
        close_old_connections()
        profile = loader.load(settings.KINDLINE["profile"])
        while following.follow(profile=profile, now=timezone.now()) == following.BATCH and not stop.is_set():
            continue
        calling.sweep(profile=profile, now=timezone.now())
        placing.place_due(profile=profile, now=timezone.now())
    except Error:
        log.exception("the database failed the campaigns: trying again")
        connection.close()
