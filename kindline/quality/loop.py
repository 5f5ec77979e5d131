"""The judging loop: wakes at every ring of the journal's doorbell, and every few seconds by itself."""

from __future__ import annotations

import logging
import threading
import time

from django.db import Error, close_old_connections, connection
from django.utils import timezone

from kindline.appeals import indexing, notices
from kindline.journal import doorbell
from kindline.quality import judging

log = logging.getLogger(__name__)
POLL_S = 2.0
ROUNDS_MAX = 500
REST_S_MAX = 3.0
"""After work the judge rests as long as it worked: it takes half a processor at most, and judges more at once."""


def run(stop: threading.Event) -> None:
    """Judge until `stop` is set; what goes wrong once is said and tried again at the next waking."""
    judging.warm_up()
    for _ in doorbell.listen(poll_s=POLL_S, stop=stop):
        if stop.is_set():
            break
        began = time.perf_counter()
        work(stop)
        stop.wait(min(REST_S_MAX, time.perf_counter() - began))


def work(stop: threading.Event) -> None:
    """Do everything that waits now."""
    try:
        close_old_connections()
        notices.sweep(now=timezone.now())
        indexing.follow()
        _judge_all(stop)
        judging.judge_due(now=timezone.now())
    except Error:
        log.exception("the database failed the judge: trying again")
        connection.close()


def _judge_all(stop: threading.Event) -> None:
    for _ in range(ROUNDS_MAX):
        began = time.perf_counter()
        count = judging.judge_new(now=timezone.now())
        if count:
            log.info("followed %s facts in %.2f s", count, time.perf_counter() - began)
        if count < judging.BATCH or stop.is_set():
            break
