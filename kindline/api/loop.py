"""The loop of webhooks: follows the journal, sends what is due; wakes at the doorbell and every few seconds."""

from __future__ import annotations

import threading

from django.utils import timezone

from kindline.api import webhooks
from kindline.journal import rounds

POLL_S = 3.0


def run(stop: threading.Event) -> None:
    """Work until `stop` is set; what goes wrong once is said and tried again at the next waking."""
    rounds.make(_work, poll_s=POLL_S, stop=stop)


def work(stop: threading.Event) -> None:
    """Do everything that waits now."""
    rounds.make_one(_work, stop)


def _work(stop: threading.Event) -> None:
    while webhooks.follow(now=timezone.now()) == webhooks.BATCH and not stop.is_set():
        continue
    while webhooks.send_due(now=timezone.now()) == webhooks.SENT_AT_ONCE and not stop.is_set():
        continue
