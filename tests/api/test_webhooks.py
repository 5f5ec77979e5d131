"""Webhooks: signed, written down first, sent until taken, only where it is allowed."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone

from kindline.api import egress, loop, webhooks
from kindline.api.models import Delivery, DeliveryState, Subscription
from kindline.appeals import notifying
from kindline.journal.models import Cursor
from kindline.journal.queries import facts_of
from kindline.staff import tokens
from kindline.staff.models import Employee, Scope
from tests.api.calling import APPEAL, Program, program, somebody
from tests.appeals.registry import registry

HOOKS = "/api/v1/webhooks"


@dataclass
class Receiver:
    """A real program that is told, and what it answers."""

    origin: str = ""
    status: int = 200
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A listening receiver whose origin is allowed."""
    made = Receiver()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.got.append((self.path, dict(self.headers), body))
            self.send_response(made.status)
            if made.status == 302:
                self.send_header("Location", f"{made.origin}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    made.origin = f"http://127.0.0.1:{server.server_address[1]}"
    settings.WEBHOOK_ORIGINS = [made.origin]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def shared(transactional_db: None) -> Program:
    """A program whose requests are real transactions: the journal is followed only behind commits."""
    Cursor.objects.all().delete()
    return program(somebody("clerk", "specialist"))


def _subscribe(asked: Program, receiver: Receiver, *events: str) -> Any:
    answer = asked.post(HOOKS, {"url": f"{receiver.origin}/hook?a=1", "events": events or ["registered"]})
    assert answer.status_code == 200, answer.content
    return answer.json()


def _work() -> None:
    loop.work(threading.Event())


@pytest.mark.django_db(transaction=True)
class TestDelivery:
    def test_it_is_told_signed_and_without_personal_data(self, shared: Program, receiver: Receiver) -> None:
        secret = _subscribe(shared, receiver)["secret"]
        made = shared.post().json()
        _work()
        _work()
        ((path, headers, body),) = receiver.got
        assert path == "/hook?a=1"
        told = json.loads(body)
        assert (told["event"], told["appeal"]) == (
            "registered", {"id": made["id"], "number": made["number"], "href": made["href"]},
        )  # fmt: skip
        parts = dict(part.split("=", 1) for part in headers["Kindline-Signature"].split(","))
        wanted = hmac.new(secret.encode(), f"{parts['t']}.".encode() + body, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(parts["v1"], wanted)
        assert abs(int(parts["t"]) - timezone.now().timestamp()) < 60
        assert not any(value in body.decode() for value in APPEAL["applicant"].values())  # type: ignore[attr-defined]

    def test_answered_and_closed_are_told(self, shared: Program, receiver: Receiver) -> None:
        _subscribe(shared, receiver, "answered", "closed")
        here = registry("krc")
        here.now = timezone.now()
        appeal = here.at("signed")
        here.perform("mark_sent", appeal, here.people["unit_head"])
        here.perform("close", appeal, here.people["unit_head"])
        _work()
        assert [headers["Kindline-Event"] for _, headers, _ in receiver.got] == ["answered", "closed"]

    @pytest.mark.parametrize("has_contact", [True, False])
    def test_what_ends_by_a_notice_is_answered_too(
        self, shared: Program, receiver: Receiver, *, has_contact: bool
    ) -> None:
        _subscribe(shared, receiver, "answered", "closed")
        here = registry("krc")
        here.now = timezone.now()
        appeal = here.register()
        if not has_contact:
            type(appeal).objects.filter(pk=appeal.pk).update(contact=None, state="sorting")
        here.perform("give_notice", appeal, here.people["unit_head"], end="no_substance")
        notifying.mark_notice_sent(notice=appeal.client_notices.get(), channel="paper", proof="", now=here.now)
        _work()
        assert sorted(headers["Kindline-Event"] for _, headers, _ in receiver.got) == ["answered", "closed"]

    def test_the_forwarding_of_a_letter_is_told(self, shared: Program, receiver: Receiver) -> None:
        _subscribe(shared, receiver, "forwarded")
        here = registry("krc")
        here.now = timezone.now()
        appeal = here.register()
        type(appeal).objects.filter(pk=appeal.pk).update(contact=None)
        here.perform("forward", appeal, here.people["unit_head"])
        here.perform("take", appeal, here.people["unit_head"])
        _work()
        assert [headers["Kindline-Event"] for _, headers, _ in receiver.got] == ["forwarded"]
        assert facts_of("appeal", appeal.pk).filter(kind="executor_took").exists()

    def test_what_is_not_taken_comes_again_later_and_later(self, shared: Program, receiver: Receiver) -> None:
        _subscribe(shared, receiver)
        shared.post()
        receiver.status = 500
        _work()
        waiting = Delivery.objects.get()
        assert (waiting.state, waiting.tries) == (DeliveryState.WAITING, 1)
        assert waiting.reason.startswith("500")
        assert webhooks.send_due(now=timezone.now()) == 0, "not before its time"
        assert webhooks.send_due(now=waiting.next_at) == 1
        later = Delivery.objects.get()
        assert later.next_at - waiting.next_at == webhooks.pause(2)
        receiver.status = 204
        assert webhooks.send_due(now=later.next_at) == 1
        assert Delivery.objects.get().state == DeliveryState.DELIVERED
        assert len(receiver.got) == 3

    def test_it_is_given_up_in_the_end(self, shared: Program, receiver: Receiver) -> None:
        _subscribe(shared, receiver)
        shared.post()
        receiver.status = 500
        webhooks.follow(now=timezone.now())
        Delivery.objects.update(tries=webhooks.TRIES_MAX - 1)
        _work()
        assert Delivery.objects.get().state == DeliveryState.FAILED
        assert shared.get(HOOKS).json()[0]["failed"] == 1

    def test_no_redirect_is_followed(self, shared: Program, receiver: Receiver) -> None:
        _subscribe(shared, receiver)
        shared.post()
        receiver.status = 302
        _work()
        assert [path for path, _, _ in receiver.got] == ["/hook?a=1"]
        assert Delivery.objects.get().reason.startswith("302")

    def test_a_crash_between_sending_and_noting_sends_again_not_never(
        self, shared: Program, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _subscribe(shared, receiver)
        shared.post()
        webhooks.follow(now=timezone.now())

        def crash(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(Delivery, "save", crash)
        with pytest.raises(KeyboardInterrupt):
            webhooks.send_due(now=timezone.now())
        monkeypatch.undo()
        assert webhooks.send_due(now=timezone.now()) == 0, "leased"
        assert webhooks.send_due(now=timezone.now() + webhooks.LEASE) == 1
        assert len(receiver.got) == 2
        assert receiver.got[0][2] == receiver.got[1][2]

    def test_a_token_that_registers_hears_only_of_its_own(self, shared: Program, receiver: Receiver) -> None:
        own = program(shared.token.employee, Scope.CREATE, Scope.WEBHOOKS)
        _subscribe(own, receiver)
        shared.post()
        made = own.post().json()
        _work()
        assert [json.loads(body)["appeal"]["id"] for _, _, body in receiver.got] == [made["id"]]

    def test_a_revoked_token_hears_nothing(self, shared: Program, receiver: Receiver) -> None:
        _subscribe(shared, receiver)
        shared.post()
        tokens.revoke_token(token=shared.token, by=None, now=timezone.now())
        _work()
        assert receiver.got == []

    def test_nothing_before_the_subscription_and_nothing_after_its_end(
        self, shared: Program, receiver: Receiver
    ) -> None:
        shared.post()
        made = _subscribe(shared, receiver)
        headers = {"Authorization": f"Bearer {shared.text}"}
        _work()
        assert shared.browser.delete(f"{HOOKS}/{made['id']}", headers=headers).status_code == 204
        shared.post()
        _work()
        assert receiver.got == []


@pytest.mark.db
class TestSubscribing:
    def test_again_with_the_same_address_is_the_same(self, site: Program) -> None:
        first = site.post(HOOKS, {"url": "https://city.example/a", "events": ["closed"]}).json()
        again = site.post(HOOKS, {"url": "https://city.example/a", "events": ["answered"]}).json()
        assert (first["id"], first["secret"]) == (again["id"], again["secret"])
        assert site.get(HOOKS).json()[0]["events"] == ["answered"]
        other = site.post(HOOKS, {"url": "https://city.example/b", "events": ["closed"]}).json()
        assert other["secret"] != first["secret"]
        assert not Subscription.objects.filter(salt__contains=first["secret"]).exists()

    @pytest.mark.parametrize(
        "url",
        ["http://city.example/", "https://city.example:8443/", "https://city.example.evil.org/", "http://127.0.0.1/",
         "https://city.example@evil.org/", "https://evil.org\\@city.example/", "file:///etc/passwd", "https://[::1]/",
         "https://169.254.169.254/latest", "https://city.example/#@evil.org", "https://city.example:x/", "https:///x",
         "https://user:pass@city.example/"],
    )  # fmt: skip
    def test_nobody_else_is_called(self, site: Program, url: str) -> None:
        """ASVS 1.3.6: protocol, host and port are on the list, or nothing goes out."""
        answer = site.post(HOOKS, {"url": url, "events": ["closed"]})
        assert answer.status_code == 422, answer.content
        with pytest.raises(egress.NotAllowedError):
            egress.post(url, b"", {})

    def test_an_origin_taken_off_the_list_is_called_no_more(
        self, site: Program, clerk: Employee, settings: Any
    ) -> None:
        site.post(HOOKS, {"url": "https://city.example/a", "events": ["closed"]})
        settings.WEBHOOK_ORIGINS = []
        with pytest.raises(egress.NotAllowedError):
            egress.post("https://city.example/a", b"", {})


def test_pauses_grow_to_six_hours_and_two_days_in_all() -> None:
    pauses = [webhooks.pause(tries) for tries in range(1, webhooks.TRIES_MAX)]
    assert pauses == sorted(pauses)
    assert pauses[0] == dt.timedelta(seconds=10)
    assert pauses[-1] == dt.timedelta(hours=6)
    assert dt.timedelta(days=1) < sum(pauses, dt.timedelta()) < dt.timedelta(days=3)
