"""Kannel over HTTP: asked once, what it says is believed, what it tells is taken only with the secret."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.connectors.sms.kannel import Kannel
from kindline.notifications import actions
from kindline.notifications.errors import RefusedError, UnknownOutcomeError, UnreachableError
from kindline.notifications.models import IncomingSms, Sms
from kindline.notifications.wires import Piece

PIECE = Piece(7, "+79271112233", "Завтра не будет воды.", "ucs2")


class Sendsms:
    """A server that answers as it is told, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, list[str]]] = []
        self.status = 202
        box = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                box.asked.append(parse_qs(urlsplit(self.path).query))
                if box.status == 0:
                    self.connection.close()
                    return
                self.send_response(box.status)
                self.end_headers()
                self.wfile.write(b"0: Accepted for delivery")

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://kindline:s%40cret@127.0.0.1:{self.server.server_port}/cgi-bin/sendsms"


@pytest.fixture
def box() -> Iterator[Sendsms]:
    """Kannel's place."""
    made = Sendsms()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join(10)


def test_a_message_is_asked_for_with_its_receipts(box: Sendsms) -> None:
    gateway = Kannel(box.url, "1551", "https://desk.example.org/sms/", "k y")
    assert gateway.submit(PIECE) == "7"
    asked = {name: values[0] for name, values in box.asked[0].items()}
    assert (asked["username"], asked["password"], asked["from"]) == ("kindline", "s@cret", "1551")
    assert (asked["to"], asked["text"], asked["coding"]) == (PIECE.phone, PIECE.text, "2")
    assert asked["dlr-url"] == "https://desk.example.org/sms/receipt?key=k+y&piece=7&state=%d&said=%A"


@pytest.mark.parametrize(
    ("status", "error"),
    [(403, RefusedError), (400, RefusedError), (503, UnreachableError), (429, UnreachableError),
     (0, UnknownOutcomeError)],
)  # fmt: skip
def test_what_kannel_says_is_believed(box: Sendsms, status: int, error: type[Exception]) -> None:
    box.status = status
    with pytest.raises(error):
        Kannel(box.url, "1551").submit(PIECE)
    assert len(box.asked) == 1


def test_where_nobody_listens_nothing_was_sent(box: Sendsms) -> None:
    gateway = Kannel("http://127.0.0.1:1/cgi-bin/sendsms", "1551")
    with pytest.raises(UnreachableError):
        gateway.submit(PIECE)


@pytest.mark.db
def test_receipts_and_texts_are_taken_only_with_the_secret(client: Browser, settings: Any) -> None:
    settings.KINDLINE = {**settings.KINDLINE, "profile": "krc"}
    settings.SMS = {"gateway": {}, "callback_key": "secret"}
    now = timezone.now()
    row = actions.queue_sms(key="k", phone=PIECE.phone, text="Вода", country="RU", employee=None, now=now)
    piece = actions.claim(gateway="kannel", takes_whole=True, limit=5, now=now)[0]
    actions.mark_unknown(key=piece.key, reason="the line was cut", now=now)
    told = {"key": "secret", "piece": str(piece.key), "state": "1"}
    assert client.get("/sms/receipt", {**told, "key": "guess"}).status_code == 403
    assert client.get("/sms/receipt", {**told, "piece": "x"}).status_code == 400
    assert Sms.objects.get(pk=row.pk).state == "unknown"
    assert client.get("/sms/receipt", told).status_code == 200
    assert Sms.objects.get(pk=row.pk).state == "delivered", "what nobody knew is known now"
    text = {"key": "secret", "from": "+79271112233", "to": "1551", "text": "Спасибо"}
    assert client.get("/sms/came", {**text, "key": ""}).status_code == 403
    assert client.get("/sms/came", text).status_code == 200
    assert IncomingSms.objects.get().text == "Спасибо"
    settings.SMS = {"gateway": {}}
    assert client.get("/sms/came", {**text, "key": ""}).status_code == 403, "without a secret nothing is taken"
