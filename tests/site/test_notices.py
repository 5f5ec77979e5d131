"""Notices in browsers on the site: subscribed by a click, left by one, and the worker that shows them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.clients.models import Account, Client
from kindline.notifications import browsers, pushing
from kindline.notifications.push_models import PushAddress, PushPart
from kindline.site import pace
from kindline.site.account import own
from kindline.standard.profile import Profile
from tests.connectors.push.service import PushServer, Receiver
from tests.notifications.conftest import push_server
from tests.site.account.conftest import account
from tests.site.account.test_account import entered

__all__ = ["account", "push_server"]
pytestmark = pytest.mark.db
clause = pytest.mark.clause
Site = Callable[..., Profile]
SAYS, DATA = "/notices/browser/", "/account/data/"


@pytest.fixture
def client(site: Site, visitor: Browser, account: Account, push_server: PushServer) -> Browser:
    """Somebody who is in his account."""
    site("krc")
    return entered(visitor)


@pytest.fixture
def stranger(site: Site, push_server: PushServer) -> Browser:
    """Somebody without an account."""
    site("krc")
    return Browser(headers={"accept-language": "en", "user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"})


def says(browser: Browser, server: PushServer, verb: str, **more: str) -> Any:
    """What the page of a browser tells us."""
    given = {"verb": verb, "endpoint": f"{server.url}/to/1", "p256dh": KEYS.p256dh, "auth": KEYS.auth, **more}
    return browser.post(SAYS, given)


KEYS = Receiver()


@clause("krc-5.7.1-39")
def test_without_an_account_a_street_or_house_is_subscribed_to_and_left(
    stranger: Browser, push_server: PushServer
) -> None:
    assert says(stranger, push_server, "state").json() == {"wanted": []}
    told = says(stranger, push_server, "subscribe", street="ул. Садовая", house="5").json()
    assert told == {"wanted": ["ул. Садовая, 5"]}
    assert says(stranger, push_server, "subscribe").json() == {"wanted": ["ул. Садовая, 5", "all streets"]}
    kept = PushAddress.objects.get()
    assert (kept.language, kept.browser) == ("en", "Firefox, Linux")
    assert says(stranger, push_server, "state").json()["wanted"] == ["ул. Садовая, 5", "all streets"]
    assert says(stranger, push_server, "leave").json() == {"wanted": []}
    kept.refresh_from_db()
    assert (kept.endpoint, kept.reason, kept.subscriptions.count()) == ("", "left", 0)


@clause("krc-5.7.1-39")
def test_the_client_subscribes_his_accounts_and_leaves_from_the_account(
    client: Browser, account: Account, push_server: PushServer
) -> None:
    page = client.get("/notices/").content.decode()
    assert "Ёлкин" in page
    assert says(client, push_server, "subscribe", whose="account").json() == {"wanted": ["the accounts of Ёлкин Пётр"]}
    assert Client.objects.get().notices == ["push"]
    client.post(DATA, {"verb": "ways", "client": account.client_id, "notices": ["sms"], "way_1": "push"})
    assert (Client.objects.get().notices, Client.objects.get().ways) == (["push", "sms"], ["push"])
    page = client.get(DATA).content.decode()
    assert '<option value="push" selected>' in page
    assert "No more notices there" in page
    key = PushAddress.objects.get().pk
    for wrong in ("", "x", "9" * 30, str(key + 1)):
        client.post(f"{DATA}browser/", {"browser": wrong})
    assert PushAddress.objects.get().ended_at is None
    assert client.post(f"{DATA}browser/", {"browser": key}).headers["Location"] == DATA
    assert PushAddress.objects.get().reason == "left"
    assert Client.objects.get().notices == ["sms"]
    assert "None of your browsers is subscribed." in client.get(DATA).content.decode()


def test_nobody_leaves_for_another(
    client: Browser, stranger: Browser, account: Account, push_server: PushServer
) -> None:
    says(stranger, push_server, "subscribe")
    key = PushAddress.objects.get().pk
    client.post(f"{DATA}browser/", {"browser": key})
    assert PushAddress.objects.get().ended_at is None
    assert stranger.post(f"{DATA}browser/", {"browser": key}).status_code in (302, 401)
    assert PushAddress.objects.get().ended_at is None


def test_a_dropped_browser_is_told_of_in_the_account(client: Browser, push_server: PushServer) -> None:
    says(client, push_server, "subscribe", whose="account")
    browsers.drop(address=PushAddress.objects.get(), now=timezone.now())
    page = client.get(DATA).content.decode()
    assert "takes no more notices, so we have stopped:" in page
    assert "No more notices there" not in page


@clause("krc-5.7.1-39")
def test_the_page_of_a_notice_leaves_by_one_press_and_not_by_opening(
    stranger: Browser, push_server: PushServer
) -> None:
    says(stranger, push_server, "subscribe")
    now = timezone.now()
    pushing.queue_push(key="a", title="Вода", text="Завтра <не> будет", to=PushAddress.objects.get(), now=now)
    page = f"/notices/{PushPart.objects.get().code}/"
    shown = stranger.get(page).content.decode()
    assert "Вода" in shown
    assert "Завтра &lt;не&gt; будет" in shown
    assert PushAddress.objects.get().ended_at is None
    assert stranger.post(page).headers["Location"] == page
    assert PushAddress.objects.get().reason == "left"
    left = stranger.get(page).content.decode()
    assert "No more notices are sent to that browser." in left
    assert not re.search(r'<form method="post"[^>]* class="after">', left)
    assert stranger.get("/notices/00000000-0000-0000-0000-000000000000/").status_code == 404


def test_the_worker_says_that_a_notice_was_shown(stranger: Browser, push_server: PushServer) -> None:
    says(stranger, push_server, "subscribe")
    now = timezone.now()
    pushing.queue_push(key="a", title="Вода", text="Нет", to=PushAddress.objects.get(), now=now)
    path, strict = f"/notices/{PushPart.objects.get().code}/shown/", Browser(enforce_csrf_checks=True)
    assert strict.get(path).status_code == 405
    assert strict.post(path).status_code == 204
    assert PushPart.objects.get().state == "delivered"
    assert strict.post("/notices/00000000-0000-0000-0000-000000000000/shown/").status_code == 404
    assert strict.post(SAYS, {"verb": "leave"}).status_code == 403, "all else needs our own page"


def test_the_worker_comes_from_the_root_and_may_be_kept(stranger: Browser) -> None:
    answer = stranger.get("/notices-worker.js")
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert b'addEventListener("push"' in answer.content
    again = stranger.get("/notices-worker.js", headers={"if-none-match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("verb", ["subscribe", "state", "leave", "other", ""])
def test_what_is_wrong_is_refused(stranger: Browser, push_server: PushServer, settings: Any, verb: str) -> None:
    wrong = stranger.post(SAYS, {"verb": verb, "endpoint": "http://10.0.0.1/", "p256dh": "x", "auth": "\x00"})
    assert wrong.status_code == {"subscribe": 422, "state": 200, "leave": 200}.get(verb, 404)
    settings.PUSH = {"poster": {}, "origins": []}
    assert says(stranger, push_server, verb).status_code == 404
    page = stranger.get("/notices/").content.decode()
    assert 'id="push-form"' not in page
    assert "push.js" not in page
    assert not PushAddress.objects.exists()


def test_too_many_are_refused(stranger: Browser, push_server: PushServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "UNPROVEN_AN_HOUR", 1)
    assert says(stranger, push_server, "subscribe").status_code == 200
    assert says(stranger, push_server, "subscribe", street="a").status_code == 429
    monkeypatch.setattr(pace, "STOP_AN_HOUR", 1)
    assert says(stranger, push_server, "subscribe", street="a").status_code == 429
    assert says(stranger, push_server, "leave").status_code == 200, "leaving is never refused"
    assert PushAddress.objects.get().reason == "left"


def test_the_form_of_ways_keeps_the_subscription_by_push() -> None:
    assert own.kept_push(Client(notices=["email", "push"])) == ["push"]
    assert own.kept_push(Client(notices=["email"])) == []
