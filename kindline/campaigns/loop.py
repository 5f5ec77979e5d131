"""The loop of campaigns: wakes at every ring of the journal's doorbell, and every second or so by itself."""

from __future__ import annotations

import threading

from django.conf import settings

from kindline.campaigns import calling, following, placing, writing
from kindline.journal import rounds
from kindline.journal.sweeping import of_database
from kindline.standard import loader

POLL_S = 1.5


def run(stop: threading.Event) -> None:
    """Call until `stop` is set; what goes wrong once is said and tried again at the next waking."""
    rounds.make(_work, poll_s=POLL_S, stop=stop)


def work(stop: threading.Event) -> None:
    """Do everything that waits now."""
    rounds.make_one(_work, stop)


def _work(stop: threading.Event) -> None:
    profile = loader.load(settings.KINDLINE["profile"])
    while following.follow(profile=profile, now=of_database()) == following.BATCH and not stop.is_set():
        continue
    calling.sweep(profile=profile, now=of_database())
    writing.sweep(profile=profile, now=of_database())
    writing.write_due(profile=profile, now=of_database())
    placing.place_due(profile=profile, now=of_database())
