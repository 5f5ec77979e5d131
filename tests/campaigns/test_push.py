"""Campaigns by push notice: first for who prefers it, the next way when no browser shows it, browsers by place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from kindline.campaigns import actions, audience, following, queries, reading_reminders, writing
from kindline.campaigns.audience import Asked
from kindline.campaigns.models import Campaign
from kindline.clients import wishes
from kindline.clients.models import Client
from kindline.notifications import browsers, pushing
from kindline.notifications.browsers import Place
from kindline.notifications.models import Push, Sms
from kindline.notifications.push_models import PushPart
from kindline.readings.models import ReadingReminder
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from tests.campaigns.conftest import NOW
from tests.connectors.push.service import PushServer, Receiver
from tests.notifications.conftest import Subscribed, push_server, send, subscribed
from tests.readings.conftest import Household, household

__all__ = ["household", "push_server", "subscribed"]
pytestmark = pytest.mark.db(transaction=True)
clause = pytest.mark.clause
Made = Callable[..., Campaign]
Person = Callable[..., Client]
HALF = dt.timedelta(minutes=31)


@pytest.fixture(autouse=True)
def gateway(settings: Any) -> None:
    """A gateway is set; nobody asks it."""
    settings.SMS = {"gateway": {"class": "not.asked"}}


def follow(krc: Profile, now: dt.datetime = NOW) -> None:
    """Campaigns hear the news."""
    while following.follow(profile=krc, now=now):
        continue


def started(campaign: Campaign, supervisor: Employee, **asked: str) -> Campaign:
    """A campaign with those asked for, started."""
    actions.fill(campaign=campaign, asked=Asked(**asked), country="RU", employee=supervisor, now=NOW)
    return actions.start_campaign(campaign=campaign, employee=supervisor, now=NOW)


def preferring(client: Client, *ways: str) -> Client:
    """The client as he wants to be told, by these ways."""
    fresh = Client.objects.get(pk=client.pk)
    return wishes.set_ways(
        client=fresh, ways=ways, notices=fresh.notices, via="account", employee_id=None, actor="client", now=NOW
    )


@clause("krc-5.7.1-39", "krc-2-42")
def test_push_is_the_first_way_and_sms_the_next(
    person: Person, message: Made, krc: Profile, supervisor: Employee, push_server: PushServer, subscribed: Subscribed
) -> None:
    seeing, dead, none = (person(f"+7927000000{n}") for n in (1, 2, 3))
    receiver = Receiver()
    subscribed(receiver, "/seeing", preferring(seeing, "push"))
    subscribed(Receiver(), "/dead", preferring(dead, "push", "sms"))
    push_server.answer("/dead", (410, {}))
    campaign = started(message(start=False, ways=["sms", "push"]), supervisor, street="Лесная")
    ways = {one.client_id: one.ways for one in campaign.targets.all()}
    assert ways == {seeing.pk: ["push", "sms"], dead.pk: ["push", "sms"], none.pk: ["sms"]}
    assert writing.write_due(profile=krc, now=NOW) == 3
    assert (Push.objects.count(), Sms.objects.count()) == (2, 1)
    assert send() == 2
    (told,) = [receiver.opened(one.body).decode() for one in push_server.came if one.path == "/seeing"]
    assert campaign.title in told
    assert campaign.text in told
    pushing.note_shown(code=str(PushPart.objects.get(state="submitted").code), now=NOW)
    follow(krc)
    targets = {one.client_id: one for one in campaign.targets.all()}
    assert (targets[seeing.pk].state, targets[seeing.pk].way) == ("reached", "push")
    assert (targets[dead.pk].state, targets[dead.pk].way) == ("waiting", "sms")
    assert ("push", "reached", "delivered", 1) in queries.by_way(campaign)
    assert writing.write_due(profile=krc, now=NOW) == 1
    assert set(Sms.objects.values_list("phone", flat=True)) == {"+79270000002", "+79270000003"}


def test_a_notice_that_no_browser_shows_is_followed_by_the_next_way(
    person: Person, message: Made, krc: Profile, supervisor: Employee, subscribed: Subscribed
) -> None:
    subscribed(Receiver(), "/off", person("+79270000001"))
    campaign = started(message(start=False, ways=["push", "sms"]), supervisor, street="Лесная")
    writing.write_due(profile=krc, now=NOW)
    assert writing.sweep(profile=krc, now=NOW + HALF) == 0, "it still waits here"
    send()
    follow(krc)
    assert writing.sweep(profile=krc, now=NOW) == 0
    assert writing.sweep(profile=krc, now=NOW + HALF) == 1
    assert (campaign.targets.get().way, campaign.targets.get().state) == ("sms", "waiting")
    pushing.note_shown(code=str(PushPart.objects.get().code), now=NOW + HALF)
    follow(krc, NOW + HALF)
    assert (campaign.targets.get().way, campaign.targets.get().state) == ("push", "reached"), "shown after all"


@clause("krc-5.7.1-39")
def test_who_has_subscribed_to_a_place_in_a_browser_is_told_without_an_account(
    person: Person, message: Made, krc: Profile, supervisor: Employee, push_server: PushServer, subscribed: Subscribed
) -> None:
    person("+79270000001")
    here, there = Receiver(), Receiver()
    address = subscribed(here, "/here", place=Place("Лесная", "12а"))
    subscribed(there, "/there", place=Place("Мира"))
    campaign = started(message(start=False, ways=["push"]), supervisor, street="лесная", subscribed="1")
    target = campaign.targets.get()
    assert (target.browser_id, target.phone, target.ways) == (address.pk, "", ["push"])
    again = audience.gather(campaign=campaign, asked=Asked(street="лесная"), country="RU")
    assert again.reasons == {"no_way": 1, "duplicate": 1}
    assert writing.write_due(profile=krc, now=NOW) == 1
    send()
    assert [one.path for one in push_server.came] == ["/here"]
    everybody = audience.gather(campaign=message(start=False, ways=["push"]), asked=Asked(subscribed="1"), country="RU")
    assert len(everybody.people) == 2
    by_account = audience.gather(campaign=campaign, asked=Asked(accounts="1", subscribed="1"), country="RU")
    assert by_account.people == []


def test_a_browser_that_left_meanwhile_and_push_switched_off(
    person: Person, message: Made, krc: Profile, supervisor: Employee, subscribed: Subscribed, settings: Any
) -> None:
    address = subscribed(Receiver(), "/here", place=Place("Лесная"))
    campaign = started(message(start=False, ways=["push"]), supervisor, street="Лесная")
    browsers.leave(address=address, now=NOW)
    writing.write_due(profile=krc, now=NOW)
    assert (campaign.targets.get().state, campaign.targets.get().outcome) == ("not_reached", "bad_address")
    subscribed(Receiver(), "/2", person("+79270000001"))
    off = started(message(start=False, ways=["push"]), supervisor, street="Лесная", accounts="")
    settings.PUSH = {"poster": {}, "origins": []}
    writing.write_due(profile=krc, now=NOW)
    assert {one.outcome for one in off.targets.all()} == {"no_push"}


def test_a_stopped_campaign_sends_nothing_more(
    person: Person, message: Made, krc: Profile, supervisor: Employee, push_server: PushServer, subscribed: Subscribed
) -> None:
    subscribed(Receiver(), "/1", person("+79270000001"))
    campaign = started(message(start=False, ways=["push"]), supervisor, street="Лесная")
    writing.write_due(profile=krc, now=NOW)
    actions.stop_campaign(campaign=campaign, employee=supervisor, now=NOW)
    assert send() == 0
    assert push_server.came == []


def test_a_reading_that_is_due_is_told_by_push(
    household: Household, push_server: PushServer, subscribed: Subscribed
) -> None:
    receiver = Receiver()
    subscribed(receiver, "/1", household.account.client)
    day = dt.datetime(2026, 3, 20, 9, 0, tzinfo=dt.UTC)
    assert reading_reminders.sweep(profile=household.profile, now=day) == 1
    assert ReadingReminder.objects.get().way == "push"
    send(day)
    (told,) = push_server.told(receiver)
    assert "1234567" in told["body"]
    assert told["title"]
