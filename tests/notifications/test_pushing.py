"""Notices in browsers against a real push service: taken, put off, dropped, shown, left."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from kindline.clients.models import Client
from kindline.journal.models import Fact
from kindline.notifications import browsers, pushing, receiving, states, tasks
from kindline.notifications.browsers import Offered, Place
from kindline.notifications.errors import BadBrowserError, EmptyError, NobodyThereError
from kindline.notifications.push_models import Push, PushAddress, PushPart, PushSubscription
from tests.connectors.push.service import PushServer, Receiver, packed
from tests.notifications.conftest import NOW, Subscribed, send
from tests.races import Other

pytestmark = pytest.mark.db(transaction=True)
clause = pytest.mark.clause
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def client(db: None) -> Client:
    """Somebody with an account."""
    return Client.objects.create(surname="Ёлкин", created_at=NOW, changed_at=NOW)


def queued(to: Client | PushAddress, key: str = "a", **more: Any) -> Push:
    """A notice in the queue."""
    said = {"title": "Вода", "text": "Завтра не будет воды.", "now": NOW, **more}
    return pushing.queue_push(key=key, to=to, **said)


def kinds(push: Push) -> list[str]:
    """What the journal says of a notice."""
    rows = Fact.objects.filter(subject_type="push", subject_id=push.pk).order_by("id")
    return list(rows.values_list("kind", flat=True))


@clause("krc-5.7.1-39")
def test_a_notice_comes_to_all_browsers_of_a_client(
    push_server: PushServer, subscribed: Subscribed, client: Client
) -> None:
    first, second = Receiver(), Receiver()
    subscribed(first, "/1", client)
    subscribed(second, "/2", client)
    push = queued(client, expires_at=NOW + HOUR)
    assert queued(client).pk == push.pk, "the same key is the same notice"
    assert [send(), send()] == [2, 0]
    came = {one.path: one for one in push_server.came}
    code = PushPart.objects.get(address__endpoint__endswith="/1").code
    assert Receiver.opened(first, came["/1"].body).decode() == (
        '{"title":"Вода","body":"Завтра не будет воды.","lang":"ru","tag":"a",'
        f'"link":"/notices/{code}/","shown":"/notices/{code}/shown/"}}'
    )
    assert came["/2"].headers["TTL"] == "3600"
    assert came["/1"].headers["Topic"] == came["/2"].headers["Topic"]
    push.refresh_from_db()
    assert push.state == states.SUBMITTED
    assert pushing.note_shown(code=str(code), now=NOW)
    assert pushing.note_shown(code=str(code), now=NOW)
    push.refresh_from_db()
    assert push.state == states.DELIVERED
    assert kinds(push) == ["push_queued", "push_sending", "push_sending", "push_submitted", "push_shown"]


@clause("krc-5.7.1-39")
@pytest.mark.parametrize("status", [404, 410])
def test_a_dead_browser_is_dropped_and_that_is_said(
    push_server: PushServer, subscribed: Subscribed, client: Client, status: int
) -> None:
    address = subscribed(Receiver(), "/dead", client)
    push_server.answer("/dead", (status, {}))
    push = queued(client)
    send()
    push.refresh_from_db()
    address.refresh_from_db()
    assert (push.state, push.reason[:3]) == (states.FAILED, str(status))
    assert (address.endpoint, address.auth, address.reason) == ("", "", "gone")
    assert Fact.objects.filter(kind="push_dropped", subject_id=address.pk).count() == 1
    assert list(browsers.shown_to(client, NOW)) == [address], "the account says so"
    assert list(browsers.shown_to(client, NOW + dt.timedelta(days=91))) == []
    assert Client.objects.get().notices == [], "his last browser is gone"
    with pytest.raises(NobodyThereError):
        queued(client, "b")


def test_one_dead_browser_of_two_is_no_failure(push_server: PushServer, subscribed: Subscribed, client: Client) -> None:
    subscribed(Receiver(), "/dead", client)
    subscribed(Receiver(), "/alive", client)
    push_server.answer("/dead", (410, {}))
    push = queued(client)
    send()
    push.refresh_from_db()
    assert push.state == states.SUBMITTED
    assert Client.objects.get().notices == ["push"]
    assert "push_failed" not in kinds(push)


def test_a_busy_service_is_asked_again_when_it_wants(
    push_server: PushServer, subscribed: Subscribed, client: Client
) -> None:
    subscribed(Receiver(), "/1", client)
    push_server.answer("/1", (429, {"Retry-After": "600"}), (503, {}), (201, {}))
    push = queued(client)
    assert send() == 1
    assert send(NOW + dt.timedelta(seconds=599)) == 0
    second = NOW + dt.timedelta(seconds=600)
    assert send(second) == 1
    assert [send(second + dt.timedelta(seconds=59)), send(second + dt.timedelta(seconds=60))] == [0, 1]
    push.refresh_from_db()
    assert push.state == states.SUBMITTED
    ttl = [int(one.headers["TTL"]) for one in push_server.came]
    assert ttl == [86400, 85800, 85740], "kept by the service no longer than it matters"


def test_what_waited_too_long_is_given_up(push_server: PushServer, subscribed: Subscribed, client: Client) -> None:
    subscribed(Receiver(), "/1", client)
    push_server.answer("/1", (429, {"Retry-After": "999999999"}))
    push = queued(client, expires_at=NOW + HOUR)
    assert send() == 1
    assert send(NOW + HOUR) == 0
    push.refresh_from_db()
    assert (push.state, push.submitted_at) == (states.EXPIRED, None)
    assert len(push_server.came) == 1


def test_what_is_refused_for_good_is_not_tried_again(
    push_server: PushServer, subscribed: Subscribed, client: Client
) -> None:
    address = subscribed(Receiver(), "/1", client)
    push_server.answer("/1", (400, {}))
    push = queued(client)
    assert [send(), send(NOW + HOUR)] == [1, 0]
    push.refresh_from_db()
    assert push.state == states.FAILED
    address.refresh_from_db()
    assert address.ended_at is None


def test_a_process_that_died_meanwhile_loses_nothing(
    push_server: PushServer, subscribed: Subscribed, client: Client
) -> None:
    subscribed(Receiver(), "/1", client)
    push = queued(client)
    assert len(pushing.claim(limit=10, now=NOW)) == 1
    assert send() == 0, "it is under way"
    later = NOW + dt.timedelta(minutes=6)
    assert send(later) == 0
    assert send(later + dt.timedelta(minutes=1)) == 1
    push.refresh_from_db()
    assert push.state == states.SUBMITTED


def test_a_stopped_matter_is_not_sent(push_server: PushServer, subscribed: Subscribed, client: Client) -> None:
    subscribed(Receiver(), "/1", client)
    push = queued(client, about="campaign:1")
    assert pushing.waiting("campaign:1").count() == 1
    assert [pushing.call_off(about="campaign:1", now=NOW), send()] == [1, 0]
    push.refresh_from_db()
    assert push.state == states.EXPIRED
    assert push_server.came == []


@clause("krc-5.7.1-39")
def test_the_same_browser_again_is_the_same_and_leaving_keeps_nothing(
    push_server: PushServer, subscribed: Subscribed, client: Client
) -> None:
    first, second = Receiver(), Receiver()
    address = subscribed(first, "/1", client)
    assert subscribed(second, "/1", client, place=Place(" ул.  Садовая ", "5")) == address
    assert [str(one) for one in browsers.places(address)] == [f"{client.pk}", "ул. Садовая 5"]
    push = queued(client)
    browsers.leave(address=address, now=NOW)
    browsers.leave(address=address, now=NOW)
    assert send() == 0, "what waited for it is not sent"
    push.refresh_from_db()
    assert (push.state, push.reason) == (states.FAILED, "left")
    assert not PushSubscription.objects.exists()
    assert Client.objects.get().notices == []
    assert Fact.objects.filter(kind="push_left").count() == 1
    again = subscribed(second, "/1", client)
    assert again != address
    assert queued(client, "b").parts.get().address == again
    assert push_server.came == []


def test_by_place(subscribed: Subscribed) -> None:
    everywhere = subscribed(Receiver(), "/0", place=Place())
    street = subscribed(Receiver(), "/1", place=Place("ул. Садовая"))
    house = subscribed(Receiver(), "/2", place=Place("ул. Садовая", "5А"))
    other = subscribed(Receiver(), "/3", place=Place("пр. Мира", "1"))
    assert list(browsers.at_place("садовая", "")) == [everywhere, street, house]
    assert list(browsers.at_place("садовая", "5а")) == [everywhere, street, house]
    assert list(browsers.at_place("садовая", "7")) == [everywhere, street]
    assert list(browsers.at_place("", "")) == [everywhere, street, house, other]
    street.subscriptions.update(topics=["news"])
    everywhere.subscriptions.update(topics=["outages", "news"])
    assert list(browsers.at_place("садовая", "", ["outages"])) == [everywhere, house], "who chose other topics is not"
    assert list(browsers.at_place("", "", ["outages"])) == [everywhere, street, house, other]


@pytest.mark.parametrize(
    "endpoint",
    ["", "http://push.example/1", "https://push.example:444/1", "https://me:pw@push.example/1", "ftp://a", "//a/b",
     "https://push.example/" + "x" * 2000],
)  # fmt: skip
def test_what_is_no_push_service_is_refused(endpoint: str, push_server: PushServer, db: None) -> None:
    given = Receiver()
    with pytest.raises(BadBrowserError):
        browsers.subscribe(offered=Offered(endpoint, given.p256dh, given.auth, "ru"), place=Place(), now=NOW)
    for p256dh, auth in (("", given.auth), (given.p256dh, ""), ("!", given.auth), (packed(b"x"), given.auth)):
        with pytest.raises(BadBrowserError):
            browsers.subscribe(offered=Offered(f"{push_server.url}/1", p256dh, auth, "ru"), place=Place(), now=NOW)
    assert not PushAddress.objects.exists()


def test_long_words_are_cut_for_the_browser_and_whole_on_the_page(
    push_server: PushServer, subscribed: Subscribed, client: Client
) -> None:
    receiver = Receiver()
    subscribed(receiver, "/1", client)
    push = queued(client, title="Ж" * 500, text="Ш" * 5000)
    send()
    (told,) = push_server.told(receiver)
    assert (len(told["title"]), len(told["body"])) == (120, 700)
    assert push.text == "Ш" * 5000
    with pytest.raises(EmptyError):
        queued(client, "b", text=" ")


def test_who_is_erased_is_written_to_no_more(push_server: PushServer, subscribed: Subscribed, client: Client) -> None:
    shared = subscribed(Receiver(), "/shared", client, place=Place("ул. Садовая"))
    subscribed(Receiver(), "/own", client)
    queued(client)
    assert receiving.forget(clients=[client.pk], phones_of=[]) == 1
    row = Push.objects.get()
    assert (row.title, row.text, row.client, row.state) == ("", "", None, states.EXPIRED)
    assert send() == 0
    assert list(PushAddress.objects.filter(ended_at=None)) == [shared]
    assert not PushAddress.objects.exclude(ended_at=None).exclude(endpoint="").exists()
    assert push_server.came == []


def test_the_worker_sends_what_waits(push_server: PushServer, subscribed: Subscribed, client: Client) -> None:
    subscribed(Receiver(), "/1", client)
    queued(client, expires_at=dt.datetime(2099, 1, 1, tzinfo=dt.UTC))
    with override_settings(PUSH={"poster": {}, "origins": []}):
        tasks.send_pushes()
    assert push_server.came == [], "switched off"
    tasks.send_pushes()
    assert len(push_server.came) == 1


# --- at the moment in which it is handed over ---
def test_what_is_being_handed_over_is_not_called_off(
    push_server: PushServer, subscribed: Subscribed, client: Client
) -> None:
    subscribed(Receiver(), "/1", client)
    push = queued(client, about="campaign:1")
    with transaction.atomic():
        [parcel] = pushing.claim(limit=1, now=NOW)
        other = Other(lambda: pushing.call_off(about="campaign:1", now=NOW))
        other.wait_or_end()
    assert other.end() == 0
    pushing.mark_submitted(key=parcel.key, now=NOW)
    push.refresh_from_db()
    assert (push.state, "push_expired" in kinds(push)) == (states.SUBMITTED, False)
