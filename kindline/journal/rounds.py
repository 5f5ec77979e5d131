"""The rounds of a part that follows the journal: at every ring of the doorbell, and every few seconds by itself."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import Error, close_old_connections, connection

from kindline.journal import doorbell

log = logging.getLogger(__name__)
REST_S = 0.3
"""News that comes at once is looked at together."""


def make(work: Callable[[threading.Event], None], *, poll_s: float, stop: threading.Event) -> None:
    """Do the work again and again until `stop` is set; what the database fails is tried again at the next waking."""
    for _ in doorbell.listen(poll_s=poll_s, stop=stop):
        if stop.is_set():
            break
        make_one(work, stop)
        stop.wait(REST_S)


def make_one(work: Callable[[threading.Event], None], stop: threading.Event) -> None:
    """One round, on a connection that works; a failure of the database is said, and the connection made anew."""
    try:
        close_old_connections()
        work(stop)
    except Error:
        log.exception("the database failed %s: trying again", work.__module__)
        connection.close()
