"""The loop of webhooks: follows the journal, sends what is due; wakes at the doorbell and every few seconds."""

from __future__ import annotations

import logging
import threading

from django.db import Error, close_old_connections, connection
from django.utils import timezone

from kindline.api import webhooks
from kindline.journal import doorbell

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
        while webhooks.follow(now=timezone.now()) == webhooks.BATCH and not stop.is_set():
            continue
        while webhooks.send_due(now=timezone.now()) == webhooks.SENT_AT_ONCE and not stop.is_set():
            continue
    except Error:
        log.exception("the database failed the webhooks: trying again")
        connection.close()
