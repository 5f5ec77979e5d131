"""Notices in a real browser: the page asks by a click alone, the worker shows what comes and opens its page.

A push service cannot be reached from here: what the browser's own would answer is answered by the test, with real keys,
and a notice is handed to the worker by the developers' protocol of the browser.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from kindline.notifications import push_wires, pushing
from kindline.notifications.push_models import PushAddress, PushPart
from kindline.standard.profile import Profile
from tests.connectors.push.service import PushServer, Receiver
from tests.desk.looking import check_everywhere, comes_true
from tests.notifications.conftest import push_server

__all__ = ["push_server"]
pytestmark = [pytest.mark.browser, pytest.mark.db(transaction=True)]
Site = Callable[..., Profile]
ANSWERED = """
([endpoint, p256dh, auth]) => {
  let now = null;
  const made = (key) => ({
    endpoint, options: { applicationServerKey: key },
    toJSON: () => ({ endpoint, keys: { p256dh, auth } }),
    unsubscribe: async () => { now = null; return true; },
  });
  window.asked = [];
  PushManager.prototype.getSubscription = async () => now;
  PushManager.prototype.subscribe = async (options) => {
    window.asked.push([...options.applicationServerKey]);
    now = made(options.applicationServerKey.buffer);
    return now;
  };
  Notification.requestPermission = async () => {
    window.requested = (window.requested || 0) + 1;
    return window.permission || "granted";
  };
}
"""
"""What the browser's push service would do."""


@pytest.fixture
def seen(browser: Browser, live_server: LiveServer, site: Site, push_server: PushServer) -> Iterator[BrowserContext]:
    """A browser that may show notices."""
    site("krc")
    context = browser.new_context(base_url=live_server.url, locale="en", viewport={"width": 1440, "height": 900})
    context.grant_permissions(["notifications"], origin=live_server.url)
    yield context
    context.close()


def opened(context: BrowserContext, server: PushServer, keys: Receiver) -> Page:
    """The page of notices; the browser's push service is played."""
    page = context.new_page()
    given = json.dumps([f"{server.url}/to/1", keys.p256dh, keys.auth])
    page.add_init_script(f"({ANSWERED.strip()})({given})")
    page.goto("/notices/")
    return page


@pytest.mark.clause("krc-5.7.1-39")
def test_subscribed_by_a_click_and_left_by_one(seen: BrowserContext, push_server: PushServer) -> None:
    page = opened(seen, push_server, Receiver())
    expect(page.get_by_text("This browser gets no notices from us.")).to_be_visible()
    assert page.evaluate("window.requested") is None, "nothing is asked before the click"
    check_everywhere(page, "push-notices")
    page.get_by_label("Street").fill("Садовая")
    page.get_by_label("House").fill("5")
    page.get_by_role("button", name="Get notices in this browser").click()
    expect(page.get_by_text("Садовая, 5")).to_be_visible()
    expect(page.get_by_text("Done: this browser gets our notices about:")).to_be_visible()
    poster = push_wires.poster()
    assert poster is not None
    assert len(page.evaluate("window.asked[0]")) == 65
    assert PushAddress.objects.get().endpoint == f"{push_server.url}/to/1"
    check_everywhere(page, "push-notices-subscribed")
    page.get_by_role("button", name="No more notices in this browser").click()
    expect(page.get_by_text("Done: no more notices are sent to this browser.")).to_be_visible()
    assert PushAddress.objects.get().reason == "left"
    expect(page.get_by_role("button", name="No more notices in this browser")).to_be_hidden()


def test_a_refused_permission_is_taken_as_it_is(seen: BrowserContext, push_server: PushServer) -> None:
    page = opened(seen, push_server, Receiver())
    page.evaluate("window.permission = 'denied'")
    page.get_by_role("button", name="Get notices in this browser").click()
    expect(page.get_by_text("You have not allowed notices.")).to_be_visible()
    assert not PushAddress.objects.exists()


def test_without_javascript_other_ways_are_offered(browser: Browser, live_server: LiveServer, site: Site) -> None:
    site("krc")
    context = browser.new_context(base_url=live_server.url, locale="en", java_script_enabled=False)
    page = context.new_page()
    page.goto("/notices/")
    expect(page.get_by_text("Push notices need JavaScript")).to_be_visible()
    expect(page.get_by_role("heading", name="By e-mail or SMS")).to_be_visible()
    expect(page.get_by_role("button", name="Get notices in this browser")).to_be_hidden()
    context.close()


@pytest.mark.clause("krc-5.7.1-39")
def test_the_worker_shows_a_notice_and_opens_its_page(
    seen: BrowserContext, push_server: PushServer, live_server: LiveServer
) -> None:
    page = opened(seen, push_server, Receiver())
    page.get_by_role("button", name="Get notices in this browser").click()
    expect(page.get_by_text("Done: this browser gets our notices about:")).to_be_visible()
    now = timezone.now()
    pushing.queue_push(key="a", title="Вода", text="Завтра не будет воды", to=PushAddress.objects.get(), now=now)
    (parcel,) = pushing.claim(limit=1, now=timezone.now())
    protocol, registration = _registered(seen, page)
    told = {"origin": live_server.url, "registrationId": registration, "data": parcel.content.decode()}
    protocol.send("ServiceWorker.deliverPushMessage", told)
    comes_true(page, SHOWN)
    shown = page.evaluate(TOLD)
    part = PushPart.objects.get()
    assert shown == [{"title": "Вода", "body": "Завтра не будет воды", "link": f"/notices/{part.code}/", "tag": "a"}]
    comes_true(page, f"async () => (await fetch('/notices/{part.code}/')).ok")
    _wait_for(page, lambda: PushPart.objects.get().state == "delivered")
    protocol.send("ServiceWorker.deliverPushMessage", told | {"data": "no json"})
    comes_true(page, "async () => (await (await navigator.serviceWorker.ready).getNotifications()).length === 2")


SHOWN = "async () => (await (await navigator.serviceWorker.ready).getNotifications()).length > 0"
TOLD = """async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(
    (one) => ({ title: one.title, body: one.body, link: one.data.link, tag: one.tag }))"""


def _registered(context: BrowserContext, page: Page) -> tuple[Any, str]:
    """The protocol of the browser, and by which id it knows the worker."""
    protocol = context.new_cdp_session(page)
    found: list[str] = []
    protocol.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: found.extend(one["registrationId"] for one in told["registrations"]),
    )
    protocol.send("ServiceWorker.enable")
    _wait_for(page, lambda: bool(found))
    return protocol, found[-1]


def _wait_for(page: Page, holds: Callable[[], bool], turns: int = 200) -> None:
    """Until it holds; the browser goes on meanwhile."""
    for _turn in range(turns):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never came")
