"""A centre, and the outbox that works with it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from kindline.connectors.sms.smpp import Smpp
from kindline.conversations import texts_loop
from kindline.notifications import actions, sending
from kindline.notifications.models import Sms
from kindline.notifications.switching import Switch
from tests.connectors.sms import smsc
from tests.connectors.sms.smsc import Smsc
from tests.plugins.rude import until


@pytest.fixture
def centre() -> Iterator[Smsc]:
    """A centre of this test's own."""
    with smsc.running() as made:
        yield made


def opened(centre: Smsc, patience_s: float) -> Smpp:
    """Our side of a centre, bound; whoever asks for it closes it."""
    made = Smpp(centre.url, "1551", patience_s=patience_s, pause_ms=50)
    keep = texts_loop.keeper(made)

    def kept(news: Any) -> None:
        try:
            keep(news)
        finally:
            connections.close_all()  # the test's database must let go of this thread

    made.open(kept)
    until(made.is_ready, why="the centre lets us in")
    return made


@pytest.fixture
def gateway(centre: Smsc) -> Iterator[Smpp]:
    """Our side of it, bound."""
    made = opened(centre, patience_s=5)
    yield made
    made.close()


@pytest.fixture
def outbox(gateway: Smpp) -> Iterator[Callable[[], int]]:
    """Rounds of the outbox, as the process makes them."""
    with ThreadPoolExecutor(sending.AT_ONCE) as pool:

        def work() -> int:
            from django.utils import timezone

            count = sending.send_due(gateway=gateway, pool=pool, clock=timezone.now)
            texts_loop.work(Switch([], pool, timezone.now), threading.Event())
            return count

        yield work


def queued(key: str, phone: str = "+79271112233", text: str = "Завтра не будет воды.") -> Sms:
    """A short message that waits."""
    from django.utils import timezone

    return actions.queue_sms(key=key, phone=phone, text=text, country="RU", employee=None, now=timezone.now())
