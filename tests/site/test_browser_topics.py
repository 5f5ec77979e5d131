"""Topics and places chosen in a browser: told by the same teller as e-mail and SMS, each notice once a browser."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals import incidents
from kindline.correspondence.models import Outgoing
from kindline.journal.models import Fact
from kindline.notifications.push_models import Push, PushAddress, PushSubscription
from kindline.notifications.topic_models import NoticeSource
from kindline.site import layout
from kindline.site.models import ItemPage, NewsPage
from kindline.site.subscribing import telling
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile
from tests.connectors.push.service import PushServer, Receiver
from tests.notifications.conftest import push_server
from tests.site.test_subscribing import outage

__all__ = ["push_server"]
pytestmark = pytest.mark.db
clause = pytest.mark.clause
KEYS = Receiver()


@pytest.fixture
def krc(site: Callable[[str], Profile], push_server: PushServer, settings: Any) -> Profile:
    """The site of krc, which sends neither letters nor messages: browsers alone are told."""
    settings.SITE_URL = "https://site.example"
    settings.MAIL, settings.SMS = {**settings.MAIL, "relay": {}}, {"gateway": {}}
    return site("krc")


@pytest.fixture
def noon(krc: Profile) -> dt.datetime:
    """Noon of tomorrow by the clock of the standard: after all that was chosen in the test."""
    today = timezone.now().astimezone(krc.zone).date() + dt.timedelta(days=1)
    return dt.datetime.combine(today, dt.time(12), krc.zone)


@pytest.fixture
def head(db: None) -> Employee:
    """Who opens incidents."""
    return Employee.objects.create(username="head", surname="Орлова", roles=[Role.SUPERVISOR])


def chosen(visitor: Browser, server: PushServer, path: str = "1", **more: Any) -> list[str]:
    """What a browser gets after its owner has pressed the button."""
    given = {"verb": "subscribe", "endpoint": f"{server.url}/to/{path}", "p256dh": KEYS.p256dh, "auth": KEYS.auth}
    wanted: list[str] = visitor.post("/notices/browser/", given | more).json()["wanted"]
    return wanted


def told() -> list[tuple[str, str]]:
    """Which browser was told what."""
    rows = Push.objects.order_by("pk").values_list("parts__address__endpoint", "title")
    return [(endpoint.rpartition("/")[2], title) for endpoint, title in rows]


@clause("krc-5.7.1-39")
def test_topics_are_offered_and_what_was_chosen_is_said(
    visitor: Browser, krc: Profile, push_server: PushServer
) -> None:
    page = visitor.get("/notices/").content.decode()
    assert 'name="topics" value="outages" checked' in page
    assert chosen(visitor, push_server, street="Лесная", topics=["outages"]) == ["Лесная: Outages and accidents"]
    assert chosen(visitor, push_server, topics=["news", "unheard_of"]) == [
        "Лесная: Outages and accidents", "all streets: News",
    ]  # fmt: skip
    assert chosen(visitor, push_server, street="Лесная")[0] == "all streets: News", "the last choice of a place holds"
    assert list(PushSubscription.objects.get(street="Лесная").topics) == ["outages", "tariffs", "news"]
    facts = Fact.objects.filter(kind="push_subscribed").order_by("pk")
    assert [fact.data["topics"] for fact in facts] == [["outages"], ["news"], ["outages", "tariffs", "news"]]


@clause("krc-5.7.1-39")
def test_an_outage_is_told_once_to_the_browsers_of_its_place_and_topic(
    visitor: Browser, krc: Profile, push_server: PushServer, head: Employee, noon: dt.datetime
) -> None:
    chosen(visitor, push_server, "both", street="Лесная", house="12", topics=["outages"])
    chosen(visitor, push_server, "both", street="Лесная", topics=["outages"])
    chosen(visitor, push_server, "all")
    chosen(visitor, push_server, "other", street="Садовая", topics=["outages"])
    chosen(visitor, push_server, "news", topics=["news"])
    outage(krc, head, noon)
    assert telling.sweep(profile=krc, now=noon) == 2
    assert told() == [("both", "Нет воды"), ("all", "Нет воды")]
    assert telling.sweep(profile=krc, now=noon + dt.timedelta(minutes=1)) == 0
    assert Fact.objects.get(kind="notices_told").data == {"topic": "outages", "told": 2}
    assert not Outgoing.objects.exists()


def test_it_waits_for_the_hours_and_is_not_told_once_it_is_over(
    visitor: Browser, krc: Profile, push_server: PushServer, head: Employee, noon: dt.datetime
) -> None:
    chosen(visitor, push_server)
    night = noon + dt.timedelta(hours=11)
    found = outage(krc, head, night)
    assert telling.sweep(profile=krc, now=night) == 0
    incidents.end_incident(incident=found, employee=head, now=night)
    assert telling.sweep(profile=krc, now=noon + dt.timedelta(days=1)) == 0
    outage(krc, head, noon)
    assert telling.sweep(profile=krc, now=noon + dt.timedelta(days=1)) == 1


@clause("krc-5.7.1-39", "krc-5.7.1-08")
def test_news_are_told_with_their_page(
    visitor: Browser, krc: Profile, push_server: PushServer, noon: dt.datetime
) -> None:
    layout.lay_out(profile=krc)
    holder = ItemPage.objects.get(slot="news_organisation")
    chosen(visitor, push_server, "news", topics=["news"])
    chosen(visitor, push_server, "outages", topics=["outages"])
    telling.sweep(profile=krc, now=noon)
    page = NewsPage(title="Новый график приёма", slug="new", date=noon.date(), body=[("text", "С понедельника.")])
    holder.add_child(instance=page)
    NewsPage.objects.filter(pk=page.pk).update(first_published_at=noon)
    assert telling.sweep(profile=krc, now=noon) == 1
    assert told() == [("news", "Новый график приёма")]
    text = Push.objects.get().text
    assert text.startswith("С понедельника.")
    assert f"https://site.example{page.url}" in text
    shown = visitor.get(f"/notices/{Push.objects.get().parts.get().code}/").content.decode()
    assert f'href="https://site.example{page.url}"' in shown


def test_who_chooses_after_it_was_seen_or_has_left_is_not_told(
    visitor: Browser, krc: Profile, push_server: PushServer, head: Employee, noon: dt.datetime
) -> None:
    with time_machine.travel(noon - dt.timedelta(days=1), tick=False):  # at night its turn comes in the morning
        chosen(visitor, push_server, "left")
        given = {"verb": "leave", "endpoint": f"{push_server.url}/to/left"}
        visitor.post("/notices/browser/", given)
        outage(krc, head, timezone.now())
        telling.sweep(profile=krc, now=timezone.now() - dt.timedelta(hours=1))
        chosen(visitor, push_server, "late")
    assert telling.sweep(profile=krc, now=noon) == 0
    assert not Push.objects.exists()
    assert PushAddress.objects.filter(ended_at=None).count() == 1


def test_many_browsers_are_told_batch_by_batch_each_once(
    visitor: Browser, krc: Profile, push_server: PushServer, head: Employee, noon: dt.datetime, monkeypatch: Any
) -> None:
    for name in "abc":
        chosen(visitor, push_server, name)
    monkeypatch.setattr(telling, "BATCH", 2)
    outage(krc, head, noon)
    assert [telling.sweep(profile=krc, now=noon) for _ in range(3)] == [2, 1, 0]
    assert [name for name, _title in told()] == ["a", "b", "c"]
    assert NoticeSource.objects.get().told == 3
