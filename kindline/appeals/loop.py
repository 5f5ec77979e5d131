"""The loop of letters and appeals: wakes at the journal's doorbell and every few seconds by itself."""

from __future__ import annotations

import logging
import threading

from django.conf import settings
from django.db import Error, close_old_connections, connection
from django.utils import timezone

from kindline.appeals import following
from kindline.journal import doorbell
from kindline.standard import loader

log = logging.getLogger(__name__)
POLL_S = 3.0
REST_S = 0.3
"""News that comes at once is looked at together."""


def run(stop: threading.Event) -> None:
    """Work until `stop` is set; what goes wrong once is said and tried again at the next waking."""
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
        following.retry(profile=profile, now=timezone.now())
    except Error:
        log.exception("the database failed letters and appeals: trying again")
        connection.close()
