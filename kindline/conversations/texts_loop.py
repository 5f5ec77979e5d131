"""The loop of short messages: sends what is due, takes what comes, makes contacts of it; wakes at the doorbell."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from kindline.conversations import texting
from kindline.journal import rounds, sweeping
from kindline.notifications import receiving, sending, wires
from kindline.notifications.switching import Switch
from kindline.notifications.wires import Gateway, News
from kindline.standard import loader
from kindline.standard.profile import Profile

POLL_S = 2.0


def run(stop: threading.Event) -> None:
    """Work until `stop` is set; what goes wrong once is said and tried again at the next waking."""
    gateways = wires.gateways()
    with ThreadPoolExecutor(sending.AT_ONCE) as pool, ExitStack() as closing:
        for gateway in gateways:
            closing.callback(gateway.close)
            gateway.open(keeper(gateway))
        switch = Switch(gateways, pool, timezone.now)
        rounds.make(lambda told: work(switch, told), poll_s=POLL_S, stop=stop)


def work(switch: Switch, stop: threading.Event) -> None:
    """Do everything that waits now."""
    profile, now = _profile(), sweeping.of_database()
    receiving.join_waiting(now=now)
    receiving.sweep_segments(now=now)
    receiving.sweep_receipts(now=now)
    texting.take_waiting(profile=profile, now=now)
    while not stop.is_set():
        if not switch.send():
            break


def keeper(gateway: Gateway) -> Callable[[News], None]:
    """Keeps what a gateway tells; the gateway calls it in a thread of its own."""
    country = _profile().calendar.country

    def keep(news: News) -> None:
        close_old_connections()
        receiving.take(news=news, gateway=gateway.name, country=country, now=timezone.now())

    return keep


def _profile() -> Profile:
    return loader.load(settings.KINDLINE["profile"])
