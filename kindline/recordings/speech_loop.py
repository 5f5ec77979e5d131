"""The loop of transcripts, a process of its own behind all others: one recording at a time, then what it means."""

from __future__ import annotations

import threading

from django.conf import settings
from django.utils import timezone

from kindline.journal import rounds
from kindline.recordings import engines, heard, transcribing
from kindline.standard import loader

POLL_S = 5.0


def run(stop: threading.Event) -> None:
    """Transcribe until `stop` is set; what goes wrong is said and tried again at the next round."""
    while not stop.is_set():
        rounds.make_one(work, stop)
        stop.wait(POLL_S)


def work(stop: threading.Event) -> None:
    """Do everything that waits now; without an engine nothing does."""
    engine = engines.engine()
    if engine is None or engine.lacking():
        return
    profile = loader.load(settings.KINDLINE["profile"])
    more = True
    while more and not stop.is_set():
        heard.judge_waiting(now=timezone.now())
        more = transcribing.transcribe_next(engine=engine, profile=profile, now=timezone.now())
