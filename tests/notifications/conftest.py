"""A push service of the tests' own, and browsers that have agreed to notices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from kindline.clients.models import Client
from kindline.notifications import browsers, push_sending, push_wires
from kindline.notifications.browsers import Offered, Place
from kindline.notifications.push_models import PushAddress
from tests.connectors.push.service import PushServer, Receiver, serving

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
Subscribed = Callable[..., PushAddress]


@pytest.fixture
def push_server(settings: Any, tmp_path: Path) -> Iterator[PushServer]:
    """Notices go to a push service of our own, under a key of our own."""
    with serving() as server:
        poster = {"class": "kindline.connectors.push.webpush.WebPush", "origins": [server.url]}
        settings.PUSH = {"poster": poster, "origins": [server.url]}
        settings.KEYS = str(tmp_path / "keys")
        yield server


@pytest.fixture
def subscribed(push_server: PushServer, db: None) -> Subscribed:
    """A browser of a client, or of nobody in particular, under a path of the push service."""

    def made(receiver: Receiver, path: str, *clients: Client, place: Place | None = None) -> PushAddress:
        offered = Offered(f"{push_server.url}{path}", receiver.p256dh, receiver.auth, "ru", "Firefox, Linux")
        return browsers.subscribe(offered=offered, clients=clients, place=place, now=NOW)

    return made


def send(now: dt.datetime = NOW) -> int:
    """The worker hands over what is due."""
    poster = push_wires.poster()
    assert poster is not None
    with ThreadPoolExecutor(2) as pool:
        return push_sending.send_due(poster=poster, pool=pool, clock=lambda: now)
